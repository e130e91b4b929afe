/** Measuring on the ground: points by clicks or by Enter at the cross, length and area told live, in the grid of VN-2000. */
import type { FeatureCollection } from "geojson";
import type { MapMouseEvent } from "maplibre-gl";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import { hectares, metres, squareMetres } from "./format";
import type { ParcelMap } from "./map";
import { overlay } from "./overlay";
import { useTexts } from "./texts";
import { distance, signedArea } from "./plane";
import { nearestZone, planeOf, type Place, type Point } from "./vn2000";

const INK = "#1d5f9e";

function drawn(points: Place[], pointer: Place | null): FeatureCollection {
  const line = pointer ? [...points, pointer] : points;
  const features: FeatureCollection["features"] = points.map((point) => ({
    type: "Feature",
    properties: {},
    geometry: { type: "Point", coordinates: point },
  }));
  if (line.length > 1) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } });
  if (line.length > 2) features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...line, line[0]!]] } });
  return { type: "FeatureCollection", features };
}

const lengthM = (line: readonly Point[]) => line.slice(1).reduce((sum, point, k) => sum + distance(line[k]!, point), 0);
const areaM2 = (ring: readonly Point[]) => Math.abs(signedArea(ring));

export function Measure(props: { map: ParcelMap; onClose: () => void }) {
  const { language, say } = useTexts();
  const { map } = props.map;
  const [points, setPoints] = useState<Place[]>([]);
  const [pointer, setPointer] = useState<Place | null>(null);
  const [epsg, setEpsg] = useState(() => nearestZone(map.getCenter().lng));
  const layer = useRef<ReturnType<typeof overlay>>(null);
  const ended = useRef(false);

  // ended with the sheet, not after the next paint: a click right after it opens a parcel
  useLayoutEffect(() => {
    const shown = (layer.current = overlay(map, "measure", [
      { type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": INK, "fill-opacity": 0.14 } },
      {
        type: "line",
        filter: ["==", ["geometry-type"], "LineString"],
        layout: { "line-join": "round", "line-cap": "round" },
        paint: { "line-color": INK, "line-width": 2.5 },
      },
      {
        type: "circle",
        filter: ["==", ["geometry-type"], "Point"],
        paint: { "circle-color": "#ffffff", "circle-radius": 4.5, "circle-stroke-color": INK, "circle-stroke-width": 2 },
      },
    ]));
    const controller = new AbortController();
    const { lng, lat } = map.getCenter();
    // the zone of the sheets here; the nearest one differs by less than a centimetre in a hundred metres
    api.plans([lng, lat], controller.signal).then((told) => setEpsg(told.zone.epsg), () => undefined);
    const put = (at: Place) => {
      if (ended.current) return;
      setPointer(null);
      setPoints((points) => [...points, at]);
    };
    const move = (event: MapMouseEvent) => !ended.current && setPointer([event.lngLat.lng, event.lngLat.lat]);
    const still = () => setPointer(null);
    const canvas = map.getCanvas();
    const keys = (event: KeyboardEvent) => {
      if (event.key !== "Backspace" && event.key !== "Delete") return;
      event.preventDefault();
      setPoints((points) => points.slice(0, -1));
    };
    const release = props.map.take(put);
    map.doubleClickZoom.disable();
    const finish = () => {
      ended.current = true;
      setPointer(null);
      setPoints((points) => points.filter(([lon, lat], k) => k === 0 || lon !== points[k - 1]![0] || lat !== points[k - 1]![1]));
    };
    map.on("mousemove", move);
    map.on("mouseout", still);
    map.on("dblclick", finish);
    canvas.addEventListener("keydown", keys);
    canvas.focus();
    canvas.style.cursor = "crosshair";
    return () => {
      controller.abort();
      release();
      map.doubleClickZoom.enable();
      map.off("mousemove", move);
      map.off("mouseout", still);
      map.off("dblclick", finish);
      canvas.removeEventListener("keydown", keys);
      canvas.style.cursor = "";
      shown.end();
    };
  }, [props.map]);

  useEffect(() => layer.current?.show(drawn(points, pointer)), [points, pointer]);

  const line = (pointer && points.length > 0 ? [...points, pointer] : points).map((point) => planeOf(epsg, point));
  const last = line.length > 1 ? lengthM(line.slice(-2)) : 0;
  const area = line.length > 2 ? areaM2(line) : null;
  const said = points.length > 1 ? points.map((point) => planeOf(epsg, point)) : [];
  return (
    <section
      class="tool-sheet measure"
      aria-label={say("measure.title")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        props.onClose();
      }}
    >
      <h2>{say("measure.title")}</h2>
      <button type="button" class="quiet tool-close" onClick={props.onClose} aria-label={say("measure.close")} title={say("measure.close")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="m5 5 10 10M15 5 5 15" />
        </svg>
      </button>
      <dl>
        <div>
          <dt>{say("measure.length")}</dt>
          <dd data-length={lengthM(line).toFixed(3)}>{metres(lengthM(line), language)}</dd>
        </div>
        <div>
          <dt>{say("measure.last")}</dt>
          <dd>{line.length > 1 ? metres(last, language) : "–"}</dd>
        </div>
        <div>
          <dt>{say("measure.area")}</dt>
          <dd data-area={area?.toFixed(3) ?? ""}>
            {area === null ? "–" : `${squareMetres(area, language)}${area >= 1000 ? ` · ${hectares(area, language)}` : ""}`}
          </dd>
        </div>
      </dl>
      <p class="off-screen" role="status">
        {said.length > 1 &&
          `${say("measure.length")} ${metres(lengthM(said), language)}${said.length > 2 ? `, ${say("measure.area")} ${squareMetres(areaM2(said), language)}` : ""}`}
      </p>
      <p class="tool-help">{say("measure.help")}</p>
      <p class="tool-buttons">
        <button type="button" class="plain" disabled={points.length === 0} onClick={() => setPoints(points.slice(0, -1))}>
          {say("measure.undo")}
        </button>
        <button
          type="button"
          class="plain"
          disabled={points.length === 0}
          onClick={() => {
            ended.current = false;
            setPoints([]);
            map.getCanvas().focus();
          }}
        >
          {say("measure.clear")}
        </button>
      </p>
    </section>
  );
}
