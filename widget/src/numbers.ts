// The emergency numbers. They stand in the script itself, so that they are there when the server is not.
// tests/browser checks them against knowledge/services.yml.
import { dial, h } from "./dom";

interface Line { number: string; scheme: "tel" | "sms"; short: string; what: string }

const LINES: Line[] = [
  { number: "17", scheme: "tel", short: "police", what: "police et gendarmerie, danger immédiat" },
  { number: "112", scheme: "tel", short: "urgence", what: "urgence, partout en Europe" },
  { number: "114", scheme: "sms", short: "par SMS", what: "urgence par SMS, quand parler est impossible" },
  { number: "15", scheme: "tel", short: "SAMU", what: "SAMU, blessure ou malaise" },
  { number: "3114", scheme: "tel", short: "24 h/24", what: "idées de mort, jour et nuit" },
  { number: "119", scheme: "tel", short: "enfance", what: "enfant en danger, jour et nuit" },
  { number: "3018", scheme: "tel", short: "jeunes", what: "harcèlement en ligne, de 9 h à 23 h" },
];
// Those of the bar that is always there; the others are one touch further.
const BAR = ["17", "114", "3114", "3018"];

const call = (line: Line): string => (line.scheme === "sms" ? "Écrire au" : "Appeler le");

/** Makes the whole list, each number with what it is for. */
export function numberList(props: Record<string, string | boolean> = {}): HTMLElement {
  return h("ul", { class: "numbers", ...props }, ...LINES.map((line) =>
    h("li", {}, h("a", { href: dial(line.scheme, line.number) },
      `${call(line)} ${line.number}`, h("span", {}, line.what)))));
}

/** Makes the short links of the bar. */
export function numberBar(): HTMLElement[] {
  return LINES.filter((line) => BAR.includes(line.number)).map((line) =>
    h("a", { href: dial(line.scheme, line.number), "aria-label": `${line.number} ${line.short} : ${line.what}` },
      h("b", {}, line.number), " ", h("span", {}, line.short)));
}
