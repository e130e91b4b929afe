/** Maps of communes that this device keeps: files in the browser's own store (Cache Storage), and the page itself beside them. */
import * as api from "./api";
import { Refused } from "./client/ask";

export interface Pack {
  commune: string;
  name: string;
  bytes: number;
  /** When it was fetched, ISO. */
  keptAt: string;
}

/** The device has no room for it. */
export class DiskFull extends Error {}

const STORE = "kept-maps";
const PREFIX = "/kept/";
const isFull = (error: unknown) => error instanceof Error && error.name === "QuotaExceededError";

/** The packs kept, the latest first; none where the browser keeps nothing. */
export async function keptPacks(): Promise<Pack[]> {
  if (!("caches" in window) || !(await caches.has(STORE).catch(() => false))) return [];
  const store = await caches.open(STORE);
  const packs = await Promise.all(
    (await store.keys()).map(async (request): Promise<Pack> => {
      const headers = (await store.match(request))?.headers;
      return {
        commune: new URL(request.url).pathname.slice(PREFIX.length),
        name: decodeURIComponent(headers?.get("x-name") ?? ""),
        bytes: Number(headers?.get("x-bytes") ?? 0),
        keptAt: headers?.get("x-kept-at") ?? "",
      };
    }),
  );
  return packs.sort((a, b) => (a.keptAt < b.keptAt ? 1 : -1));
}

export const removePack = async (commune: string) => (await caches.open(STORE)).delete(PREFIX + commune);

/** The file of a pack, under a name that is another with each fetch. */
export async function fileOf(pack: Pack): Promise<File> {
  const kept = await (await caches.open(STORE)).match(PREFIX + pack.commune);
  return new File([(await kept?.blob()) ?? new Blob()], `xa-${pack.commune}-${pack.keptAt}.pmtiles`);
}

/** Bytes on their way, counted; they must be `all`. */
function counted(all: number, progress: (done: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let done = 0;
  return new TransformStream({
    transform(part, controller) {
      done += part.length;
      progress(done);
      controller.enqueue(part);
    },
    flush(controller) {
      if (done !== all) controller.error(new Error("cut short"));
    },
  });
}

/**
 * Fetches the map of a commune and keeps it; `progress` hears bytes so far and in all.
 * Raises DiskFull, Refused; what was kept before stays until the new one is whole.
 */
export async function keepPack(commune: string, name: string, progress: (done: number, all: number) => void, signal: AbortSignal): Promise<void> {
  if (!("caches" in window)) throw new Refused(0);
  await keepPage();
  const made = await api.pack(commune, signal);
  progress(0, made.bytes);
  if (!(await hasRoom(made.bytes))) throw new DiskFull();
  try {
    const answer = await fetch(made.url, { signal, cache: "no-store" });
    if (!answer.ok || !answer.body) throw new Refused(answer.status);
    const body = answer.body.pipeThrough(counted(made.bytes, (done) => progress(done, made.bytes)));
    const headers = { "x-name": encodeURIComponent(name), "x-bytes": String(made.bytes), "x-kept-at": new Date().toISOString() };
    await (await caches.open(STORE)).put(PREFIX + commune, new Response(body, { headers }));
  } catch (error) {
    if (isFull(error)) throw new DiskFull();
    if (signal.aborted || error instanceof Refused) throw error;
    throw new Refused(0);
  }
  void navigator.storage?.persist?.(); // the browser may then not clear it when room is short
}

/** Whether there is room for so many bytes, as far as the browser tells. */
async function hasRoom(size: number): Promise<boolean> {
  const room = await navigator.storage?.estimate?.();
  return room?.quota === undefined || room.quota - (room.usage ?? 0) >= size;
}

const PAGE_BYTES = 4_000_000;

/** Keeps the page itself, so that it opens without a server; from then on with each new version of it. Raises DiskFull, Refused. */
export async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/sw.js").catch(() => {
    throw new Refused(0);
  });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (!worker || worker.state === "activated") return;
  const kept = await new Promise<boolean>((resolve) => {
    const look = () => {
      if (worker.state === "activated" || worker.state === "redundant") resolve(worker.state === "activated");
    };
    worker.addEventListener("statechange", look);
    look();
  });
  if (kept) return;
  if (await hasRoom(PAGE_BYTES)) throw new Refused(0);
  throw new DiskFull();
}
