/** Corrections on their way, those that wait for the approver first. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort, sentenceOf } from "../../client/ask";
import { day, instant } from "../../format";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

const STATES = ["submitted", "approved", "returned", "applied"] as const;
type State = (typeof STATES)[number];
const AGAIN_MS = 10_000;

/** A correction as the list tells of it. */
interface Listed {
  correction: string;
  kind: string;
  state: string;
  author: string;
  approver: string | null;
  reason: string;
  effective_on: string;
  made_at: string;
  stops: number;
  applied: number | null;
}

export function Queue(props: { session: Session; onOpen: (key: string) => void }) {
  const { session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [state, setState] = useState<State>("submitted");
  const [items, setItems] = useState<Listed[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const pages = useRef(1);

  const read = async (before: string | null, signal?: AbortSignal) => {
    const answer = await session.ask("GET /api/v1/corrections", { query: { state, before, limit: 50 }, signal });
    return { items: answer.corrections as unknown as Listed[], next: answer.next };
  };

  useEffect(() => {
    const controller = new AbortController();
    pages.current = 1;
    setItems(null);
    const look = async () => {
      try {
        const page = await read(null, controller.signal);
        setWrong(null);
        if (pages.current > 1) return; // who has turned pages is not thrown back
        setItems(page.items);
        setNext(page.next);
      } catch (error) {
        if (!isAbort(error)) setWrong(sentenceOf(error, language));
      }
    };
    void look();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && session.standing.is === "in") void look();
    }, AGAIN_MS);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [state]);

  const more = async () => {
    try {
      const page = await read(next);
      pages.current += 1;
      setItems([...(items ?? []), ...page.items]);
      setNext(page.next);
    } catch (error) {
      setWrong(sentenceOf(error, language));
    }
  };

  return (
    <section aria-label={say("queue")}>
      <div class="states" role="group" aria-label={say("queue")}>
        {STATES.map((one) => (
          <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
            {say(one)}
          </button>
        ))}
      </div>
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {items === null && !wrong && <p role="status">{say("reading")}</p>}
      {items?.length === 0 && <p class="none-found">{say(`none.${state}`)}</p>}
      <ul class="queue">
        {items?.map((item) => (
          <li key={item.correction}>
            <button type="button" onClick={() => props.onOpen(item.correction)}>
              <b>{say(`kind.${item.kind}` as "kind.split")}</b>
              <span>
                {item.author} · {instant(item.made_at).slice(0, 17)}
                {item.applied !== null && ` · ${say("no", { n: item.applied })}`}
              </span>
              {item.reason && <span>{item.reason}</span>}
              <span>{say("effective", { day: day(item.effective_on) })}</span>
            </button>
          </li>
        ))}
      </ul>
      {next && (
        <button type="button" class="plain" onClick={() => void more()}>
          {say("more")}
        </button>
      )}
    </section>
  );
}
