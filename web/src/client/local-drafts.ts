/**
 * What is not yet on the server, kept on this device: by desk, by person, by a name of the desk's own choosing.
 *
 * IndexedDB; where the browser forbids it or the disk is full, the page's memory, and `state` says so, for the desk to tell.
 */
const DATABASE = "diachinh";
const STORE = "drafts";

/** disk: kept if the tab closes; memory: not kept, storage is forbidden here; full: not kept, the disk is full. */
export type Keeping = "disk" | "memory" | "full";

export interface LocalDraft<T> {
  desk: string;
  who: string;
  name: string;
  changedAt: string; // ISO instant
  value: T; // anything structuredClone takes: files too
}

const keyOf = (desk: string, who: string, name: string) => `${desk}\n${who}\n${name}`;

export class LocalDrafts {
  state: Keeping = "disk";
  private opened: Promise<IDBDatabase | null> | null = null;
  private readonly memory = new Map<string, LocalDraft<unknown>>();
  private readonly listeners = new Set<() => void>();

  /** Calls `heard` whenever `state` changes; gives what ends that. */
  listen(heard: () => void): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  /** Keeps a draft in place of the one of that name; on the disk where that is possible, always in memory. */
  async put<T>(desk: string, who: string, name: string, value: T): Promise<Keeping> {
    const draft: LocalDraft<T> = { desk, who, name, changedAt: new Date().toISOString(), value };
    const key = keyOf(desk, who, name);
    this.memory.set(key, draft);
    const written = await this.change((store) => store.put(draft, key));
    if (written === "disk") this.memory.delete(key);
    return written;
  }

  async get<T>(desk: string, who: string, name: string): Promise<LocalDraft<T> | null> {
    const key = keyOf(desk, who, name);
    const kept = this.memory.get(key) ?? (await this.look((store) => store.get(key)));
    return (kept as LocalDraft<T> | undefined) ?? null;
  }

  /** All of one desk and person, the last changed first. */
  async list<T>(desk: string, who: string): Promise<LocalDraft<T>[]> {
    const from = keyOf(desk, who, "");
    const kept = ((await this.look((store) => store.getAll(IDBKeyRange.bound(from, `${from}\uffff`)))) ?? []) as LocalDraft<T>[];
    const held = [...this.memory].filter(([key]) => key.startsWith(from)).map(([, draft]) => draft as LocalDraft<T>);
    const names = new Set(held.map((draft) => draft.name));
    return [...held, ...kept.filter((draft) => !names.has(draft.name))].sort((a, b) => b.changedAt.localeCompare(a.changedAt));
  }

  async remove(desk: string, who: string, name: string): Promise<void> {
    const key = keyOf(desk, who, name);
    this.memory.delete(key);
    await this.change((store) => store.delete(key));
  }

  private open(): Promise<IDBDatabase | null> {
    this.opened ??= new Promise((resolve) => {
      try {
        const asked = indexedDB.open(DATABASE, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => resolve(null);
        asked.onblocked = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
    return this.opened;
  }

  private async look<T>(what: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    const database = await this.open();
    if (!database) return this.is("memory", undefined);
    return new Promise((resolve) => {
      const asked = what(database.transaction(STORE).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => resolve(undefined);
    });
  }

  private async change(what: (store: IDBObjectStore) => IDBRequest): Promise<Keeping> {
    const database = await this.open();
    if (!database) return this.is("memory", "memory");
    return new Promise((resolve) => {
      const failed = (error: DOMException | null) => {
        const state = error?.name === "QuotaExceededError" ? "full" : "memory";
        resolve(this.is(state, state));
      };
      try {
        const transaction = database.transaction(STORE, "readwrite");
        what(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(this.is("disk", "disk"));
        transaction.onabort = () => failed(transaction.error);
      } catch (error) {
        failed(error instanceof DOMException ? error : null);
      }
    });
  }

  private is<T>(state: Keeping, result: T): T {
    if (this.state !== state) {
      this.state = state;
      for (const heard of [...this.listeners]) heard();
    }
    return result;
  }
}
