/** A parcel in time: all it was, by which correction, and the undo of one as a new correction, seen before it is submitted. */
import { useEffect, useState } from "preact/hooks";
import { ask, isAbort, onceKey, sentenceOf } from "../../client/ask";
import type { CorrectionAnswer, History as Told, Version } from "../../client/doors";
import { day, groups, instant } from "../../format";
import type { ParcelMap } from "../../map";
import { asTyped } from "../../query";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { previewOf } from "../correction/preview";
import { Summary } from "../correction/summary";
import type { DeskProps } from "../desk";
import { figure } from "../survey/figures";
import { Swipe } from "./swipe";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export function History(props: { map: ParcelMap | null; session: Session; take: DeskProps["take"]; tell: DeskProps["tell"] }) {
  const { map, session, tell } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [typed, setTyped] = useState("");
  const [history, setHistory] = useState<Told | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [undoing, setUndoing] = useState<number | null>(null);

  const look = async (code: string, signal?: AbortSignal) => {
    setWrong(null);
    setUndoing(null);
    setTyped(code);
    try {
      setHistory(await ask("GET /api/v1/parcels/{code}/history", { path: { code }, signal }));
    } catch (error) {
      if (isAbort(error)) return;
      setHistory(null);
      setWrong(sentenceOf(error, language));
    }
  };

  useEffect(() => props.take(({ code }) => (code ? void look(code) : setWrong(say("noParcel")))), [language]);

  const versions = history ? [...history.versions].reverse() : [];
  return (
    <section aria-label={say("history")}>
      <form
        class="look"
        onSubmit={(event) => {
          event.preventDefault();
          const code = asTyped(typed).replace(/[\s.-]/g, "");
          if (code) void look(code);
        }}
      >
        <label>
          {say("code")}
          <input
            type="text"
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="plain">
          {say("look")}
        </button>
      </form>
      {!history && !wrong && <p class="next-step">{say("lookHow")}</p>}
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {history && (
        <>
          <h2>
            <code>{groups(history.code).join(" ")}</code>
          </h2>
          <ol class="versions">
            {versions.map((version, index) => (
              <One
                key={version.version}
                version={version}
                now={index === 0 && version.closed === null}
                onUndo={() => setUndoing(version.opened.correction)}
              />
            ))}
          </ol>
          {[
            ["ancestors", history.ancestors] as const,
            ["descendants", history.descendants] as const,
          ].map(
            ([name, kin]) =>
              kin.length > 0 && (
                <div key={name}>
                  <h3>{say(name)}</h3>
                  <ul class="touched">
                    {kin.slice(0, 50).map((one) => (
                      <li key={`${one.code}${one.of}`}>
                        <button type="button" class="linked" onClick={() => void look(one.code)}>
                          {groups(one.code).join(" ")}
                        </button>{" "}
                        {figure(one.shared_m2, language, 1)}&nbsp;m²
                      </li>
                    ))}
                  </ul>
                </div>
              ),
          )}
          {history.note && <p class="cut">{language === "vi" ? history.note.text_vi : history.note.text_en}</p>}
        </>
      )}
      {undoing !== null && <Undo key={undoing} correction={undoing} map={map} session={session} tell={tell} onClose={() => setUndoing(null)} />}
    </section>
  );
}

function One(props: { version: Version; now: boolean; onUndo: () => void }) {
  const { version, now } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const { opened } = version;
  return (
    <li class={now ? "now" : ""}>
      <b>
        {say(`kind.${opened.kind}` as "kind.split")} {say("no", { n: opened.correction })}
      </b>
      <span>
        {say("effective", { day: day(opened.effective_on) })} · {instant(opened.made_at)}
      </span>
      <span>
        {say("stood", { sheet: version.sheet.number, number: version.number, use: version.land_use, area: figure(version.area_m2, language, 1) })}
        {version.provisional && ` · ${say("provisional")}`}
      </span>
      {opened.reason && <span>{opened.reason}</span>}
      {opened.reverts !== null && <span>{say("reverts", { n: opened.reverts })}</span>}
      {now && opened.kind !== "import" && (
        <button type="button" class="plain" onClick={props.onUndo}>
          {say("undo")}
        </button>
      )}
    </li>
  );
}

/** The undo as a draft, which changes nothing yet; another approver decides on it. */
function Undo(props: { correction: number; map: ParcelMap | null; session: Session; tell: DeskProps["tell"]; onClose: () => void }) {
  const { correction, map, session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [draft, setDraft] = useState<CorrectionAnswer | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [chain, setChain] = useState(false);
  const [reason, setReason] = useState("");
  const [once] = useState(onceKey);
  const preview = draft && previewOf(draft);

  const during = async (work: () => Promise<void>) => {
    setBusy(true);
    setWrong(null);
    try {
      await work();
    } catch (error) {
      setWrong(sentenceOf(error, language));
    } finally {
      setBusy(false);
    }
  };
  const make = (together: boolean) =>
    during(async () => {
      const body = { intent: { kind: "revert" as const, correction, chain: together }, reason };
      setDraft(
        draft
          ? await session.ask("PUT /api/v1/corrections/{key}", { path: { key: draft.correction }, body })
          : await session.ask("POST /api/v1/corrections", { body, header: { "idempotency-key": once } }),
      );
      setChain(together);
    });
  const submit = () =>
    during(async () => {
      if (!draft?.hash) return;
      setDraft(await session.ask("POST /api/v1/corrections/{key}/submit", { path: { key: draft.correction }, body: { hash: draft.hash } }));
      props.tell(say("told.submitted"));
    });
  const leave = () =>
    during(async () => {
      if (draft && draft.state === "draft") await session.ask("POST /api/v1/corrections/{key}/withdraw", { path: { key: draft.correction }, body: {} });
      props.onClose();
    });

  useEffect(() => {
    if (!map || !preview) return;
    const swipe = new Swipe(map, { slider: say("swipe"), before: say("before"), after: say("after"), area: (m2) => `${figure(m2, language, 1)}\u00a0m²` });
    swipe.show(preview);
    swipe.goTo();
    return () => swipe.remove();
  }, [map, preview, language]);

  return (
    <section class="undo" aria-label={say("undoOf", { n: correction })}>
      <h3>{say("undoOf", { n: correction })}</h3>
      {!draft && session.has("editor") && (
        <>
          <p>{say("undoWhy")}</p>
          <label>
            {say("reason")}
            <textarea rows={2} maxLength={2000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
        </>
      )}
      {!session.has("editor") && <p class="next-step">{say("undoNeeds")}</p>}
      {draft && <Summary correction={draft} />}
      {draft?.state === "submitted" && <p role="status">{say("told.submitted")}</p>}
      <p class="wrong" role="alert">
        {wrong}
      </p>
      <div class="buttons">
        <button type="button" class="plain" disabled={busy} onClick={() => void leave()}>
          {draft?.state === "submitted" ? say("close") : say("cancel")}
        </button>
        {!draft && session.has("editor") && (
          <button type="button" class="plain primary" disabled={busy} onClick={() => void make(false)}>
            {say("previewUndo")}
          </button>
        )}
        {draft?.state === "draft" && draft.stops > 0 && !chain && (
          <button type="button" class="plain" disabled={busy} onClick={() => void make(true)}>
            {say("chain")}
          </button>
        )}
        {draft?.state === "draft" && draft.stops === 0 && (
          <button type="button" class="plain primary" disabled={busy} onClick={() => void submit()}>
            {say("submitUndo")}
          </button>
        )}
      </div>
    </section>
  );
}
