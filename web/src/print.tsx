/** Printing: the frame of the paper on the map, and the plan as PDF at a true scale, drawn by the server. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "./api";
import { Refused } from "./client/ask";
import { count } from "./format";
import type { Look } from "./legend";
import type { ParcelMap } from "./map";
import { overlay } from "./overlay";
import { useTexts } from "./texts";
import { nearestZone, planeOf, toDegrees, type Place } from "./vn2000";

const SEAL = "#9c2a20";
const FIRST_SCALE = 500;

/** The corners of a frame of paper (mm) round a place, closed. */
function frameOf(epsg: number, middle: Place, [wide, high]: [number, number], scale: number): Place[] {
  const [east, north] = planeOf(epsg, middle);
  const [dx, dy] = [(wide * scale) / 2000, (high * scale) / 2000];
  return [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([a, b]) => toDegrees(epsg, [east + a! * dx, north + b! * dy]));
}

export function Print(props: { map: ParcelMap; code: string | null; asOf: string | null; look: Look; onClose: () => void }) {
  const { language, say } = useTexts();
  const { map } = props.map;
  const [choices, setChoices] = useState<api.PlanChoices | null>(null);
  const [scale, setScale] = useState(FIRST_SCALE);
  const [paper, setPaper] = useState("a4");
  const [orientation, setOrientation] = useState<"portrait" | "landscape">("portrait");
  const [title, setTitle] = useState("");
  const [middle, setMiddle] = useState<Place>(() => props.map.freeMiddle());
  const [state, setState] = useState<"idle" | "busy" | { failed: Refused } | { made: string; name: string }>("idle");
  const layer = useRef<ReturnType<typeof overlay>>(null);
  const first = useRef<HTMLSelectElement>(null);
  const busy = useRef<AbortController>(null);

  useEffect(() => {
    const shown = (layer.current = overlay(map, "frame", [
      { type: "fill", paint: { "fill-color": SEAL, "fill-opacity": 0.06 } },
      { type: "line", paint: { "line-color": SEAL, "line-width": 2, "line-dasharray": [4, 2] } },
    ]));
    const controller = new AbortController();
    api.plans(map.getCenter().toArray(), controller.signal).then(setChoices, (error: unknown) => {
      if (!controller.signal.aborted) setState({ failed: error instanceof Refused ? error : new Refused(500) });
    });
    const moved = () => setMiddle(props.map.freeMiddle());
    map.on("move", moved);
    first.current?.focus();
    return () => {
      controller.abort();
      busy.current?.abort();
      map.off("move", moved);
      shown.end();
    };
  }, [props.map]);

  const epsg = choices?.zone.epsg ?? nearestZone(middle[0]);
  const sheet = choices?.papers.find((one) => one.paper === paper && one.orientation === orientation);
  const frame = useMemo(() => (sheet ? frameOf(epsg, middle, sheet.frame_mm, scale) : null), [epsg, middle, sheet, scale]);

  useEffect(() => {
    if (frame)
      layer.current?.show({
        type: "FeatureCollection",
        features: [{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [frame] } }],
      });
  }, [frame]);

  // another frame is looked at whole
  useEffect(() => {
    if (!frame) return;
    const [lons, lats] = [frame.map(([lon]) => lon), frame.map(([, lat]) => lat)];
    props.map.around([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]);
  }, [sheet, scale]);

  const made = typeof state === "object" && "made" in state ? state.made : null;
  useEffect(() => () => {
    if (made) URL.revokeObjectURL(made);
  }, [made]);

  const print = async () => {
    busy.current?.abort();
    const controller = (busy.current = new AbortController());
    setState("busy");
    const { code, asOf, look } = props;
    const asked = { center: middle, scale, paper, orientation, title, code, as_of: asOf, lang: language, look };
    try {
      const file = await api.plan(asked, controller.signal);
      setState({ made: URL.createObjectURL(file), name: `${code ? `thua-${code}` : "ban-do"}-1-${scale}.pdf` });
    } catch (error) {
      if (!controller.signal.aborted) setState({ failed: error instanceof Refused ? error : new Refused(500) });
    }
  };

  const again = <T,>(set: (value: T) => void) => (value: T) => {
    set(value);
    setState("idle");
  };
  return (
    <section class="tool-sheet print" aria-label={say("print.title")}>
      <h2>{say("print.title")}</h2>
      <button type="button" class="quiet tool-close" onClick={props.onClose} aria-label={say("print.close")} title={say("print.close")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="m5 5 10 10M15 5 5 15" />
        </svg>
      </button>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void print();
        }}
      >
        <label>
          {say("print.scale")}
          <select ref={first} value={scale} onChange={(event) => again(setScale)(Number(event.currentTarget.value))}>
            {(choices?.scales ?? [FIRST_SCALE]).map((one) => (
              <option key={one} value={one}>
                1:{count(one, language)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say("print.paper")}
          <select value={paper} onChange={(event) => again(setPaper)(event.currentTarget.value)}>
            <option value="a4">A4</option>
            <option value="a3">A3</option>
          </select>
        </label>
        <label>
          {say("print.orientation")}
          <select value={orientation} onChange={(event) => again(setOrientation)(event.currentTarget.value as typeof orientation)}>
            <option value="portrait">{say("print.portrait")}</option>
            <option value="landscape">{say("print.landscape")}</option>
          </select>
        </label>
        <label class="wide">
          {say("print.name")}
          <input type="text" maxLength={120} value={title} placeholder={say("print.nameless")} onInput={(event) => again(setTitle)(event.currentTarget.value)} />
        </label>
        <p class="tool-help">{say(props.code ? "print.helpParcel" : "print.help")}</p>
        <p class="tool-buttons">
          <button type="submit" class="plain strong" disabled={state === "busy" || !choices}>
            {say(state === "busy" ? "print.busy" : "print.make")}
          </button>
          {made && typeof state === "object" && "name" in state && (
            <a class="plain" href={made} download={state.name}>
              {say("print.save")}
            </a>
          )}
        </p>
        <p class="tool-failed" role="alert">
          {typeof state === "object" &&
            "failed" in state &&
            (state.failed.status === 0 ? say("print.lost") : (state.failed.own(language) ?? say("error.server", { status: state.failed.status })))}
        </p>
        <p class="off-screen" role="status">
          {made ? say("print.made") : ""}
        </p>
      </form>
    </section>
  );
}
