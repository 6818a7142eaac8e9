// From the server's texts to nodes.
import { dial, h, link } from "./kit";
import type { Service, Step } from "./messages";
import { remind } from "./keep";

const LINKS = /(tél\. |SMS au )(\+?\d[\d ]*\d)|https:\/\/[!-~]*[\w/]/g;

/** Keeps French punctuation with the word before it. */
const tied = (text: string): string => text.replace(/ ([:;?!»])/g, "\u00a0$1").replace(/« /g, "«\u00a0");

/** Returns `text` with its addresses, and the numbers that it says how to use, as links. */
export function withLinks(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const found of text.matchAll(LINKS)) {
    const [whole, how, number] = found;
    parts.push(tied(text.slice(end, found.index)), how ?? "");
    if (how && number) parts.push(link(dial(how === "tél. " ? "tel" : "sms", number), number));
    else parts.push(link(whole, shown(whole)));
    end = found.index + whole.length;
  }
  return [...parts, tied(text.slice(end))];
}

/** Returns an address as people read it; its whole is in the link. */
function shown(address: string): string {
  const { hostname, pathname } = new URL(address);
  return hostname.replace(/^www\./, "") + (pathname.length > 1 ? "/…" : "");
}

/** Returns paragraphs, and a list where lines begin with « • ». */
export function paragraphs(text: string): HTMLElement[] {
  const made: HTMLElement[] = [];
  for (const line of text.split("\n").filter(Boolean)) {
    const item = line.startsWith("• ");
    const last = made[made.length - 1];
    if (!item) made.push(h("p", {}, ...withLinks(line)));
    else if (last?.tagName === "UL") last.append(h("li", {}, ...withLinks(line.slice(2))));
    else made.push(h("ul", {}, h("li", {}, ...withLinks(line.slice(2)))));
  }
  return made;
}

// Steps that nobody should have to unfold.
const OPEN = ["urgence", "prevention_suicide", "ne_pas_payer"];

/** Makes the plan: one card for each step, in order. Numbers to call stay in view, the rest unfolds. */
export function planCards(steps: Step[]): HTMLElement {
  const seen = new Set<string>();
  return h("ol", { class: "plan" }, ...steps.map((step, index) => {
    const services = step.services ?? [];
    // A number stays in view on the first card that has it, and on the one that is about it; on each, it would be noise.
    const direct = services.filter(({ tel, sms }) => {
      const number = tel || sms;
      return number && (!seen.has(number) || step.titre?.includes(number)) && seen.add(number);
    });
    const others = services.filter((service) => !direct.includes(service));
    return h("li", { class: step.id && OPEN.includes(step.id) ? "urgent" : false },
      h("details", { open: index === 0 || OPEN.includes(step.id ?? "") },
        h("summary", {}, h("h3", {}, `${index + 1}. ${step.titre ?? ""}`,
          step.certain === false && h("span", { class: "tag" }, " peut-être")),
          step.echeance ? h("span", { class: "tag due" }, `Échéance : ${longDate(step.echeance)}`) : null),
        ...paragraphs(step.texte ?? ""),
        others.length > 0 && h("ul", { class: "services" }, ...others.map(serviceLine)),
        h("p", { class: "why" }, step.pourquoi ?? "")),
      direct.length > 0 && h("ul", { class: "services" }, ...direct.map(serviceLine)),
      !!step.echeance && h("button", { type: "button", class: "small", click: () => remind(step.echeance ?? "") },
        "Ajouter un rappel à mon agenda"));
  }));
}

function serviceLine(service: Service): HTMLElement {
  const name = service.nom ?? "";
  const state = service.ouverture
    ? h("span", { class: service.ouvert ? "tag on" : "tag" }, service.ouverture)
    : h("span", { class: "hours" }, service.horaires ?? "");
  return h("li", {},
    h("span", {}, service.url ? link(service.url, name) : name, " ", state),
    service.tel ? h("a", { class: "call", href: dial("tel", service.tel) }, `Appeler le ${service.tel}`) : null,
    service.sms ? h("a", { class: "call", href: dial("sms", service.sms) }, `SMS au ${service.sms}`) : null);
}

/** Returns a day as French people write it; what is no day stays as it is. */
function longDate(day: string): string {
  const date = new Date(`${day}T12:00:00Z`);
  return isNaN(+date) ? day : date.toLocaleDateString("fr-FR", { day: "numeric", month: "long", year: "numeric" });
}
