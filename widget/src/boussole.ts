// What every page of the site loads: the button, and the numbers in case the rest cannot come. The chat itself is
// another file, loaded when the button is pressed.
import css from "./launcher.css";
import { adopt, dial, h, icon, link, spoken } from "./dom";
import { numberBar, numberList } from "./numbers";
import { KEPT, type Chat, type ChatModule, type Options } from "./options";

declare const CHAT_PART: string;

const script = document.currentScript as HTMLScriptElement | null;
const HERE = script?.src || location.href;
const TAG = "boussole-chat";
const COMPASS = "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm4.5 3.5-6 3-3 6 6-3z";

/**
 * `<boussole-chat>`: the chat, as a button that opens it, or in place with mode="inline".
 * Attributes: server, color (#rrggbb), position (right, left), label, text, exit (https), open, mode (docs/widget.md).
 */
class BoussoleChat extends HTMLElement {
  private _chat: Promise<Chat> | null = null;
  private _tries = 0;
  private readonly _launcher = h("button", {
    type: "button", class: "launcher", "aria-expanded": "false", "aria-haspopup": "dialog", click: () => void this.open(),
  });
  private _fallback: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    adopt(root, css + theme(this.getAttribute("color")));
    const inline = this.getAttribute("mode") === "inline";
    this.setAttribute("lang", "fr");
    if (!inline) {
      const label = this.getAttribute("label") || "Besoin d’aide ?";
      this._launcher.append(icon(COMPASS), h("span", {}, label), spoken(" Ouvrir Boussole, l’assistant cyberharcèlement"));
      this._launcher.classList.toggle("left", this.getAttribute("position") === "left");
      root.append(this._launcher);
    }
    if (inline || this.hasAttribute("open") || kept()) void this.open(false);
  }

  /** Opens the chat, loading it first; when it cannot come, shows the numbers. */
  async open(byHand = true): Promise<void> {
    this._launcher.setAttribute("aria-busy", "true");
    try {
      this._chat ??= this._load();
      const chat = await this._chat;
      this._fallback?.remove();
      chat.show(byHand);
    } catch {
      this._chat = null;
      this._showNumbers(byHand);
    } finally {
      this._launcher.removeAttribute("aria-busy");
    }
  }

  private async _load(): Promise<Chat> {
    // A browser may remember that an address failed: each new try has its own.
    const again = this._tries++ ? `?${this._tries}` : "";
    const part = (await import(new URL(CHAT_PART + again, HERE).href)) as ChatModule;
    const kit = { adopt, dial, h, icon, link, spoken, numberBar, numberList };
    return part.mount(this.shadowRoot as ShadowRoot, this._options(), this._launcher, kit);
  }

  private _options(): Options {
    const exit = this.getAttribute("exit") || "";
    return {
      server: new URL(this.getAttribute("server") || ".", HERE).href.replace(/\/*$/, "/"),
      exit: exit.startsWith("https://") ? exit : "https://meteofrance.com/",
      text: this.getAttribute("text") || "",
      left: this.getAttribute("position") === "left",
      inline: this.getAttribute("mode") === "inline",
    };
  }

  private _showNumbers(byHand: boolean): void {
    this._fallback?.remove();
    const close = (): void => {
      this._fallback?.remove();
      this._launcher.focus();
    };
    const retry = h("button", { type: "button", click: () => void this.open() }, "Réessayer");
    this._fallback = h("section", {
      class: "fallback", role: "dialog", "aria-label": "Numéros d’urgence",
      keydown: (event) => { if ((event as KeyboardEvent).key === "Escape") close(); },
    },
      h("p", { role: "alert" }, "Boussole n’est pas joignable pour l’instant. Ces services, eux, répondent :"),
      numberList(), retry, h("button", { type: "button", click: close }, "Fermer"));
    this.shadowRoot?.append(this._fallback);
    if (byHand) retry.focus();
  }
}

/** Returns the style rule for the site's own colour, with black or white on it, whichever reads better. */
function theme(color: string | null): string {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(color || "");
  if (!hex) return "";
  const [red, green, blue] = hex.slice(1).map((part) => {
    const light = parseInt(part, 16) / 255;
    return light <= 0.03928 ? light / 12.92 : ((light + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  // Above this luminance black has the better contrast of the two (WCAG 2: equal at 0.179).
  const onIt = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
  return `:host{--accent:${hex[0]}!important;--on-accent:${onIt}!important}`;
}

function kept(): boolean {
  try {
    return sessionStorage.getItem(KEPT) !== null;
  } catch {
    return false;
  }
}

if (!customElements.get(TAG)) {
  customElements.define(TAG, BoussoleChat);
  const place = (): void => {
    // The one line is enough: a page that has no element of its own gets one.
    if (document.querySelector(TAG)) return;
    const { server, color, position, label, text, exit } = script?.dataset ?? {};
    document.body.append(h(TAG as "div", { server, color, position, label, text, exit }));
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", place);
  else place();
}
