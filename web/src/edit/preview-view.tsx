/** What the server says a draft will do: what hinders it, the mutation table, areas, neighbours, codes, the words of the book. */
import { useTexts } from "../texts";
import type { Correction, Finding } from "./preview";
import { signed, toldIn, useEditWords } from "./say";

export function PreviewView(props: { answer: Correction; fresh: boolean; looking: boolean; onLook: (looking: boolean) => void; onPlace: (finding: Finding) => void; onReturned: (place: [number, number]) => void }) {
  const { preview, others } = props.answer;
  const { language } = useTexts();
  const say = useEditWords();
  const { area } = toldIn(language);
  const returned = props.answer.state === "returned" ? props.answer.events.at(-1) : undefined;
  const none = "–";
  return (
    <section class="edit-preview" aria-label={say("preview.title")} data-fresh={props.fresh}>
      <h3>{say("preview.title")}</h3>
      {props.fresh ? (
        <label class="edit-check">
          <input type="checkbox" checked={props.looking} onChange={(event) => props.onLook(event.currentTarget.checked)} />
          <span>{say("look")}</span>
        </label>
      ) : (
        <p class="edit-note" role="status">
          {say("preview.stale")}
        </p>
      )}
      {returned && (
        <div class="edit-note" role="status">
          <b>{say("preview.returned", { who: returned.who })}</b> {returned.comment}
          {returned.place && (
            <button type="button" class="plain" onClick={() => props.onReturned(returned.place!)}>
              {say("preview.goTo")}
            </button>
          )}
        </div>
      )}
      <ul class="edit-findings" aria-label={say("preview.findings")}>
        {preview.findings.map((finding, k) => (
          <li key={k} class={`edit-${finding.severity}`}>
            <b>{say(`severity.${finding.severity}`)}</b> {language === "vi" ? finding.text_vi : finding.text_en}
            {finding.x !== null && finding.y !== null && (
              <button type="button" class="plain" onClick={() => props.onPlace(finding)}>
                {say("preview.goTo")}
              </button>
            )}
          </li>
        ))}
        {preview.findings.length === 0 && <li class="edit-fine">{say("preview.fine")}</li>}
      </ul>
      {preview.table.length > 0 && (
        <div class="edit-scroll" tabIndex={0} role="group" aria-label={say("preview.table")}>
          <table>
            <caption>{say("preview.table")}</caption>
            <thead>
              <tr>
                <th colSpan={3} scope="colgroup">
                  {say("preview.before")}
                </th>
                <th colSpan={3} scope="colgroup">
                  {say("preview.after")}
                </th>
              </tr>
              <tr>
                <th scope="col">{say("column.parcel")}</th>
                <th scope="col">{say("column.area")}</th>
                <th scope="col">{say("column.use")}</th>
                <th scope="col">{say("column.parcel")}</th>
                <th scope="col">{say("column.area")}</th>
                <th scope="col">{say("column.use")}</th>
              </tr>
            </thead>
            <tbody>
              {preview.table.map((line, k) => (
                <tr key={k}>
                  <td>{line.number_before ? `${line.sheet_before}/${line.number_before}` : none}</td>
                  <td>{line.area_before_m2 === null ? none : area(line.area_before_m2)}</td>
                  <td>{line.land_use_before ?? none}</td>
                  <td>{line.temporary_number ?? line.number ?? none}</td>
                  <td>{line.area_m2 === null ? none : area(line.area_m2)}</td>
                  <td>{line.land_use ?? none}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <dl class="edit-facts">
        {preview.parcels.length > 0 && (
          <div>
            <dt>{say("preview.areas")}</dt>
            <dd>
              {area(preview.areas.before_m2)} → {area(preview.areas.after_m2)} ({signed(preview.areas.difference_m2, 2, language)} m²)
            </dd>
          </div>
        )}
        {preview.codes.issued.length > 0 && (
          <div>
            <dt>{say("preview.issued")}</dt>
            <dd>
              {preview.codes.issued.map((code) => (
                <code key={code}>{code}</code>
              ))}
            </dd>
          </div>
        )}
        {preview.codes.ended.length > 0 && (
          <div>
            <dt>{say("preview.ended")}</dt>
            <dd>
              {preview.codes.ended.map((code) => (
                <code key={code}>{code}</code>
              ))}
            </dd>
          </div>
        )}
        {preview.neighbours.length > 0 && (
          <div>
            <dt>{say("preview.neighbours")}</dt>
            <dd>
              <ul>
                {preview.neighbours.map((one) => (
                  <li key={one.code}>
                    {say("preview.neighbour", { number: one.number, change: signed(one.area_change_m2, 2, language), gone: one.gone.length, come: one.come.length })}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        {preview.phrases.length > 0 && (
          <div>
            <dt>{say("preview.phrases")}</dt>
            <dd lang="vi">
              <ul>
                {preview.phrases.map((phrase, k) => (
                  <li key={k}>
                    <b>{phrase.number}</b>: {phrase.text}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        {others.length > 0 && (
          <div>
            <dt>{say("preview.others")}</dt>
            <dd>
              <ul>
                {others.map((one, k) => (
                  <li key={k}>{say("preview.other", { who: one.author, code: one.code })}</li>
                ))}
              </ul>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
