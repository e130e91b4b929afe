/** What is wrong and where: a list beside the map; the one that is open shows its close-up, its measures and its repair. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { figure, metres, squareMetres, unbroken } from "./figures";
import type { Closeups, Finding, Report, Severity } from "./report";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

const SEVERITIES: Severity[] = ["stops", "explain", "note"];
const AT_ONCE = 60;

export function Findings(props: { report: Report; closeups: Closeups; chosen: number | null; onChoose: (n: number | null) => void }) {
  const { report, chosen } = props;
  const say = useWords({ vi, en });
  const [only, setOnly] = useState<Severity | null>(null);
  const [most, setMost] = useState(AT_ONCE);
  const counts = report.counts.severity;
  const shown = report.findings.filter((finding) => only === null || finding.severity === only);
  const index = shown.findIndex(({ n }) => n === chosen);
  const step = (by: number) => {
    const next = shown[index + by];
    if (next) props.onChoose(next.n);
  };

  // one that was chosen on the map is shown, whatever the list was narrowed to
  useEffect(() => {
    if (chosen === null) return;
    const finding = report.findings.find(({ n }) => n === chosen);
    if (finding && only !== null && finding.severity !== only) setOnly(null);
    if (index >= most) setMost(index + AT_ONCE);
  }, [chosen]);

  if (!report.findings.length) return <p class="none-found">{say("noFindings")}</p>;
  return (
    <section aria-label={say("findings")}>
      <div class="severities" role="group" aria-label={say("showOnly")}>
        {SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => (
          <button
            key={severity}
            type="button"
            class={`severity ${severity}`}
            aria-pressed={only === severity}
            onClick={() => setOnly(only === severity ? null : severity)}
          >
            <b>{counts[severity]}</b> {say(severity)}
          </button>
        ))}
      </div>
      <ol
        class="findings"
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          if (chosen === null || (event.target as HTMLElement).tagName !== "BUTTON") return;
          event.preventDefault();
          step(event.key === "ArrowDown" ? 1 : -1);
        }}
      >
        {shown.slice(0, most).map((finding) => (
          <One
            key={finding.n}
            finding={finding}
            open={finding.n === chosen}
            closeups={props.closeups}
            onToggle={() => props.onChoose(finding.n === chosen ? null : finding.n)}
          />
        ))}
      </ol>
      {shown.length > most && (
        <button type="button" class="plain" onClick={() => setMost(most + AT_ONCE)}>
          {say("moreFindings", { n: shown.length - most })}
        </button>
      )}
    </section>
  );
}

function One(props: { finding: Finding; open: boolean; closeups: Closeups; onToggle: () => void }) {
  const { finding, open, closeups } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [picture, setPicture] = useState<string | null>(null);
  const item = useRef<HTMLLIElement>(null);
  const head = useRef<HTMLButtonElement>(null);
  const inLanguage = (name: "title" | "text" | "repair") => unbroken(finding[`${name}_${language}`] ?? "");

  useEffect(() => {
    if (!open) return;
    let here = true;
    item.current?.scrollIntoView({ block: "nearest" });
    if (item.current?.parentElement?.contains(document.activeElement)) head.current?.focus({ preventScroll: true });
    void closeups.of(finding.n).then((address) => here && setPicture(address));
    return () => {
      here = false;
    };
  }, [open]);

  const facts: [string, string][] = [];
  if (finding.record) facts.push([say("inFile"), [finding.record, finding.other].filter(Boolean).join(" · ")]);
  if (finding.width_m !== null) facts.push([say("width"), metres(finding.width_m, language)]);
  if (finding.size_m2 !== null) facts.push([say("area"), squareMetres(finding.size_m2, language)]);
  if (finding.x !== null && finding.y !== null)
    facts.push([say("xy"), `${figure(finding.y, language, 2)}; ${figure(finding.x, language, 2)}`]); // north is X on Vietnamese papers
  if (finding.law) facts.push([say("law"), finding.law]);

  return (
    <li ref={item} class={`finding ${finding.severity}`} data-finding={finding.n}>
      <button ref={head} type="button" aria-expanded={open} onClick={props.onToggle}>
        <span class="badge">{finding.n}</span>
        <span>
          <b>{inLanguage("title")}</b>
          <span>{inLanguage("text")}</span>
        </span>
      </button>
      {open && (
        <div class="finding-open">
          {picture && <img src={picture} alt={say("closeupOf", { n: finding.n })} />}
          {inLanguage("repair") && (
            <p class="repair">
              <b>{say("repair")}</b> {inLanguage("repair")}
            </p>
          )}
          <dl>
            {facts.map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </li>
  );
}
