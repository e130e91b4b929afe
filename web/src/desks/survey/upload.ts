/**
 * One file on its way to the server, in pieces (tus 1.0): what is there stays there, and goes on after a dropped line, an
 * expired login or a closed tab from the byte the server has.
 */
import { Refused } from "../../client/ask";
import type { Session } from "../../session/session";

const PIECE = 1 << 20; // the server stores mebibyte by mebibyte
const TUS = { "Tus-Resumable": "1.0.0" };
const LONGEST_WAIT_MS = 15_000;

export interface UploadEvents {
  /** The server keeps it under this key from now on. */
  begun(key: string): void;
  /** So many bytes are safe. */
  sent(bytes: number): void;
  /** The server does not answer; tried again by itself. */
  waits(waiting: boolean): void;
}

/** The key of the finished upload. `key`: of one begun before. Throws Refused, or the signal's AbortError. */
export async function upload(session: Session, file: File, key: string | null, events: UploadEvents, signal: AbortSignal): Promise<string> {
  let at: number | null = null; // unknown: to be asked
  let tried = 0;
  let mine = key;
  for (;;) {
    try {
      if (mine === null) {
        mine = await begin(session, file, signal);
        events.begun(mine);
        at = 0;
      }
      at ??= await standing(session, mine, signal);
      events.waits(false);
      while (at < file.size) {
        events.sent(at);
        at = await piece(session, mine, file, at, signal);
        tried = 0;
      }
      events.sent(file.size);
      return mine;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 404 || error.status === 410) {
        if (tried > 2) throw error;
        mine = null; // it has expired there: from the start
      } else if (error.status === 429 || error.lost) {
        events.waits(true);
        await pause((error.retryAfterS ?? 0) * 1000 || Math.min(1000 * 2 ** tried, LONGEST_WAIT_MS), signal);
      } else if (error.status !== 409 || tried > 5) {
        throw error;
      }
      tried += 1;
      at = null;
    }
  }
}

/** Withdraws what is no longer wanted; that it fails is no matter, it expires by itself. */
export async function withdraw(session: Session, key: string): Promise<void> {
  await session.fetch(`/api/v1/uploads/${key}`, { method: "DELETE", headers: TUS }).catch(() => undefined);
}

async function begin(session: Session, file: File, signal: AbortSignal): Promise<string> {
  const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
  const headers = { ...TUS, "Upload-Length": String(file.size), "Upload-Metadata": `filename ${name}` };
  const answer = await session.fetch("/api/v1/uploads", { method: "POST", headers, signal });
  return (answer.headers.get("Location") ?? "").replace(/^.*\//, "");
}

async function standing(session: Session, key: string, signal: AbortSignal): Promise<number> {
  const answer = await session.fetch(`/api/v1/uploads/${key}`, { method: "HEAD", headers: TUS, signal });
  return Number(answer.headers.get("Upload-Offset"));
}

async function piece(session: Session, key: string, file: File, at: number, signal: AbortSignal): Promise<number> {
  const headers = { ...TUS, "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" };
  const body = file.slice(at, at + PIECE);
  const answer = await session.fetch(`/api/v1/uploads/${key}`, { method: "PATCH", headers, body, signal });
  return Number(answer.headers.get("Upload-Offset"));
}

/** Waits, but no longer than until the line is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (go: () => void) => () => {
      clearTimeout(timer);
      removeEventListener("online", back);
      signal.removeEventListener("abort", stop);
      go();
    };
    const back = done(resolve);
    const stop = done(() => reject(new DOMException("aborted", "AbortError")));
    const timer = setTimeout(back, ms);
    addEventListener("online", back);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
}
