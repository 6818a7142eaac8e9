// The open chat: the panel, and the conversation in it.
import css from "./chat.css";
import { disguise, leave, onThreeShifts } from "./exit";
import { download, print } from "./keep";
import { adopt, borrow, h, icon, numberBar, numberList, spoken, type Kit } from "./kit";
import { answers, pieces, type Choice, type Message, type Piece } from "./messages";
import { deliver, draw, forget, forgetLeaving, type Progress, type Said } from "./network";
import { KEPT, type Chat, type Options } from "./options";
import { paragraphs, planCards } from "./render";

/** A question as it was asked, to ask it again when its answer is to change. */
interface Asked { text: string; choices: Choice[] }
/** What was said so far: by the person (with the question that it answers), or by the bot. */
type Entry = { me: string; said: Said; asked?: Asked | undefined } | { bot: Message[] };
interface Kept { sender: string; entries: Entry[] }

const STARTERS = [
  "On m’insulte ou on se moque de moi en ligne",
  "Mon enfant est harcelé en ligne",
  "On menace de publier mes photos",
  "Un ami est harcelé en ligne",
];
const CLOSE = "M6 4.6 12 10.6 18 4.6 19.4 6 13.4 12 19.4 18 18 19.4 12 13.4 6 19.4 4.6 18 10.6 12 4.6 6z";
const MENU = "M3 5h18v2H3zm0 6h18v2H3zm0 6h18v2H3z";
const LIMITS = "« Quitter vite », ou trois fois la touche Maj, cache cette page, efface la conversation ici et sur le "
  + "serveur, et ouvre un site neutre. L’historique du navigateur garde les pages vues avant celle-ci, et un logiciel de "
  + "surveillance peut avoir vu l’écran. La navigation privée laisse moins de traces.";

/** Puts the chat into `root` and returns it; it stays hidden until it is shown. */
export function mount(root: ShadowRoot, options: Options, launcher: HTMLElement, kit: Kit): Chat {
  borrow(kit);
  return new Panel(root, options, launcher);
}

class Panel implements Chat {
  private _sender = draw();
  private _entries: Entry[] = [];
  private _pending: Asked | undefined;
  private readonly _waiting: Extract<Entry, { me: string }>[] = [];
  private _sending = false;
  private _stop = new AbortController();
  private _consent = false;

  private readonly _list = h("ol");
  private readonly _log = h("div", { class: "log", role: "log", "aria-label": "Conversation", tabindex: "0" }, this._list);
  private readonly _status = h("p", { class: "status", role: "status" });
  private readonly _title = h("h2", { id: "title", tabindex: "-1" }, "Boussole");
  private readonly _input = h("textarea", {
    id: "words", rows: "1", maxlength: "5000", autocomplete: "off", "aria-describedby": "hint", enterkeyhint: "send",
    keydown: (event) => this._onKey(event as KeyboardEvent), input: () => this._grow(),
  });
  private readonly _all = numberList({ id: "numbers", hidden: true });
  private readonly _allButton = toggle("Tous les numéros", this._all, { class: "more" });
  private readonly _menu = this._makeMenu();
  private readonly _menuButton = toggle("", this._menu, { class: "icon", "aria-label": "Options" }, icon(MENU));
  private readonly _panel = this._makePanel();
  private readonly _screen: { replaceSync(text: string): void };

  constructor(private readonly _root: ShadowRoot, private readonly _options: Options, private readonly _launcher: HTMLElement) {
    adopt(_root, css);
    this._screen = adopt(_root, "");
    _root.append(this._panel);
    onThreeShifts(
      () => !this._panel.hidden,
      (left) => this._say(left > 1 ? "" : "Encore une fois Maj pour quitter la page."),
      () => this._exit(),
    );
    visualViewport?.addEventListener("resize", () => this._fit());
    visualViewport?.addEventListener("scroll", () => this._fit());
    addEventListener("online", () => this._status.querySelector("button")?.click());
  }

  show(byHand: boolean): void {
    this._panel.hidden = false;
    this._launcher.hidden = true;
    this._launcher.setAttribute("aria-expanded", "true");
    this._fit();
    // On a phone, writing would open the keyboard over half of the screen before anything is read.
    if (byHand) (matchMedia("(pointer: coarse)").matches ? this._title : this._input).focus();
    // A log speaks of what comes after it stands: the welcome comes then.
    if (!this._list.childElementCount) setTimeout(() => this._restore() || this._welcome());
  }

  private _hide(): void {
    this._panel.hidden = true;
    this._launcher.hidden = false;
    this._launcher.setAttribute("aria-expanded", "false");
    this._launcher.focus();
  }

