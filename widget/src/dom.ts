// Building the page: nodes and texts only. Nothing here, or anywhere in the widget, parses HTML.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | boolean | null | undefined | ((event: Event) => void)>;

/**
 * Makes an element.
 * @param props attributes (false and null leave one out, true sets it empty); a function listens to the event of its name.
 * @param children nodes, or texts that stay texts.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, props: Props = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (typeof value === "string") element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** Makes an icon that says nothing by itself, from the path of a 24 × 24 drawing. */
export function icon(path: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(space, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

/** Makes a text that only screen readers say. */
export const spoken = (text: string): HTMLElement => h("span", { class: "vh" }, text);

/**
 * Gives `root` a style sheet; a strict Content-Security-Policy allows it, as no style is written into the page.
 * @returns the sheet, whose text can be replaced.
 */
export function adopt(root: ShadowRoot | Document, css: string): { replaceSync(text: string): void } {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return sheet;
  } catch {
    // Safari before 16.4 has no such sheets.
    const style = h("style", {}, css);
    (root instanceof Document ? root.head : root).append(style);
    return { replaceSync: (text) => { style.textContent = text; } };
  }
}

const SCHEMES = ["https:", "tel:", "sms:", "mailto:"];

/** Returns `address` when it may become a link, else null: `javascript:`, `data:`, `http:` and what is no address may not. */
export function safeUrl(address: unknown): string | null {
  try {
    const url = new URL(String(address));
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Makes a link, or only its text when the address may not be one; another site opens in another tab, and says so. */
export function link(address: unknown, text: string, props: Props = {}): HTMLElement | string {
  const href = safeUrl(address);
  if (!href) return text;
  if (!href.startsWith("https:")) return h("a", { href, ...props }, text);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", ...props }, text, spoken(" (nouvel onglet)"));
}

/** Returns the link to call or write to a number as people write it. */
export const dial = (scheme: "tel" | "sms", number: string): string => `${scheme}:${number.replace(/[^\d+]/g, "")}`;
