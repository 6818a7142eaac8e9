// What the server answers (docs/channels.md), read with care: a server of another version must not break the page.

export interface Choice { title: string; payload: string }
export interface Service {
  nom?: string; tel?: string | null; sms?: string | null; url?: string | null; horaires?: string; ouverture?: string;
  ouvert?: boolean | null;
}
export interface Step {
  id?: string; titre?: string; pourquoi?: string; texte?: string; services?: Service[]; certain?: boolean;
  echeance?: string | null;
}
export interface Message {
  text?: string;
  buttons?: Choice[];
  custom?: { type?: string; id?: string; steps?: Step[] };
}

/** A text with the object that says what it is. */
export interface Piece { text: string; choices: Choice[]; type: string; id: string; steps: Step[] }

/** Joins each object to the text before it, as the server sends them one after the other. */
export function pieces(messages: Message[]): Piece[] {
  const joined: Piece[] = [];
  for (const { text, buttons, custom } of messages) {
    if (typeof text === "string" && text) {
      joined.push({ text, choices: Array.isArray(buttons) ? buttons : [], type: "", id: "", steps: [] });
    }
    if (!custom) continue;
    let last = joined[joined.length - 1];
    if (!last || last.type) joined.push(last = { text: "", choices: [], type: "", id: "", steps: [] });
    last.type = custom.type ?? "";
    last.id = custom.id ?? "";
    last.steps = Array.isArray(custom.steps) ? custom.steps : [];
  }
  return joined;
}

/** Tells whether a choice answers a question; the others ask or command something. */
export const answers = (choice: Choice): boolean => choice.payload.startsWith("/repondre");
