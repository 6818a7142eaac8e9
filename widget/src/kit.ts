// What the chat borrows from the button's script, rather than carry it a second time.
import type * as dom from "./dom";
import type * as numbers from "./numbers";

export type Kit = Pick<typeof dom, "adopt" | "dial" | "h" | "icon" | "link" | "spoken">
  & Pick<typeof numbers, "numberBar" | "numberList">;

export let adopt: Kit["adopt"];
export let dial: Kit["dial"];
export let h: Kit["h"];
export let icon: Kit["icon"];
export let link: Kit["link"];
export let spoken: Kit["spoken"];
export let numberBar: Kit["numberBar"];
export let numberList: Kit["numberList"];

/** Takes the tools; to be called before anything is made with them. */
export function borrow(kit: Kit): void {
  ({ adopt, dial, h, icon, link, spoken, numberBar, numberList } = kit);
}
