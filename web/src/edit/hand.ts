/** What is in hand, its steps back and forth, and its draft on the server: nothing of it is lost by a lost connection, an
 * expired login or a closed tab. Every step is kept on this device at once; the server has it from the first preview on. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Refused, isAbort, onceKey, sentenceOf } from "../client/ask";
import type { LocalDraft, LocalDrafts } from "../client/local-drafts";
import type { Session } from "../session/session";
import type { Language } from "../texts";
import { asked, workOf, type Asked } from "./intents";
import { correctionOf, type Conflict, type Correction } from "./preview";
import { NOTHING, begun, isEmpty, redone, stepped, undone, type History, type Work } from "./work";

const DESK = "edit";
const KEEP_MS = 150;

/** One draft as this device keeps it. `once`: what makes a request that is sent again the same one. */
export interface Kept {
  once: string;
  work: Work;
  key: string | null; // on the server
  posted: string | null; // what was sent first, perhaps without an answer
  sent: string | null; // what the server worked out last
}

export interface Hand {
  kept: Kept;
  work: Work;
  can: { undo: boolean; redo: boolean };
  answer: Correction | null;
  fresh: boolean; // the preview is of what is in hand
  conflicts: Conflict[];
  busy: boolean;
  wrong: { sentence: string; lost: boolean } | null;
  local: LocalDraft<Kept>[];
  change: (to: (work: Work) => Work, at?: string) => void;
  undo: () => void;
  redo: () => void;
  preview: () => Promise<void>;
  submit: () => Promise<boolean>;
  rebase: (resolve: Record<string, "mine" | "theirs">) => Promise<void>;
  withdraw: () => Promise<void>;
  open: (kept: Kept) => Promise<void>;
  openServer: (key: string) => Promise<boolean>;
  startAnew: () => void;
  dismiss: () => void;
}

const none = (): Kept => ({ once: onceKey(), work: NOTHING, key: null, posted: null, sent: null });
const textOf = (wanted: Asked) => JSON.stringify(wanted);

