/** What an archive tells of its parcels: finding them and reading of them without a server. */
import { area, groups } from "./format";
import type { Result } from "./lookup";
import { fold, readQuery } from "./query";
import { useTexts, type Say } from "./texts";

/** A row of an archive's parcels: code, sheet, number, land use, areas (m²), degrees, main address. */
export type KeptParcel = [
  code: string,
  sheet: string,
  number: string,
  landUse: string,
  areaM2: number,
  legalAreaM2: number | null,
  lonDeg: number,
  latDeg: number,
  address: string | null,
];

const MOST = 8;

export function findKept(parcels: KeptParcel[], typed: string, say: Say): Result[] {
  const query = readQuery(typed);
  if (!query) return [];
  const words = fold(typed).split(/[\s,./-]+/).filter(Boolean);
  const fits = ([code, sheet, number, , , , , , address]: KeptParcel): boolean => {
    switch (query.kind) {
      case "code":
        return code === query.code;
      case "sheet":
        return fold(sheet) === query.sheet && fold(number) === query.number;
      case "digital":
        return false;
      case "text": {
        const text = address ? ` ${fold(address).replace(/[\s,./-]+/g, " ")}` : "";
        return words.every((word) => text.includes(` ${word}`));
      }
    }
  };
  const found: Result[] = [];
  for (const parcel of parcels) {
    if (!fits(parcel)) continue;
    const [code, sheet, number, , , , lonDeg, latDeg, address] = parcel;
    const detail = [address, groups(code).join("\u2009")].filter(Boolean).join(" · ");
    found.push({ key: `parcel ${code}`, title: say("search.sheetNumber", { sheet, number }), detail, code, place: [lonDeg, latDeg] });
    if (found.length === MOST) break;
  }
  return found;
}

export function Kept(props: { parcel: KeptParcel; onClose: () => void }) {
  const { language, say } = useTexts();
  const [code, sheet, number, landUse, areaM2, legalAreaM2, , , address] = props.parcel;
  const none = <span class="missing">{say("parcel.none")}</span>;
  return (
    <section class="panel" aria-label={say("parcel.title")}>
      <button type="button" class="quiet panel-close" onClick={props.onClose} aria-label={say("parcel.close")} title={say("parcel.close")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="m5 5 10 10M15 5 5 15" />
        </svg>
      </button>
      <h2>
        <span>
          <small>{say("parcel.sheet")}</small>
          {sheet}
        </span>
        <span>
          <small>{say("parcel.number")}</small>
          {number}
        </span>
      </h2>
      <div class="code-line kept-code">
        <div>
          <h3>{say("parcel.code")}</h3>
          <code data-code={code}>
            {groups(code).map((group) => (
              <span key={group}>{group}</span>
            ))}
          </code>
        </div>
      </div>
      <dl>
        <div>
          <dt>{say("parcel.addressText")}</dt>
          <dd>{address ?? none}</dd>
        </div>
        <div>
          <dt>{say("parcel.landUse")}</dt>
          <dd>{landUse ? <b class="land-use">{landUse}</b> : none}</dd>
        </div>
        <div>
          <dt>{say("parcel.area")}</dt>
          <dd class="figure">{area(areaM2, language)}</dd>
        </div>
        <div>
          <dt>{say("parcel.legalArea")}</dt>
          <dd class="figure">{legalAreaM2 === null ? none : area(legalAreaM2, language)}</dd>
        </div>
      </dl>
      <p class="tool-help">{say("offline.facts")}</p>
    </section>
  );
}
