// Talking to the server: slow, lost and busy networks, without ever saying a message twice.
import type { Message } from "./messages";

/** A message that the person said. The id is drawn once: the server answers the same one only once. */
export interface Said { id: string; payload: string }

/** How a delivery goes on, for the person to see. */
export type Progress = "slow" | "retry" | { busy: string };

const TIMEOUT = 20_000;
const SLOW = 5_000;
const PAUSES = [1_000, 3_000, 8_000];

/** Draws an id that nobody can guess; randomUUID is missing from pages without HTTPS. */
export function draw(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Delivers a message, trying again a few times.
 * @param stop ends the tries for good.
 * @returns the answer, or null when it cannot be had now.
 */
export async function deliver(
  server: string, sender: string, said: Said, stop: AbortSignal, tell: (progress: Progress) => void,
): Promise<Message[] | null> {
  const body = JSON.stringify({ sender, message: said.payload, message_id: said.id });
  for (let failures = 0; !stop.aborted; ) {
    const attempt = new AbortController();
    const end = (): void => attempt.abort();
    stop.addEventListener("abort", end);
    const timers = [setTimeout(() => tell("slow"), SLOW), setTimeout(end, TIMEOUT)];
    let pause = PAUSES[failures++];
    try {
      const answer = await post(`${server}webhooks/rest/webhook`, body, {
        headers: { "Content-Type": "application/json" }, signal: attempt.signal,
      });
      const said: unknown = await answer.json();
      if (answer.ok && Array.isArray(said)) return said;
      if (answer.status === 429) {
        pause = (Number(answer.headers.get("Retry-After")) || 5) * 1_000;
        tell({ busy: (said as { error: string }).error });
      } else if (answer.status >= 400 && answer.status < 500) return null;
      // A portal of a wifi answers too: what is no list is no answer.
      else tell("retry");
    } catch {
      tell("retry");
    } finally {
      timers.forEach(clearTimeout);
      stop.removeEventListener("abort", end);
    }
    if (pause === undefined) return null;
    await wait(pause, stop);
  }
  return null;
}

/** Waits, or less when the network comes back or all ends. */
function wait(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const over = (): void => {
      clearTimeout(timer);
      removeEventListener("online", over);
      stop.removeEventListener("abort", over);
      done();
    };
    const timer = setTimeout(over, milliseconds);
    addEventListener("online", over);
    stop.addEventListener("abort", over);
  });
}

/** Asks the server to forget, and says whether it answered that it did. */
export async function forget(server: string, sender: string): Promise<boolean> {
  try {
    return (await post(`${server}webhooks/rest/forget`, JSON.stringify({ sender }), { keepalive: true })).ok;
  } catch {
    return false;
  }
}

/** Posts without cookies, and without saying from which page. */
function post(address: string, body: string, more: RequestInit): Promise<Response> {
  return fetch(address, { method: "POST", body, credentials: "omit", referrerPolicy: "no-referrer", ...more });
}

/** Asks the server to forget while the page goes away: nothing waits for it. */
export function forgetLeaving(server: string, sender: string): void {
  navigator.sendBeacon(`${server}webhooks/rest/forget`, JSON.stringify({ sender }));
}
