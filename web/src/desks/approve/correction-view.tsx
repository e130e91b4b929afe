/** One correction before the approver: before and after on the map, what changes in words, and the decision. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Refused, isAbort, sentenceOf } from "../../client/ask";
import type { CorrectionAnswer } from "../../client/doors";
import type { LocalDrafts } from "../../client/local-drafts";
import { day, instant } from "../../format";
import type { ParcelMap } from "../../map";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { previewOf } from "../correction/preview";
import { Summary } from "../correction/summary";
import type { DeskProps } from "../desk";
import { squareMetres } from "../survey/figures";
import { Pins, type Pin } from "./pins";
import { Swipe } from "./swipe";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

const COMMENTS = "approve";

/** A comment that is being written. */
interface Comment {
  text: string;
  at: [number, number] | null;
}

export function CorrectionView(props: {
  correctionKey: string;
  map: ParcelMap | null;
  session: Session;
  drafts: LocalDrafts;
  take: DeskProps["take"];
  tell: DeskProps["tell"];
  onBack: () => void;
}) {
  const { correctionKey: key, map, session, drafts } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [correction, setCorrection] = useState<CorrectionAnswer | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [writing, setWriting] = useState<Comment | null>(null);
  const swipe = useRef<Swipe | null>(null);
  const pins = useRef<Pins | null>(null);
  const preview = useMemo(() => correction && previewOf(correction), [correction]);
  const me = session.me?.name ?? "";
  const path = { key };

  const read = async (signal?: AbortSignal) => {
    const now = await session.ask("GET /api/v1/corrections/{key}", { path, signal });
    setCorrection(now);
    return now;
  };

  useEffect(() => {
    const controller = new AbortController();
    read(controller.signal).catch((error: unknown) => isAbort(error) || setWrong(sentenceOf(error, language)));
    // a comment that was being written when the tab closed or the login expired
    void drafts.get<Comment>(COMMENTS, me, key).then((kept) => kept && setWriting(kept.value));
    return () => controller.abort();
  }, [key]);

  useEffect(() => {
    if (!map) return;
    const made = (swipe.current = new Swipe(map, {
      slider: say("swipe"),
      before: say("before"),
      after: say("after"),
      area: (m2) => squareMetres(m2, language),
    }));
    pins.current = new Pins(map);
    return () => {
      made.remove();
      pins.current?.remove();
      swipe.current = pins.current = null;
    };
  }, [map, language, key]);

  useEffect(() => {
    swipe.current?.show(preview);
  }, [preview, map, language]);
  useEffect(() => {
    if (preview) swipe.current?.goTo();
  }, [preview?.kind, key]);
  useEffect(() => {
    const told: Pin[] = (correction?.events ?? []).flatMap((event) => (event.place ? [{ at: event.place, text: event.comment }] : []));
    pins.current?.show(writing?.at ? [...told, { at: writing.at, text: writing.text }] : told);
  }, [correction, writing, map, language]);

  // while a comment is written, a click on the map pins it; else it leads nowhere
  const write = useRef<(comment: Comment | null) => void>(() => undefined);
  write.current = (comment) => {
    setWriting(comment);
    if (comment) void drafts.put<Comment>(COMMENTS, me, key, comment);
    else void drafts.remove(COMMENTS, me, key);
  };
  const isWriting = writing !== null;
  const text = writing?.text ?? "";
  useEffect(() => {
    return props.take(({ lonDeg, latDeg }) => {
      if (isWriting) write.current({ text, at: [lonDeg, latDeg] });
    });
  }, [isWriting, text]);

  /** One or several steps; where it is no longer what was seen, it is read again and said. */
  const steps = async (work: (seen: CorrectionAnswer) => Promise<void>) => {
    if (!correction) return;
    setBusy(true);
    setWrong(null);
    try {
      await work(correction);
    } catch (error) {
      setWrong(sentenceOf(error, language));
      if (error instanceof Refused && (error.changed || error.kind === "state")) await read().catch(() => undefined);
    } finally {
      setBusy(false);
    }
  };
  const approve = (apply: boolean) =>
    steps(async (seen) => {
      const body = { hash: seen.hash ?? "" };
      const approved = await session.ask("POST /api/v1/corrections/{key}/approve", { path, body });
      setCorrection(approved);
      if (!apply) return props.tell(say("told.approved"));
      setCorrection(await session.ask("POST /api/v1/corrections/{key}/apply", { path, body }));
      props.tell(say("told.applied"));
    });
  const apply = () =>
    steps(async (seen) => {
      setCorrection(await session.ask("POST /api/v1/corrections/{key}/apply", { path, body: { hash: seen.hash ?? "" } }));
      props.tell(say("told.applied"));
    });
  const giveBack = () =>
    steps(async () => {
      const body = { comment: writing!.text.trim(), ...(writing!.at ? { at: writing!.at } : {}) };
      setCorrection(await session.ask("POST /api/v1/corrections/{key}/return", { path, body }));
      write.current(null);
      props.tell(say("told.returned"));
    });

  if (!correction)
    return (
      <section>
        <Back onBack={props.onBack}>{say("back")}</Back>
        {wrong ? (
          <p class="wrong" role="alert">
            {wrong}
          </p>
        ) : (
          <p role="status">{say("reading")}</p>
        )}
      </section>
    );
  const { state } = correction;
  const own = correction.author === me;
  const open = state === "submitted" || state === "approved";
  return (
    <section aria-labelledby="correction-title" class="correction" data-state={state}>
      <Back onBack={props.onBack}>{say("back")}</Back>
      <h2 id="correction-title">{say(`kind.${correction.kind}` as "kind.split")}</h2>
      <p class={`state ${state}`} role="status">
        {say(`state.${state}` as "state.draft")}
        {correction.applied !== null && ` ${say("no", { n: correction.applied })}`}
      </p>
      <dl class="about">
        <About label={say("author")}>{correction.author}</About>
        <About label={say("effectiveOn")}>{day(correction.effective_on)}</About>
        {correction.dossier && <About label={say("dossier")}>{correction.dossier}</About>}
        {correction.basis && <About label={say("basis")}>{correction.basis}</About>}
        {correction.reason && <About label={say("reason")}>{correction.reason}</About>}
      </dl>
      {correction.conflicts.length > 0 && (
        <p class="wrong" role="alert">
          {say("conflicts", { codes: correction.conflicts.map((one) => String(one["code"])).join(", ") })}
        </p>
      )}
      {map && preview && preview.parcels.length > 0 && (
        <button type="button" class="plain" onClick={() => swipe.current?.goTo()}>
          {say("show")}
        </button>
      )}
      <Summary correction={correction} onParcel={(code) => swipe.current?.goToParcel(code)} />
      {correction.hash && (
        <p class="seal" title={correction.hash}>
          {say("seal")} <code>{correction.hash.slice(0, 16)}…</code>
        </p>
      )}
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {open && own && state === "submitted" && <p class="next-step">{say("own")}</p>}
      {open && writing === null && (
        <div class="buttons decide">
          <button type="button" class="plain" disabled={busy} onClick={() => write.current({ text: "", at: null })}>
            {say("return")}
          </button>
          {state === "submitted" && !own && (
            <>
              <button type="button" class="plain" disabled={busy} onClick={() => void approve(false)}>
                {say("approveOnly")}
              </button>
              <button type="button" class="plain primary" disabled={busy} onClick={() => void approve(true)}>
                {say("approve")}
              </button>
            </>
          )}
          {state === "approved" && (
            <button type="button" class="plain primary" disabled={busy} onClick={() => void apply()}>
              {say("apply")}
            </button>
          )}
        </div>
      )}
      {open && writing !== null && (
        <form
          class="returning"
          onSubmit={(event) => {
            event.preventDefault();
            void giveBack();
          }}
        >
          <label>
            {say("why")}
            <textarea
              rows={3}
              maxLength={2000}
              required
              autofocus
              value={writing.text}
              onInput={(event) => write.current({ ...writing, text: event.currentTarget.value })}
            />
          </label>
          <p>
            {writing.at ? say("pinned") : say("pinHow")}{" "}
            {map && !writing.at && (
              <button type="button" class="linked" onClick={() => write.current({ ...writing, at: map.map.getCenter().toArray() as [number, number] })}>
                {say("pinMiddle")}
              </button>
            )}
            {writing.at && (
              <button type="button" class="linked" onClick={() => write.current({ ...writing, at: null })}>
                {say("unpin")}
              </button>
            )}
          </p>
          <div class="buttons">
            <button type="button" class="plain" disabled={busy} onClick={() => write.current(null)}>
              {say("cancel")}
            </button>
            <button type="submit" class="plain primary" disabled={busy || !writing.text.trim()}>
              {say("return")}
            </button>
          </div>
        </form>
      )}
      <h3>{say("steps")}</h3>
      <ol class="steps">
        {correction.events.map((event, index) => (
          <li key={index}>
            <b>{say(`step.${event.state}` as "step.draft")}</b> {event.who} · {instant(event.at)}
            {event.comment && <q>{event.comment}</q>}
            {event.place && map && (
              <button type="button" class="linked" onClick={() => map.map.easeTo({ center: event.place as [number, number], zoom: 19 })}>
                {say("toPin")}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

const Back = (props: { onBack: () => void; children: ComponentChildren }) => (
  <button type="button" class="back" onClick={props.onBack}>
    {props.children}
  </button>
);

const About = (props: { label: string; children: ComponentChildren }) => (
  <div>
    <dt>{props.label}</dt>
    <dd>{props.children}</dd>
  </div>
);
