/** One survey: how far its check is, what it found, proposals to accept, and the way to the register. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ask, isAbort, sentenceOf } from "../../client/ask";
import type { CorrectionAnswer, Survey_Output as Survey } from "../../client/doors";
import type { ParcelMap } from "../../map";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { Summary } from "../correction/summary";
import type { DeskProps } from "../desk";
import { DrawnSurvey, shiftOf } from "./drawn";
import { metres, size, unbroken } from "./figures";
import { Findings } from "./findings";
import { followSurvey, type Happening } from "./follow";
import type { Receipt } from "./kept";
import { Closeups, reportOf, type Proposal, type Report } from "./report";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

const STEPS = ["received", "read", "checked"] as const;

export function SurveyView(props: {
  surveyKey: string;
  receipt: Receipt | null;
  map: ParcelMap | null;
  session: Session;
  take: DeskProps["take"];
  onBack: () => void;
}) {
  const { surveyKey: key, map, session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [survey, setSurvey] = useState<Survey | null>(null);
  const [happening, setHappening] = useState<Happening | null>(null);
  const [lost, setLost] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const [after, setAfter] = useState(true); // the survey over the register, or what was there before
  const [round, setRound] = useState(0); // another with each check that is asked for
  const drawn = useRef<DrawnSurvey | null>(null);
  const last = survey?.runs.findLast((run) => run.outcome !== null) ?? null;
  const closeups = useMemo(() => new Closeups(key, last?.run ?? 1), [key, last?.run]);
  const decided = happening?.state === "accepted" || happening?.state === "returned";

  useEffect(() => () => closeups.close(), [closeups]);

  useEffect(() => {
    const controller = new AbortController();
    const failed = (error: unknown) => isAbort(error) || setWrong(sentenceOf(error, language));
    const through = async () => {
      try {
        const now = await ask("GET /api/v1/surveys/{key}", { path: { key }, signal: controller.signal });
        setSurvey(now);
        const run = now.runs.findLast((one) => one.outcome !== null);
        if (run) setReport(await reportOf(key, run.run, controller.signal));
      } catch (error) {
        failed(error);
      }
    };
    setWrong(null);
    ask("GET /api/v1/surveys/{key}", { path: { key }, signal: controller.signal }).then(setSurvey, failed);
    const end = followSurvey(key, { heard: setHappening, lost: setLost, through: () => void through() });
    return () => {
      controller.abort();
      end();
    };
  }, [key, round]);

  useEffect(() => {
    if (!map) return;
    const made = (drawn.current = new DrawnSurvey(map));
    const letGo = props.take(({ lonDeg, latDeg }) => setChosen(made.at(lonDeg, latDeg)));
    return () => {
      letGo();
      made.remove();
      drawn.current = null;
    };
  }, [map, key]);

  useEffect(() => drawn.current?.show(report, after), [report, after, map]);
  useEffect(() => {
    if (report) drawn.current?.goTo();
  }, [report]);
  useEffect(() => drawn.current?.choose(chosen), [chosen]);

  const checkAgain = async (accept: string[] | null) => {
    setWrong(null);
    try {
      await ask("POST /api/v1/surveys/{key}/runs", { path: { key }, body: { accept } });
      drawn.current?.preview(null);
      setChosen(null);
      setReport(null);
      setHappening(null);
      setRound(round + 1);
    } catch (error) {
      setWrong(sentenceOf(error, language));
    }
  };
  const accepted = report?.accepted ?? [];

  return (
    <section aria-labelledby="survey-title">
      <button type="button" class="back" onClick={props.onBack}>
        {say("back")}
      </button>
      <h2 id="survey-title">{survey ? survey.files.map(({ name }) => name).join(", ") : say("survey")}</h2>
      {lost && (
        <p class="wrong" role="alert">
          {say("lineLost")}
        </p>
      )}
      {happening && !decided && <Check happening={happening} />}
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {report && happening && (
        <>
          <div class={`outcome ${happening.state}`} role="status">
            <b>{language === "vi" ? happening.message_vi : happening.message_en}</b>
            <span>
              {say("counts", { plots: report.counts.plots, findings: report.counts.findings })}
              {report.zone && ` · ${report.zone}`}
            </span>
          </div>
          {(report.proposals.length > 0 || accepted.length > 0) && (
            <Proposals
              proposals={report.proposals}
              accepted={accepted.filter((taken) => !report.proposals.some(({ key: other }) => other === taken))}
              onTakeBack={(taken) => void checkAgain(accepted.filter((one) => one !== taken))}
              onPreview={(proposal) => drawn.current?.preview(proposal ? shiftOf(proposal.key) : null)}
              onAccept={(proposal) =>
                void checkAgain(proposal.accepted ? accepted.filter((one) => one !== proposal.key) : [...accepted, proposal.key])
              }
            />
          )}
          {map && report.plots.some((plot) => plot.geometry) && (
            <div class="sides" role="group" aria-label={say("sides")}>
              <button type="button" aria-pressed={!after} onClick={() => setAfter(false)}>
                {say("sideBefore")}
              </button>
              <button type="button" aria-pressed={after} onClick={() => setAfter(true)}>
                {say("sideAfter")}
              </button>
              <button type="button" onClick={() => drawn.current?.goTo()}>
                {say("whole")}
              </button>
            </div>
          )}
          <Findings report={report} closeups={closeups} chosen={chosen} onChoose={setChosen} />
          {report.left.length > 0 && (
            <details class="more">
              <summary>{say("left", { n: report.left.length })}</summary>
              <ul>
                {report.left.map((left) => (
                  <li key={left.rule}>
                    {left[`title_${language}`]}: {left[`text_${language}`]}
                  </li>
                ))}
              </ul>
            </details>
          )}
          {last && (
            <p class="forms">
              {last.links
                .filter((link) => link.rel === "report" && /\.(pdf|html)\b/.test(link.href))
                .map((link) => (
                  <a key={link.href} href={link.href} target="_blank" rel="noopener">
                    {/\.pdf/.test(link.href) ? say("pdf") : say("page")}
                  </a>
                ))}
            </p>
          )}
          {happening.state === "accepted" && <Handing key={round} surveyKey={key} drafted={last?.correction != null} session={session} />}
          {happening.state === "returned" && <p class="next-step">{say("mend")}</p>}
        </>
      )}
      {survey && (
        <details class="more receipt">
          <summary>{say("receipt")}</summary>
          <p>{say("receiptNo", { key })}</p>
          <ul>
            {survey.files.map((file) => {
              const mine = props.receipt?.sums[file.name];
              return (
                <li key={file.sha256}>
                  <b>{file.name}</b> {size(file.bytes, language)}
                  <code>SHA-256 {file.sha256}</code>
                  {mine && <em class={mine === file.sha256 ? "same" : "other"}>{mine === file.sha256 ? say("sumSame") : say("sumOther")}</em>}
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </section>
  );
}

function Check(props: { happening: Happening }) {
  const { happening } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const at = STEPS.indexOf(happening.state as "read");
  return (
    <div class="checking" role="status">
      <ol>
        {STEPS.map((step, index) => (
          <li key={step} class={index < at ? "done" : index === at ? "now" : ""}>
            {say(step)}
          </li>
        ))}
      </ol>
      <progress max={1} value={happening.progress} aria-label={say("check")} />
      <p>{language === "vi" ? happening.message_vi : happening.message_en}</p>
    </div>
  );
}

function Proposals(props: {
  proposals: Proposal[];
  accepted: string[]; // those the check was made with
  onPreview: (proposal: Proposal | null) => void;
  onAccept: (proposal: Proposal) => void;
  onTakeBack: (accepted: string) => void;
}) {
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [shown, setShown] = useState<string | null>(null);
  return (
    <section class="proposals" aria-label={say("proposals")}>
      <h3>{say("proposals")}</h3>
      {props.accepted.map((taken) => {
        const shift = shiftOf(taken);
        return (
          <div key={taken} class="proposal">
            <p>
              {shift
                ? say("movedBy", { east: metres(shift.eastM, language), north: metres(shift.northM, language) })
                : say("acceptedSo", { key: taken })}
            </p>
            <div class="buttons">
              <button type="button" class="plain" onClick={() => props.onTakeBack(taken)}>
                {say("takeBack")}
              </button>
            </div>
          </div>
        );
      })}
      {props.proposals.map((proposal) => (
        <div key={proposal.key} class="proposal">
          <p>{unbroken(language === "vi" ? proposal.text_vi : proposal.text_en)}</p>
          <div class="buttons">
            {shiftOf(proposal.key) && !proposal.accepted && (
              <button
                type="button"
                class="plain"
                aria-pressed={shown === proposal.key}
                onClick={() => {
                  const next = shown === proposal.key ? null : proposal;
                  setShown(next?.key ?? null);
                  props.onPreview(next);
                }}
              >
                {say("previewMove")}
              </button>
            )}
            <button type="button" class="plain primary" onClick={() => props.onAccept(proposal)}>
              {proposal.accepted ? say("takeBack") : say("accept")}
            </button>
          </div>
        </div>
      ))}
    </section>
  );
}

/** From the accepted survey to the approver: a draft, looked at, handed in as it was seen. */
function Handing(props: { surveyKey: string; drafted: boolean; session: Session }) {
  const { session, surveyKey } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [draft, setDraft] = useState<CorrectionAnswer | null>(null);
  const [counts, setCounts] = useState<Record<string, number>>({});
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);

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
  const read = async (key: string) => setDraft(await session.ask("GET /api/v1/corrections/{key}", { path: { key } }));
  const make = () =>
    during(async () => {
      const made = await session.ask("POST /api/v1/surveys/{key}/corrections", { path: { key: surveyKey } });
      setCounts(made.counts);
      await read(made.correction);
    });
  // one that was drafted before is shown as it stands
  useEffect(() => {
    if (props.drafted) void make();
  }, []);
  const submit = () =>
    during(async () => {
      if (!draft?.hash) return;
      try {
        const path = { key: draft.correction };
        setDraft(await session.ask("POST /api/v1/corrections/{key}/submit", { path, body: { hash: draft.hash } }));
      } catch (error) {
        await read(draft.correction).catch(() => undefined); // what hinders it is told with what stands now
        throw error;
      }
    });

  const state = draft?.state ?? null;
  const returned = draft?.events.findLast((event) => event.state === "returned");
  return (
    <section class="handing" aria-label={say("handing")}>
      <h3>{say("handing")}</h3>
      {!draft && <p>{say("handingWhy")}</p>}
      {draft && (
        <>
          <p class="does">
            {Object.entries(counts)
              .filter(([, n]) => n > 0)
              .map(([does, n]) => `${say(does as "new")}: ${n}`)
              .join(" · ")}
          </p>
          <p class={`state ${state}`} role="status">
            {say(`state.${state!}` as "state.draft")}
            {state === "returned" && returned?.comment && ` “${returned.comment}”`}
          </p>
          <Summary correction={draft} />
        </>
      )}
      <p class="wrong" role="alert">
        {wrong}
      </p>
      <div class="buttons">
        {!draft && (
          <button type="button" class="plain primary" disabled={busy} onClick={() => void make()}>
            {say("makeDraft")}
          </button>
        )}
        {state === "draft" && draft!.stops === 0 && (draft!.preview["table"] as unknown[] | undefined)?.length !== 0 && (
          <button type="button" class="plain primary" disabled={busy} onClick={() => void submit()}>
            {say("submit")}
          </button>
        )}
      </div>
    </section>
  );
}