export function useHand(session: Session, drafts: LocalDrafts, language: Language): Hand {
  const who = session.me?.name ?? "";
  const [kept, setKept] = useState(none);
  const [history, setHistory] = useState<History<Work>>(() => begun(NOTHING));
  const [answer, setAnswer] = useState<Correction | null>(null);
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Hand["wrong"]>(null);
  const [local, setLocal] = useState<LocalDraft<Kept>[]>([]);
  const work = history.now;
  const now = useRef({ kept, work, answer });
  now.current = { kept, work, answer };

  const list = useCallback(async () => setLocal(await drafts.list<Kept>(DESK, who)), [drafts, who]);
  useEffect(() => void list(), [list]);

  // kept on this device a moment after each step, and at once when the page goes away
  useEffect(() => {
    const keep = () => {
      const value: Kept = { ...kept, work };
      const gone = isEmpty(work) && !kept.key;
      void (gone ? drafts.remove(DESK, who, kept.once) : drafts.put(DESK, who, kept.once, value)).then(list);
    };
    const timer = setTimeout(keep, KEEP_MS);
    addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", keep);
    };
  }, [drafts, who, kept, work, list]);

  const change = useCallback((to: (work: Work) => Work, at?: string) => setHistory((history) => stepped(history, to(history.now), at ?? null)), []);

  /** Does what needs the server; what goes wrong is said, and others' changes are shown. */
  const doing = useCallback(
    async <T>(what: () => Promise<T>): Promise<T | null> => {
      setBusy(true);
      setWrong(null);
      try {
        return await what();
      } catch (error) {
        if (isAbort(error)) return null;
        if (error instanceof Refused && error.kind === "conflict") setConflicts(error.problem["conflicts"] as Conflict[]);
        setWrong({ sentence: sentenceOf(error, language), lost: error instanceof Refused && (error.lost || error.signedOut) });
        return null;
      } finally {
        setBusy(false);
      }
    },
    [language],
  );

  /** The server's answer for `of`; that it has one is kept before it is shown. */
  const take = useCallback(
    async (told: Correction, sent: string, of: Kept) => {
      const kept = { ...of, key: told.correction, sent };
      await drafts.put<Kept>(DESK, who, kept.once, kept);
      setAnswer(told);
      setConflicts(told.conflicts);
      setKept((now) => (now.once === kept.once ? { ...now, key: kept.key, sent } : now));
    },
    [drafts, who],
  );

  const preview = useCallback(async () => {
    const { kept, work } = now.current;
    const wanted = asked(work);
    if (typeof wanted === "string") return;
    const text = textOf(wanted);
    const body = wanted as never; // the door's type says what the server checks
    await doing(async () => {
      let { key, once } = kept;
      if (key && now.current.answer && now.current.answer.kind !== wanted.intent.kind) {
        await session.ask("POST /api/v1/corrections/{key}/withdraw", { path: { key }, body: { comment: "" } });
        await drafts.remove(DESK, who, once);
        [key, once] = [null, onceKey()];
        setKept({ once, work, key: null, posted: null, sent: null });
      }
      const first = kept.once === once ? (kept.posted ?? text) : text;
      const of: Kept = { once, work, key, posted: first, sent: null };
      if (!key) {
        setKept((kept) => ({ ...kept, posted: first }));
        await drafts.put<Kept>(DESK, who, once, of);
        const made = await session.ask("POST /api/v1/corrections", { header: { "idempotency-key": once }, body });
        if (first === text) return take(correctionOf(made), text, of);
        key = made.correction; // an earlier try reached the server after all, with what was in hand then
      }
      await take(correctionOf(await session.ask("PUT /api/v1/corrections/{key}", { path: { key }, body })), text, of);
    });
  }, [doing, drafts, session, take, who]);

  const submit = useCallback(async () => {
    const { kept, answer } = now.current;
    if (!kept.key || !answer?.hash) return false;
    const { key } = kept;
    const { hash } = answer;
    const done = await doing(async () => correctionOf(await session.ask("POST /api/v1/corrections/{key}/submit", { path: { key }, body: { hash } })));
    if (!done) return false;
    await drafts.remove(DESK, who, kept.once);
    start(none());
    return true;
  }, [doing, drafts, session, who]);

  const rebase = useCallback(
    async (resolve: Record<string, "mine" | "theirs">) => {
      const { key } = now.current.kept;
      if (!key) return;
      await doing(async () => {
        const told = correctionOf(await session.ask("POST /api/v1/corrections/{key}/rebase", { path: { key }, body: { resolve } }));
        const again = workOf(told.preview.intent, now.current.work);
        const next = again ?? now.current.work;
        setHistory((history) => stepped(history, { ...next, codes: again ? next.codes : history.now.codes }));
        const wanted = asked(next);
        await take(told, typeof wanted === "string" ? "" : textOf(wanted), { ...now.current.kept, work: next });
      });
    },
    [doing, session, take],
  );

  const start = useCallback((next: Kept) => {
    setKept(next);
    setHistory(begun(next.work));
    setAnswer(null);
    setConflicts([]);
    setWrong(null);
  }, []);

  const withdraw = useCallback(async () => {
    const { kept } = now.current;
    const { key } = kept;
    if (key && !(await doing(async () => session.ask("POST /api/v1/corrections/{key}/withdraw", { path: { key }, body: { comment: "" } })))) return;
    await drafts.remove(DESK, who, kept.once);
    start(none());
  }, [doing, drafts, session, start, who]);

  const open = useCallback(
    async (kept: Kept) => {
      start(kept);
      const { key, sent } = kept;
      if (!key) return;
      await doing(async () => {
        const told = correctionOf(await session.ask("GET /api/v1/corrections/{key}", { path: { key } }));
        setAnswer(told);
        setConflicts(told.conflicts);
        if (sent) setKept((now) => (now.once === kept.once ? { ...now, sent } : now));
      });
    },
    [doing, session, start],
  );

  const openServer = useCallback(
    async (key: string) => {
      const here = (await drafts.list<Kept>(DESK, who)).find((draft) => draft.value.key === key);
      if (here) {
        await open(here.value);
        return true;
      }
      const opened = await doing(async () => {
        const told = correctionOf(await session.ask("GET /api/v1/corrections/{key}", { path: { key } }));
        const work = workOf(told.preview.intent, {
          reason: told.reason,
          basis: told.basis ?? "",
          dossier: told.dossier ?? "",
          effectiveOn: told.effective_on,
        });
        if (!work) return false;
        const wanted = asked(work);
        start({ once: onceKey(), work, key, posted: null, sent: typeof wanted === "string" ? null : textOf(wanted) });
        setAnswer(told);
        setConflicts(told.conflicts);
        return true;
      });
      return opened === true;
    },
    [doing, drafts, open, session, start, who],
  );

  const wanted = useMemo(() => asked(work), [work]);
  return {
    kept,
    work,
    can: { undo: history.past.length > 0, redo: history.future.length > 0 },
    answer,
    fresh: answer !== null && typeof wanted !== "string" && kept.sent === textOf(wanted),
    conflicts,
    busy,
    wrong,
    local,
    change,
    undo: useCallback(() => setHistory(undone), []),
    redo: useCallback(() => setHistory(redone), []),
    preview,
    submit,
    rebase,
    withdraw,
    open,
    openServer,
    startAnew: useCallback(() => start(none()), [start]),
    dismiss: useCallback(() => setWrong(null), []),
  };
}
