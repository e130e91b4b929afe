/** Files brought into the register: what was read is what was stored, unchanged and refused. */
import { useState } from "preact/hooks";
import type { Import } from "../../client/doors";
import { bytes, count, instant } from "../../format";
import type { ParcelMap } from "../../map";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { State } from "./state";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import { useTold } from "./use-told";

type Place = (lonDeg: number, latDeg: number) => void;

export function Imports(props: { map: ParcelMap | null; session: Session }) {
  const { map, session } = props;
  const say = useWords({ vi, en });
  const [before, setBefore] = useState<number | undefined>();
  const heard = useTold(session, "GET /api/v1/office/imports", { query: before ? { before } : {} });
  const { told } = heard;
  const place: Place = (lonDeg, latDeg) => map?.around([lonDeg - 2e-4, latDeg - 2e-4, lonDeg + 2e-4, latDeg + 2e-4]);
  return (
    <section aria-label={say("imports")}>
      <State of={heard} none={told && told.imports.length === 0 && say("noImports")} />
      <ul class="office-people">
        {told?.imports.map((one) => (
          <li key={one.id}>
            <One one={one} session={session} onPlace={place} />
          </li>
        ))}
      </ul>
      {told?.before && (
        <button type="button" class="plain" onClick={() => setBefore(told.before ?? undefined)}>
          {say("more")}
        </button>
      )}
    </section>
  );
}

function One(props: { one: Import; session: Session; onPlace: Place }) {
  const { one } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [open, setOpen] = useState(false);
  const heard = useTold(props.session, "GET /api/v1/office/imports/{number}", open ? { path: { number: one.id } } : null);
  const receipt = one.receipt as { read?: number; stored?: number; unchanged?: number; refused?: Record<string, number> };
  const refused = Object.values(receipt.refused ?? {}).reduce((sum, n) => sum + n, 0);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <b>{one.files.map((file) => file.name).join(", ") || say("import", { n: one.id })}</b>{" "}
        <span>
          {instant(one.made_at).slice(0, 17)} · {one.author}
        </span>
        {one.undone_by !== null && <em>{say("undone", { n: one.undone_by })}</em>}
      </summary>
      <p>
        {say("receipt", {
          read: count(receipt.read ?? 0, language),
          stored: count(receipt.stored ?? 0, language),
          unchanged: count(receipt.unchanged ?? 0, language),
          refused: count(refused, language),
        })}
      </p>
      {one.files.map((file) => (
        <p key={file.name} class="office-small">
          {file.name} · {bytes(file.bytes, language)}
        </p>
      ))}
      {open && <State of={heard} none={heard.told && heard.told.findings.length === 0 && say("noFindings")} />}
      <ul class="office-grants">
        {heard.told?.findings.map((finding, index) => (
          <li key={index}>
            <span>{language === "vi" ? finding.text_vi : finding.text_en}</span>
            {finding.lon_deg !== null && finding.lat_deg !== null && (
              <button type="button" class="plain" onClick={() => props.onPlace(finding.lon_deg!, finding.lat_deg!)}>
                {say("onMap")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
