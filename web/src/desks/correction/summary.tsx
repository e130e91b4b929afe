/** A correction in words and figures: what will be written into the register, areas, codes, who is touched, what hinders it. */
import type { CorrectionAnswer } from "../../client/doors";
import { groups } from "../../format";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { figure, squareMetres } from "../survey/figures";
import { previewOf, type Other, type Preview } from "./preview";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import "./correction.css";

const MOST_LINES = 200;

export function Summary(props: { correction: CorrectionAnswer; onParcel?: (code: string) => void }) {
  const { correction, onParcel } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const preview = previewOf(correction);
  if (!preview) return null;
  const { areas, codes, findings, neighbours, phrases } = preview;
  const others = correction.others as unknown as Other[];
  const link = (code: string | null, text: string) =>
    code && onParcel ? (
      <button type="button" class="linked" onClick={() => onParcel(code)}>
        {text}
      </button>
    ) : (
      text
    );
  return (
    <div class="summary">
      {findings.length > 0 && (
        <section>
          <h3>{say("findings")}</h3>
          <ul class="hinders">
            {findings.map((finding, index) => (
              <li key={index} class={finding.severity}>
                <b>{say(finding.severity)}</b> {finding[`text_${language}`]}
              </li>
            ))}
          </ul>
        </section>
      )}
      {others.length > 0 && (
        <p class="others" role="note">
          {say("others", { who: [...new Set(others.map((other) => other.author))].join(", ") })}
        </p>
      )}
      {phrases.length > 0 ? (
        <section>
          <h3>{say("words")}</h3>
          <ul class="phrases">
            {phrases.slice(0, MOST_LINES).map((phrase, index) => (
              <li key={index}>
                <span>{link(phrase.code, say("plot", { number: phrase.number }))}</span>
                <q lang="vi">{phrase.text}</q>
              </li>
            ))}
          </ul>
          {phrases.length > MOST_LINES && <p class="cut">{say("cut", { n: MOST_LINES, all: phrases.length })}</p>}
        </section>
      ) : (
        preview.table.length === 0 && <p class="none-found">{say("nothing")}</p>
      )}
      {preview.table.length > 0 && <Table preview={preview} onParcel={onParcel} />}
      {(areas.before_m2 > 0 || areas.after_m2 > 0) && (
        <p class="areas">
          {say("areas", { before: squareMetres(areas.before_m2, language), after: squareMetres(areas.after_m2, language) })}{" "}
          <b>
            {say("difference", {
              by: `${areas.written_difference_m2 > 0 ? "+" : ""}${figure(areas.written_difference_m2, language, 1)}\u00a0m²`,
            })}
          </b>
        </p>
      )}
      {codes.issued.length + codes.ended.length > 0 && (
        <section>
          <h3>{say("codes")}</h3>
          {codes.ended.length > 0 && (
            <p>
              {say("ended")} {codes.ended.slice(0, 12).map((code) => <code key={code}>{groups(code).join(" ")}</code>)}
              {codes.ended.length > 12 && ` … (${codes.ended.length})`}
            </p>
          )}
          {codes.issued.length > 0 && (
            <p>
              {say("issued")} {codes.issued.slice(0, 12).map((code) => <code key={code}>{groups(code).join(" ")}</code>)}
              {codes.issued.length > 12 && ` … (${codes.issued.length})`}
            </p>
          )}
        </section>
      )}
      {neighbours.length > 0 && (
        <section>
          <h3>{say("neighbours")}</h3>
          <ul class="touched">
            {neighbours.slice(0, MOST_LINES).map((neighbour) => (
              <li key={neighbour.code}>
                {link(neighbour.code, say("plot", { number: neighbour.number }))}:{" "}
                {say("corners", { n: neighbour.come.length })}
                {Math.abs(neighbour.area_change_m2) >= 0.05 &&
                  `, ${neighbour.area_change_m2 > 0 ? "+" : ""}${figure(neighbour.area_change_m2, language, 1)}\u00a0m²`}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Table(props: { preview: Preview; onParcel: ((code: string) => void) | undefined }) {
  const { preview, onParcel } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const m2 = (value: number | null) => (value === null ? "–" : figure(value, language, 1));
  const lines = preview.table.slice(0, MOST_LINES);
  return (
    <section>
      <h3>{say("table")}</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label={say("table")}>
        <table>
          <thead>
            <tr>
              <th colSpan={4} scope="colgroup">
                {say("before")}
              </th>
              <th colSpan={3} scope="colgroup">
                {say("after")}
              </th>
            </tr>
            <tr>
              <th scope="col">{say("sheet")}</th>
              <th scope="col">{say("number")}</th>
              <th scope="col">m²</th>
              <th scope="col">{say("use")}</th>
              <th scope="col">{say("number")}</th>
              <th scope="col">m²</th>
              <th scope="col">{say("use")}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => (
              <tr key={index} onClick={() => line.code && onParcel?.(line.code)}>
                <td>{line.sheet_before ?? "–"}</td>
                <td>{line.number_before ?? "–"}</td>
                <td class="n">{m2(line.area_before_m2)}</td>
                <td>{line.land_use_before ?? "–"}</td>
                <td class={line.number_before === (line.number ?? line.temporary_number) ? "" : "new"}>
                  {line.number ?? (line.temporary_number ? say("temporary", { number: line.temporary_number }) : "–")}
                </td>
                <td class={`n ${line.area_before_m2 === line.area_m2 ? "" : "new"}`}>{m2(line.area_m2)}</td>
                <td class={line.land_use_before === line.land_use ? "" : "new"}>{line.land_use ?? "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {preview.table.length > MOST_LINES && <p class="cut">{say("cut", { n: MOST_LINES, all: preview.table.length })}</p>}
    </section>
  );
}
