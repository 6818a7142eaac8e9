// What the person may take along: built here, sent nowhere, with names that say nothing.
import { adopt, h } from "./kit";

/** Offers `text` as a file to download. */
export function download(name: string, type: string, text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  h("a", { href, download: name }).click();
  // Browsers read the file after the click.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Offers a reminder for `day` (YYYY-MM-DD) to put into any calendar. It says « Rappel » and nothing else. */
export function remind(day: string): void {
  const date = day.replace(/-/g, "");
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  download("rappel.ics", "text/calendar", [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rappel//FR", "BEGIN:VEVENT", `UID:${stamp}-${date}@rappel`,
    `DTSTAMP:${stamp}`, `DTSTART;VALUE=DATE:${date}`, "SUMMARY:Rappel", "TRANSP:TRANSPARENT",
    "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Rappel", "TRIGGER:PT9H", "END:VALARM",
    "END:VEVENT", "END:VCALENDAR", "",
  ].join("\r\n"));
}

const AWAY = "data-boussole-away";
let printSheet: unknown = null;

/** Prints what `root` shows for print, without the page around it. */
export function print(root: ShadowRoot): void {
  printSheet ??= adopt(document, `@media print{[${AWAY}]{display:none!important}}`);
  const away: Element[] = [];
  for (let node: Element | null = root.host; node && node !== document.body; node = node.parentElement) {
    for (const other of node.parentElement?.children ?? []) if (other !== node) away.push(other);
  }
  const folded = [...root.querySelectorAll("details:not([open])")];
  away.forEach((node) => node.setAttribute(AWAY, ""));
  folded.forEach((node) => node.setAttribute("open", ""));
  addEventListener("afterprint", () => {
    away.forEach((node) => node.removeAttribute(AWAY));
    folded.forEach((node) => node.removeAttribute("open"));
  }, { once: true });
  window.print();
}
