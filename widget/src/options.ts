// What the button and the chat agree on.
import type { Kit } from "./kit";

/** How the page set the chat up. `server` ends with a slash; `exit` is the neutral site to leave to. */
export interface Options { server: string; exit: string; text: string; left: boolean; inline: boolean }

/** The open chat, for the button. `byHand`: the person asked for it, so the focus may move. */
export interface Chat { show(byHand: boolean): void }

export interface ChatModule { mount(root: ShadowRoot, options: Options, launcher: HTMLElement, kit: Kit): Chat }

/** Where a conversation is kept in sessionStorage, if the person wants it. */
export const KEPT = "boussole";
