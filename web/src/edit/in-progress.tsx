/** Drafts that wait: on this device, and on the server, also those an approver returned. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { sentenceOf } from "../client/ask";
import { day, instant } from "../format";
import type { Session } from "../session/session";
import { useTexts } from "../texts";
import type { Hand } from "./hand";
import { useEditWords } from "./say";
import { TASKS, type Task } from "./work";

interface Waiting {
  correction: string;
  kind: string;
  state: string;
  effective_on: string;
  made_at: string;
  stops: number;
}

const OPEN = ["returned", "draft", "submitted"];

export function InProgress({ hand, session }: { hand: Hand; session: Session }) {
  const { language } = useTexts();
  const say = useEditWords();
  const [waiting, setWaiting] = useState<Waiting[]>([]);
  const [wrong, setWrong] = useState<string | null>(null);
  const author = session.me?.name ?? "";

  const load = useCallback(async () => {
    try {
      const lists = await Promise.all(OPEN.map((state) => session.ask("GET /api/v1/corrections", { query: { state, author, limit: 20 } })));
      setWaiting(lists.flatMap((list) => list.corrections as unknown as Waiting[]));
      setWrong(null);
    } catch (error) {
      setWrong(sentenceOf(error, language));
    }
  }, [session, author, language]);
  useEffect(() => void load(), [load]);

  const here = hand.local.filter((draft) => draft.value.once !== hand.kept.once);
  const keys = new Set([...here.map((draft) => draft.value.key), hand.kept.key]);
  const there = waiting.filter((one) => !keys.has(one.correction) && TASKS.includes(one.kind as Task));
  if (!here.length && !there.length && !wrong) return null;
  return (
    <section class="edit-waiting" aria-label={say("waiting.title")}>
      <h3>{say("waiting.title")}</h3>
      <p class="wrong" role="alert">
        {wrong}
      </p>
      <ul>
        {here.map((draft) => (
          <li key={draft.name}>
            <button type="button" class="edit-link" onClick={() => void hand.open(draft.value)}>
              {say(`task.${draft.value.work.task ?? "split"}`)}
            </button>
            <small>{say(draft.value.key ? "waiting.both" : "waiting.here", { at: instant(draft.changedAt) })}</small>
          </li>
        ))}
        {there.map((one) => (
          <li key={one.correction}>
            <button type="button" class="edit-link" onClick={() => void hand.openServer(one.correction)}>
              {say(`task.${one.kind as Task}`)}
            </button>
            <small>
              {say(`state.${one.state as "draft"}`)} · {day(one.effective_on)}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
