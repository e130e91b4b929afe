/**
 * Who works here: signed in by name and password, kept for this tab (sessionStorage), renewed before it ends.
 *
 * What is asked while the login has expired waits for a new one and then goes on, so that nothing on the screen is lost; it
 * fails with a Refused of status 401 where the person gives up or somebody else signs in.
 */
import { Refused, fetched, read, requestOf, type Answer, type Door, type Taken } from "../client/ask";
import type { Me, Session as Tokens } from "../client/doors";

const KEPT = "diachinh.session";
const LOCK = "diachinh.session";
const EARLY_MS = 30_000;

/** out: nobody; in: somebody; expired: somebody whose password is asked again. */
export type Standing = { is: "out" } | { is: "in"; me: Me } | { is: "expired"; me: Me };

export class Session {
  private tokens: Tokens | null = null;
  private expired = false;
  private renewing: Promise<boolean> | null = null;
  private readonly waiting = new Set<(signedIn: boolean) => void>();
  private readonly listeners = new Set<() => void>();
  private readonly tabs = typeof BroadcastChannel === "function" ? new BroadcastChannel(LOCK) : null;

  constructor() {
    try {
      this.tokens = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Tokens | null;
    } catch {
      this.tokens = null; // storage may be forbidden: the session then lasts as long as the page
    }
    // a tab that was made from another shares its session: a refresh token is good once, for all of them
    this.tabs?.addEventListener("message", ({ data }: MessageEvent<{ was: string; now: Tokens | null }>) => {
      if (this.tokens?.refresh === data.was) this.keep(data.now);
    });
  }

  get standing(): Standing {
    if (!this.tokens) return { is: "out" };
    return { is: this.expired ? "expired" : "in", me: this.tokens.account };
  }

  get me(): Me | null {
    return this.tokens?.account ?? null;
  }

  /** Whether the person has one of the roles, for whatever commune. */
  has(...roles: string[]): boolean {
    return roles.some((role) => this.me?.roles.includes(role));
  }

  /** Calls `heard` whenever `standing` changes; gives what ends that. */
  listen(heard: () => void): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  async signIn(name: string, password: string): Promise<void> {
    const before = this.me?.name;
    const { address, init } = requestOf("POST /api/v1/sessions", { body: { name, password } });
    const tokens = (await read(await fetched(address, init, null))) as Tokens;
    this.keep(tokens);
    this.settle(before === undefined || before === tokens.account.name);
  }

  /** Ends the session here and on the server; it is over here even where the server cannot be told. */
  async signOut(): Promise<void> {
    const bearer = this.expired ? null : this.tokens?.access;
    this.giveUp();
    if (bearer) await fetched("/api/v1/sessions/current", { method: "DELETE" }, bearer).catch(() => undefined);
  }

  /** The person does not sign in again: what waited fails. */
  giveUp(): void {
    this.keep(null);
    this.settle(false);
  }

  /** Asks a door as the person who is signed in. */
  async ask<D extends Door>(door: D, taken: Taken<D>): Promise<Answer<D>> {
    const { address, init } = requestOf(door, taken);
    return (await read(await this.fetch(address, init))) as Answer<D>;
  }

  /** The same for any address and answer; with nobody signed in it is asked as everybody asks. */
  async fetch(address: string, init: RequestInit = {}): Promise<Response> {
    if (!this.tokens) return fetched(address, init, null);
    if (this.expired || (this.isOld() && !(await this.renew()))) await this.again(init.signal ?? null);
    const used = this.tokens?.access ?? null;
    try {
      return await fetched(address, init, used);
    } catch (error) {
      if (!(error instanceof Refused) || !error.signedOut || !used) throw error;
      if (used === this.tokens?.access && !(await this.renew())) await this.again(init.signal ?? null);
      return fetched(address, init, this.tokens?.access ?? null);
    }
  }

  private isOld(): boolean {
    return this.tokens !== null && Date.parse(this.tokens.expires_at) - Date.now() < EARLY_MS;
  }

  /** New tokens by the refresh token; false where it holds no more. Throws Refused where the server is lost. */
  private renew(): Promise<boolean> {
    const now = async (): Promise<boolean> => {
      const tokens = this.tokens;
      if (!tokens) return false;
      try {
        const { address, init } = requestOf("POST /api/v1/sessions/refresh", { body: { refresh: tokens.refresh } });
        this.keep((await read(await fetched(address, init, null))) as Tokens);
        this.tabs?.postMessage({ was: tokens.refresh, now: this.tokens });
        return true;
      } catch (error) {
        if (error instanceof Refused && error.signedOut) return this.tokens !== tokens;
        throw error;
      }
    };
    const asked = this.tokens;
    const alone = async () => (asked === this.tokens ? now() : this.tokens !== null);
    this.renewing ??= (navigator.locks ? (navigator.locks.request(LOCK, alone) as Promise<boolean>) : alone()).finally(
      () => (this.renewing = null),
    );
    return this.renewing;
  }

  /** Waits until the person has signed in again. */
  private again(signal: AbortSignal | null): Promise<void> {
    if (!this.expired) {
      this.expired = true;
      this.tell();
    }
    return new Promise((resolve, reject) => {
      const settled = (signedIn: boolean) => {
        this.waiting.delete(settled);
        if (signal?.aborted) reject(new DOMException("aborted", "AbortError"));
        else if (signedIn) resolve();
        else reject(new Refused(401));
      };
      this.waiting.add(settled);
      signal?.addEventListener("abort", () => settled(false), { once: true });
    });
  }

  private settle(signedIn: boolean): void {
    for (const settled of [...this.waiting]) settled(signedIn);
  }

  private keep(tokens: Tokens | null): void {
    this.tokens = tokens;
    this.expired = false;
    try {
      if (tokens) sessionStorage.setItem(KEPT, JSON.stringify(tokens));
      else sessionStorage.removeItem(KEPT);
    } catch {
      // kept in memory
    }
    this.tell();
  }

  private tell(): void {
    for (const heard of [...this.listeners]) heard();
  }
}
