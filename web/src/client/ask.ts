/**
 * Asks the API: one door by its key, "GET /api/v1/corrections/{key}", with what the door takes; the answer has the door's type.
 * Every failure is a Refused, which says itself in the page's language.
 */
import type { Language } from "../texts";
import type { Doors, Problem } from "./doors";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export type Door = keyof Doors;
type Part<D extends Door, P extends string> = Doors[D] extends { [key in P]: infer T } ? T : never;
type Needed<D extends Door> = Pick<Doors[D], Extract<keyof Doors[D], "path">> & {
  [P in Extract<keyof Doors[D], "query" | "header" | "body">]?: Doors[D][P];
};

/** What a door takes: `path`, `query`, `header`, `body`, where it has them. */
export type Taken<D extends Door> = Needed<D> & { signal?: AbortSignal | undefined };
export type Answer<D extends Door> = Part<D, "answer">;

/** Fields that only some kinds of problem carry: `hash` it has now, `conflicts` three ways, `wrong` parameters … */
export type Told = Partial<Problem> & Record<string, unknown>;

/** Why something failed. `status` 0: the server cannot be reached at all. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Told = {},
    readonly retryAfterS: number | null = null,
  ) {
    super(problem.detail ?? `status ${status}`);
  }

  /** The kind of problem as the API calls it: "conflict", "not-previewed", "state" …; "" where it did not say. */
  get kind(): string {
    return this.problem.type?.replace(/^.*\//, "") ?? "";
  }

  /** The server does not answer: what was asked may be asked again once it does. */
  get lost(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** Nobody is signed in (any more). */
  get signedOut(): boolean {
    return this.status === 401;
  }

  /** It is no longer as it was seen: others were faster, or it was worked out anew. */
  get changed(): boolean {
    return ["conflict", "stale", "not-previewed"].includes(this.kind);
  }

  /** The server's own sentence in the language, or in the other one; null when it gave none. */
  own(language: Language): string | null {
    const { detail, title } = this.problem;
    const vi = (this.problem["detail_vi"] ?? this.problem["title_vi"]) as string | undefined;
    const en = detail ?? title;
    return (language === "vi" ? (vi ?? en) : (en ?? vi)) ?? null;
  }

  /** What went wrong and what to do, as a sentence. */
  sentence(language: Language): string {
    const words = language === "vi" ? vi : en;
    if (this.status === 0) return words["lost"];
    return this.own(language) ?? (this.status === 401 ? words["signedOut"] : words["failed"].replace("{status}", String(this.status)));
  }
}

/** Any error as a sentence: what is not the server's is the page's own fault, and is said so. */
export function sentenceOf(error: unknown, language: Language): string {
  if (error instanceof Refused) return error.sentence(language);
  console.error(error);
  return (language === "vi" ? vi : en)["own"];
}

export const isAbort = (error: unknown) => error instanceof DOMException && error.name === "AbortError";

interface Loose {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  header?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** The address of a door with its places filled in. */
export function addressOf<D extends Door>(door: D, taken: Pick<Taken<D>, Extract<keyof Taken<D>, "path" | "query">>): string {
  const { path = {}, query = {} } = taken as Loose;
  const filled = door.replace(/^\S+ /, "").replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== null) asked.append(name, String(value));
  const text = asked.toString();
  return text ? `${filled}?${text}` : filled;
}

/** One fetch of any address; `bearer`: an access token. Throws Refused, or the AbortError of the signal. */
export async function fetched(address: string, init: RequestInit, bearer: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
  let answer: Response;
  try {
    answer = await fetch(address, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refused(0);
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as Told;
  if (init.signal?.aborted) throw new DOMException("aborted", "AbortError"); // not a refusal without a word
  const after = Number(answer.headers.get("Retry-After"));
  throw new Refused(answer.status, problem, Number.isFinite(after) && after > 0 ? after : null);
}

/** What a door is sent: JSON as JSON, forms and files as they are. */
export function requestOf<D extends Door>(door: D, taken: Taken<D>): { address: string; init: RequestInit } {
  const { header = {}, body, signal } = taken as Loose;
  const headers: Record<string, string> = { Accept: "application/geo+json, application/json" };
  for (const [name, value] of Object.entries(header)) if (value !== undefined && value !== null) headers[name] = String(value);
  const raw = body instanceof FormData || body instanceof Blob;
  if (body !== undefined && !raw) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method: door.split(" ")[0]!, headers };
  if (body !== undefined) init.body = raw ? body : JSON.stringify(body);
  if (signal) init.signal = signal;
  return { address: addressOf(door, taken), init };
}

/** The body of an answer: JSON read, nothing as undefined, anything else as a Blob. */
export async function read(answer: Response): Promise<unknown> {
  if (answer.status === 204 || answer.headers.get("Content-Length") === "0") return undefined;
  const kind = answer.headers.get("Content-Type") ?? "";
  return /json/.test(kind) ? answer.json() : answer.blob();
}

/** Asks a door that is open to everybody; doors that ask who it is are asked by `Session.ask`. */
export async function ask<D extends Door>(door: D, taken: Taken<D>, bearer: string | null = null): Promise<Answer<D>> {
  const { address, init } = requestOf(door, taken);
  return (await read(await fetched(address, init, bearer))) as Answer<D>;
}

/** A key for `idempotency-key`: made once for what is to happen once, and sent again with every try. */
export const onceKey = () => crypto.randomUUID();