  // --- the panel

  private _makePanel(): HTMLElement {
    const { inline, left } = this._options;
    const exit = h("button", { type: "button", class: "exit", click: () => this._exit() }, "Quitter vite");
    return h("section", {
      class: `panel${inline ? " inline" : ""}${left ? " left" : ""}`, hidden: true, lang: "fr",
      role: inline ? "region" : "dialog", "aria-labelledby": "title", keydown: (event) => this._onPanelKey(event as KeyboardEvent),
    },
      h("header", {}, this._title, exit, this._menuButton, !inline && h("button", {
        type: "button", class: "icon", "aria-label": "Fermer la fenêtre", click: () => this._hide(),
      }, icon(CLOSE))),
      this._menu,
      h("div", { class: "sos", role: "group", "aria-label": "Numéros d’urgence" }, ...numberBar(), this._allButton),
      this._all,
      this._log,
      this._status,
      h("form", { submit: (event) => { event.preventDefault(); this._submit(); } },
        h("p", {}, h("label", { for: "words" }, "Votre message"), " ",
          h("span", { id: "hint" }, "Ne donnez ni nom ni adresse.")),
        this._input,
        h("button", { type: "submit", class: "main" }, "Envoyer")));
  }

  private _makeMenu(): HTMLElement {
    const entry = (text: string, click: () => void): HTMLElement =>
      h("li", {}, h("button", { type: "button", click: () => { this._closeMenu(); click(); } }, text));
    const pressed = (text: string, change: (on: boolean) => void): HTMLElement => {
      const button = h("button", { type: "button", "aria-pressed": "false", click: () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        change(on);
      } }, text);
      return h("li", {}, button);
    };
    return h("div", { id: "menu", class: "menu", hidden: true }, h("ul", {},
      entry("Voir le plan tel qu’il est", () => this._send("Voir le plan", "/resume")),
      entry("Parler à quelqu’un", () => this._send("Parler à quelqu’un", "/parler_a_quelquun")),
      entry("Recommencer", () => this._send("Recommencer", "/recommencer")),
      entry("Enregistrer la conversation (texte)", () => download("notes.txt", "text/plain", this._transcript())),
      entry("Tout effacer, ici et sur le serveur", () => void this._erase()),
      pressed("Mode discret : titre et icône neutres", (on) => this._disguise(on)),
      pressed("Garder la conversation si je change de page", (on) => this._agree(on))),
    h("p", {}, LIMITS));
  }

  private _closeMenu(): void {
    if (this._menu.hidden) return;
    fold(this._menuButton);
  }

  private _onPanelKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (!this._menu.hidden) this._closeMenu();
      else if (!this._all.hidden) fold(this._allButton);
      else if (!this._options.inline) this._hide();
    }
    // Over the whole screen, what is behind cannot be seen: the focus stays.
    if (event.key === "Tab" && this._panel.getAttribute("aria-modal")) {
      const stops = [...this._panel.querySelectorAll<HTMLElement>("a[href],button,textarea,summary,[tabindex='0']")]
        .filter((node) => node.getClientRects().length);
      const [first, last] = [stops[0], stops[stops.length - 1]];
      const at = this._root.activeElement;
      if (event.shiftKey ? at === first || at === this._title : at === last) {
        event.preventDefault();
        (event.shiftKey ? last : first)?.focus();
      }
    }
  }

  /** Keeps the whole panel, and so the way out, in the part of a phone's screen that its keyboard leaves free. */
  private _fit(): void {
    const view = visualViewport;
    const whole = !this._options.inline && matchMedia("(max-width: 30em)").matches;
    if (whole) this._panel.setAttribute("aria-modal", "true");
    else this._panel.removeAttribute("aria-modal");
    this._screen.replaceSync(whole && view && view.scale === 1
      ? `.panel{height:${view.height}px!important;top:${view.offsetTop}px!important}` : "");
  }

  private _disguise(on: boolean): void {
    disguise(on);
    this._panel.classList.toggle("discreet", on);
    this._title.textContent = on ? "Notes" : "Boussole";
  }

  // --- what the person does

  private _onKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this._submit();
  }

  private _submit(): void {
    const text = this._input.value.trim();
    this._input.focus();
    if (!text) return;
    this._input.value = "";
    this._grow();
    this._send(text, text);
  }

  private _grow(): void {
    // As many lines as were written, up to four: without any style in the page.
    this._input.rows = Math.min(4, 1 + (this._input.value.match(/\n|.{38}/g) ?? []).length);
  }

  /** Says `payload`, shown as `text`. `asked` is the question that it answers, if any. */
  private _send(text: string, payload: string, asked?: Asked): void {
    const entry = { me: text, said: { id: draw(), payload }, asked };
    this._entries.push(entry);
    this._showMine(entry);
    this._waiting.push(entry);
    this._keep();
    void this._deliverAll();
  }

  private async _deliverAll(): Promise<void> {
    if (this._sending) return;
    this._sending = true;
    const { signal } = this._stop;
    for (let entry = this._waiting[0]; entry; entry = this._waiting[0]) {
      this._say("Boussole écrit…", "typing");
      const answer = await deliver(this._options.server, this._sender, entry.said, signal, (how) => this._tell(how));
      if (signal.aborted) return;
      if (!answer) {
        this._fail();
        break;
      }
      this._waiting.shift();
      this._say("");
      this._entries.push({ bot: answer });
      this._showAnswer(answer);
      this._keep();
    }
    this._sending = false;
  }

  private _tell(how: Progress): void {
    if (typeof how === "object") this._say(how.busy);
    else if (how === "slow") this._say("La réponse tarde, le réseau est lent. Votre message est gardé.", "typing");
    else this._say("La connexion est coupée ou le serveur ne répond pas. Nouvel essai dans un instant, votre message est gardé.");
  }

  private _fail(): void {
    const retry = h("button", { type: "button", class: "small", click: () => {
      this._input.focus();
      void this._deliverAll();
    } }, "Réessayer");
    this._say("Votre message n’est pas parti, mais il est gardé. Les services d’urgence, eux, répondent.");
    this._status.append(retry);
    this._all.hidden = false;
    this._allButton.setAttribute("aria-expanded", "true");
  }

  // --- the conversation

  private _welcome(): void {
    const { text } = this._options;
    const choices = STARTERS.map((title) => ({ title, payload: title }));
    const shown = this._bubble(
      h("p", {}, "Bonjour. Boussole est un programme, pas une personne."),
      h("p", {}, text || "Dites ce qui se passe avec vos mots, même en désordre. Après quelques questions, Boussole donne un plan "
        + "d’action, avec les bons numéros."),
      h("p", { class: "quiet" }, "Rien n’est gardé sur cet appareil. Le serveur oublie la conversation après une heure."));
    shown.append(this._choiceList(choices, "Pour commencer"));
    this._list.append(shown);
  }

  private _showMine(entry: Extract<Entry, { me: string }>): void {
    const bubble = h("p", { class: "bubble", tabindex: "-1" }, spoken("Vous : "), entry.me);
    const change = entry.asked && h("button", { type: "button", class: "small change", click: () => this._askAgain(entry.asked) },
      "Changer", spoken(` la réponse « ${entry.me} »`));
    const item = h("li", { class: "me" }, change, bubble);
    const held = this._list.contains(this._root.activeElement);
    this._list.append(item);
    // The choices are over: the focus that stood on one goes to what was said, next to the answer to come.
    if (held) bubble.focus({ preventScroll: true });
    this._list.querySelectorAll(".choices").forEach((node) => node.remove());
    this._pending = undefined;
    this._scrollTo(item);
  }

  private _showAnswer(messages: Message[], restored = false): void {
    const item = this._bubble();
    for (const piece of pieces(messages)) item.append(...this._piece(piece));
    const mine = this._list.querySelectorAll("li.me");
    this._list.append(item);
    if (!restored) this._scrollTo(mine[mine.length - 1] ?? item);
  }

  private _piece(piece: Piece): HTMLElement[] {
    if (piece.type === "plan") {
      const cards = planCards(piece.steps);
      const opening = piece.text.split(/^1\. /m)[0] ?? "";
      return [...paragraphs(opening), cards, h("div", { class: "tools" },
        button("Tout déplier", () => cards.querySelectorAll("details").forEach((node) => { node.open = true; })),
        button("Imprimer", () => print(this._root)),
        button("Enregistrer le plan (texte)", () => download("notes.txt", "text/plain", piece.text)))];
    }
    const shown = h("div", { class: piece.type === "alerte" ? "alert" : "said" }, ...paragraphs(piece.text));
    if (!piece.choices.length) return [shown];
    if (piece.type === "question") this._pending = { text: piece.text, choices: piece.choices };
    return [shown, this._choiceList(piece.choices, "Choix")];
  }

  private _choiceList(choices: Choice[], label: string, again?: Asked): HTMLElement {
    const asked = again ?? this._pending;
    const back = this._pending && this._entries.some((entry) => "me" in entry && entry.asked);
    return h("div", { class: "choices", role: "group", "aria-label": label },
      ...choices.map((choice) => button(choice.title,
        () => this._send(again ? `En fait : ${choice.title}` : choice.title, choice.payload, answers(choice) ? asked : undefined),
        answers(choice) || !this._pending ? "" : "small")),
      back && button("Revenir à la question d’avant", () => this._send("Revenir à la question d’avant", "/retour"), "small"));
  }

  /** Asks a question again, to change its answer. */
  private _askAgain(asked?: Asked): void {
    if (!asked) return;
    const item = this._bubble(...paragraphs(asked.text));
    const choices = this._choiceList(asked.choices.filter(answers), "Changer la réponse", asked);
    item.append(choices);
    this._list.append(item);
    this._scrollTo(item);
    choices.querySelector("button")?.focus({ preventScroll: true });
  }

  private _bubble(...children: HTMLElement[]): HTMLElement {
    return h("li", { class: "bot" }, spoken("Boussole :"), children.length > 0 && h("div", { class: "said" }, ...children));
  }

  private _scrollTo(item: Element): void {
    this._log.scrollTop = (item as HTMLElement).offsetTop - 8;
  }

  private _say(text: string, kind = ""): void {
    this._status.className = `status ${kind}`;
    this._status.textContent = text;
  }

  private _transcript(): string {
    return this._entries.map((entry) => "me" in entry
      ? `Vous : ${entry.me}` : pieces(entry.bot).map((piece) => piece.text).join("\n")).join("\n\n");
  }

  // --- keeping and forgetting

  private _agree(on: boolean): void {
    this._consent = on;
    this._keep();
    this._say(on ? "Gardée dans cet onglet seulement, jusqu’à sa fermeture." : "La conversation n’est plus gardée dans cet onglet.");
  }

  private _keep(): void {
    try {
      if (this._consent) sessionStorage.setItem(KEPT, JSON.stringify({ sender: this._sender, entries: this._entries }));
      else sessionStorage.removeItem(KEPT);
    } catch {
      // Storage is off or full: nothing is kept, which is the rule anyway.
    }
  }

  /** Shows again the conversation that was kept, if there is one. */
  private _restore(): boolean {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null") as Kept | null;
      if (!kept) return false;
      this._sender = kept.sender.slice();
      this._entries = kept.entries;
      for (const entry of kept.entries) {
        if ("me" in entry) this._showMine(entry);
        else this._showAnswer(entry.bot, true);
      }
    } catch {
      // Storage is off, or holds something else: a new conversation.
      this._wipe();
      return false;
    }
    this._consent = true;
    this._menu.querySelectorAll("[aria-pressed]")[1]?.setAttribute("aria-pressed", "true");
    const last = this._entries[this._entries.length - 1];
    if (last && "me" in last) {
      // The page went away before the answer: the same id asks for it again.
      this._waiting.push(last);
      void this._deliverAll();
    }
    this._log.scrollTop = this._log.scrollHeight;
    return true;
  }

  /** Empties the page of the conversation, and ends what is under way. */
  private _wipe(): string {
    const sender = this._sender;
    this._stop.abort();
    this._stop = new AbortController();
    this._sending = false;
    this._waiting.length = 0;
    this._entries = [];
    this._pending = undefined;
    this._sender = draw();
    this._input.value = "";
    this._consent = false;
    this._menu.querySelectorAll("[aria-pressed]")[1]?.setAttribute("aria-pressed", "false");
    this._keep();
    this._list.replaceChildren();
    return sender;
  }

  private async _erase(): Promise<void> {
    this._input.focus();
    const sender = this._wipe();
    this._welcome();
    this._say("Effacé ici. Le serveur efface aussi…");
    this._say(await forget(this._options.server, sender)
      ? "C’est effacé, ici et sur le serveur."
      : "C’est effacé ici. Le serveur n’a pas répondu ; il oublie de lui-même après une heure.");
  }

  private _exit(): void {
    this._panel.hidden = true;
    forgetLeaving(this._options.server, this._wipe());
    leave(this._options.exit);
  }
}

/** Closes what `opener` opened; the focus stands on it before what held it goes. */
function fold(opener: HTMLElement): void {
  opener.focus();
  opener.click();
}

function button(text: string, click: () => void, kind = ""): HTMLButtonElement {
  return h("button", { type: "button", class: kind, click }, text);
}

/** Makes a button that shows and hides `what`. */
function toggle(text: string, what: HTMLElement, props: Record<string, string>, ...children: Node[]): HTMLButtonElement {
  const made = h("button", {
    type: "button", "aria-expanded": "false", "aria-controls": what.id, ...props, click: () => {
      what.hidden = !what.hidden;
      made.setAttribute("aria-expanded", String(!what.hidden));
    },
  }, ...children, text);
  return made;
}
