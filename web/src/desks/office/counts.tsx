/** What offices report: surveys, corrections, parcels and hectares by commune or month, on time and late; as a table too. */
import { useState } from "preact/hooks";
import { sentenceOf } from "../../client/ask";
import type { Count } from "../../client/doors";
import { count, hectares } from "../../format";
import type { ParcelMap } from "../../map";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { State } from "./state";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import { useTold } from "./use-told";

const COLUMNS = ["surveys", "corrections", "parcels", "area_m2", "on_time", "late", "overdue"] as const;
const thisMonth = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh", year: "numeric", month: "2-digit" }).format(new Date()).slice(0, 7);
const monthName = (month: string) => month.split("-").reverse().join("/");

export function Counts(props: { map: ParcelMap | null; session: Session }) {
  const { session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [last, setLast] = useState(thisMonth);
  const [first, setFirst] = useState(() => `${thisMonth().slice(0, 4)}-01`);
  const [by, setBy] = useState<"communes" | "months">("communes");
  const [wrong, setWrong] = useState<string | null>(null);
  const whole = /^\d{4}-\d{2}$/.test(first) && /^\d{4}-\d{2}$/.test(last);
  const heard = useTold(session, "GET /api/v1/office/counts", whole ? { query: { first, last } } : null);
  const { told } = heard;
  const rows = told?.[by] ?? [];
  const most = Math.max(1, ...rows.map((row) => row.corrections));
  const cell = (row: Count, name: (typeof COLUMNS)[number]) =>
    name === "area_m2" ? hectares(row.area_m2, language) : count(row[name], language);

  const download = async () => {
    setWrong(null);
    try {
      const query = new URLSearchParams({ first, last, language });
      const answer = await session.fetch(`/api/v1/office/counts.csv?${query.toString()}`);
      const address = URL.createObjectURL(await answer.blob());
      const link = Object.assign(document.createElement("a"), { href: address, download: `diachinh-${first}-${last}.csv` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (error) {
      setWrong(sentenceOf(error, language));
    }
  };

  return (
    <section aria-label={say("counts")}>
      <div class="fields">
        <label>
          {say("first")}
          <input type="month" value={first} onChange={(event) => setFirst(event.currentTarget.value)} />
        </label>
        <label>
          {say("last")}
          <input type="month" value={last} onChange={(event) => setLast(event.currentTarget.value)} />
        </label>
      </div>
      <div class="states office-by" role="group" aria-label={say("by")}>
        {(["communes", "months"] as const).map((name) => (
          <button key={name} type="button" aria-pressed={by === name} onClick={() => setBy(name)}>
            {say(`by.${name}`)}
          </button>
        ))}
      </div>
      {whole ? <State of={heard} none={told && rows.length === 0 && say("noCounts")} /> : <p class="wrong" role="alert">{say("twoMonths")}</p>}
      {told && rows.length > 0 && (
        <>
          <div class="office-table" tabIndex={0} role="region" aria-label={say("by")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{say(`by.${by}`)}</th>
                  {COLUMNS.map((name) => (
                    <th key={name} scope="col">
                      {say(`column.${name}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => {
                  const name = by === "months" ? monthName(row.month ?? "") : (row.commune?.name ?? say("unknown"));
                  return (
                    <tr key={name}>
                      <th scope="row">
                        {name}
                        <meter aria-hidden="true" min={0} max={most} value={row.corrections} />
                      </th>
                      {COLUMNS.map((one) => (
                        <td key={one}>{cell(row, one)}</td>
                      ))}
                    </tr>
                  );
                })}
              </tbody>
              <tfoot>
                <tr>
                  <th scope="row">{say("total")}</th>
                  {COLUMNS.map((one) => (
                    <td key={one}>{cell(told.total, one)}</td>
                  ))}
                </tr>
              </tfoot>
            </table>
          </div>
          <p class="office-small">
            {say("also", {
              imports: count(told.total.imports, language),
              parcels: count(told.total.imported, language),
              area: hectares(told.total.imported_m2, language),
              reverts: count(told.total.reverts, language),
            })}
          </p>
          <p class="office-small">{say("term")}</p>
          <button type="button" class="plain" onClick={() => void download()}>
            {say("download")}
          </button>
        </>
      )}
      <p class="wrong" role="alert">
        {wrong}
      </p>
    </section>
  );
}
