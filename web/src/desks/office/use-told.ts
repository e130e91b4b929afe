/** What a door answers, asked when a part opens and again when it says so; an error as a sentence. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isAbort, sentenceOf, type Answer, type Door, type Taken } from "../../client/ask";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";

export interface Heard<T> {
  told: T | null;
  wrong: string | null;
  again: () => void;
}

/** `taken` null: nothing is asked. */
export function useTold<D extends Door>(session: Session, door: D, taken: Taken<D> | null): Heard<Answer<D>> {
  const { language } = useTexts();
  const [told, setTold] = useState<Answer<D> | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const asked = useRef<string | null>(null);
  const key = JSON.stringify(taken);
  useEffect(() => {
    if (!taken) return;
    const controller = new AbortController();
    if (asked.current !== key) setTold(null); // asked again, what stands stays until the answer is here
    asked.current = key;
    setWrong(null);
    session.ask(door, { ...taken, signal: controller.signal }).then(setTold, (error: unknown) => {
      if (isAbort(error)) return;
      setTold(null);
      setWrong(sentenceOf(error, language));
    });
    return () => controller.abort();
  }, [key, turn, session]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  return { told, wrong, again };
}
