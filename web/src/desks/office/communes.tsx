/** Communes and their map sheets, counted; each is shown on the map. */
import { useState } from "preact/hooks";
import type { CommuneCount } from "../../client/doors";
import type { Bounds } from "../../bounds";
import { count, hectares } from "../../format";
import type { ParcelMap } from "../../map";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { State } from "./state";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import { useTold } from "./use-told";

type Show = (box: number[] | null) => void;

export function Communes(props: { map: ParcelMap | null; session: Session }) {
  const { map, session } = props;
  const say = useWords({ vi, en });
  const heard = useTold(session, "GET /api/v1/office/communes", {});
  const { told } = heard;
  const show: Show = (box) => box && map?.around(box as unknown as Bounds);
  return (
    <section aria-label={say("communes")}>
      <State of={heard} none={told && told.communes.length === 0 && say("noCommunes")} />
      <ul class="office-people">
        {told?.communes.map((one) => (
          <li key={one.code}>
            <One one={one} session={session} onShow={show} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One(props: { one: CommuneCount; session: Session; onShow: Show }) {
  const { one } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [open, setOpen] = useState(false);
  const heard = useTold(props.session, "GET /api/v1/office/communes/{code}/sheets", open ? { path: { code: one.code } } : null);
  const figures = (n: number, m2: number) => `${say("nParcels", { n: count(n, language) })} · ${hectares(m2, language)}`;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <b>{one.name}</b>{" "}
        <span>
          {one.code} · {say("nSheets", { n: count(one.sheets, language) })} · {figures(one.parcels, one.area_m2)}
        </span>
      </summary>
      <button type="button" class="plain" onClick={() => props.onShow(one.bbox)}>
        {say("onMap")}
      </button>
      {open && <State of={heard} />}
      <ul class="office-grants">
        {heard.told?.sheets.map((sheet) => (
          <li key={`${sheet.number} ${sheet.map_set} ${sheet.scale}`}>
            <span>
              {say("sheet", { number: sheet.number })}
              {sheet.scale && ` · 1:${sheet.scale}`} · {figures(sheet.parcels, sheet.area_m2)}
            </span>
            <button
              type="button"
              class="plain"
              aria-label={`${say("onMap")}: ${say("sheet", { number: sheet.number })}`}
              onClick={() => props.onShow(sheet.bbox)}
            >
              {say("onMap")}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
