// Leaving at once, and hiding what the page is about.
import { adopt } from "./kit";

/** Replaces the page by the neutral one: « back » cannot return to it. What stands here is hidden before that. */
export function leave(site: string): void {
  document.title = " ";
  adopt(document, "html{display:none!important}");
  try {
    // In a frame, the page around it is the one to leave.
    (window.top ?? window).location.replace(site);
  } catch {
    location.replace(site);
  }
}

const PRESSES = 3;
const BETWEEN = 5_000;

/**
 * Calls `done` when Shift alone was pressed three times, with less than five seconds between two.
 * @param tell is told how many presses are left.
 */
export function onThreeShifts(active: () => boolean, tell: (left: number) => void, done: () => void): void {
  let count = 0;
  let alone = false;
  let last = 0;
  addEventListener("keydown", (event) => {
    alone = event.key === "Shift";
    // A capital letter is no press.
    if (!alone) count = 0;
  }, true);
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone || !active()) return;
    count = event.timeStamp - last < BETWEEN ? count + 1 : 1;
    last = event.timeStamp;
    if (count < PRESSES) tell(PRESSES - count);
    else done();
  }, true);
}

let before: { title: string; icons: [Element, string][]; mine: HTMLLinkElement } | null = null;

/** Gives the tab a neutral title and icon, or its own ones back. */
export function disguise(on: boolean): void {
  if (on && !before) {
    const mine = document.createElement("link");
    mine.rel = "icon";
    // A blank sheet. A policy that refuses data: images leaves the tab without an icon, which is as neutral.
    mine.href = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23888' "
      + "d='M3 1h7l3 3v11H3z'/%3E%3C/svg%3E";
    const icons = [...document.querySelectorAll("link[rel~=icon]")].map((node): [Element, string] =>
      [node, node.getAttribute("rel") ?? ""]);
    icons.forEach(([node]) => node.removeAttribute("rel"));
    before = { title: document.title, icons, mine };
    document.title = "Notes";
    document.head.append(mine);
  } else if (!on && before) {
    document.title = before.title;
    before.icons.forEach(([node, rel]) => node.setAttribute("rel", rel));
    before.mine.remove();
    before = null;
  }
}
