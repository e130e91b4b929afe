/** The survey on the page's map: plots over the register, findings by their severity, where a proposal would move them. */
import type { Feature, Geometry, Position } from "geojson";
import type { Bounds } from "../../bounds";
import type { ParcelMap } from "../../map";
import { layersOn, roomOf, type DeskLayers } from "../layers";
import type { Finding, Report } from "./report";

export const COLOURS = { stops: "#b3261e", explain: "#a85a00", note: "#1d5f9e" } as const;
const BY_SEVERITY = ["match", ["get", "severity"], "stops", COLOURS.stops, "explain", COLOURS.explain, COLOURS.note];
const NUMBERS = { "text-font": ["Be Vietnam Pro SemiBold"], "text-allow-overlap": true };
const CHOSEN = ["boolean", ["get", "chosen"], false];
const POLYGONS = ["==", ["geometry-type"], "Polygon"];
const M_PER_DEGREE = 111_320;

export class DrawnSurvey {
  private readonly plots: DeskLayers;
  private readonly moved: DeskLayers;
  private readonly spots: DeskLayers;
  private report: Report | null = null;
  private chosen: number | null = null;
  private shown = true;

  constructor(private readonly on: ParcelMap) {
    this.plots = layersOn(on.map, "survey-plots", [
      { id: "wash", type: "fill", paint: { "fill-color": "#f3c64e", "fill-opacity": 0.34 } },
      { id: "line", type: "line", paint: { "line-color": "#5b4708", "line-width": ["interpolate", ["linear"], ["zoom"], 14, 0.8, 19, 2.4] } },
    ]);
    this.moved = layersOn(on.map, "survey-moved", [
      { id: "line", type: "line", paint: { "line-color": "#0a6b4f", "line-width": 2, "line-dasharray": [3, 2] } },
    ]);
    this.spots = layersOn(on.map, "survey-spots", [
      { id: "area", type: "fill", filter: POLYGONS, paint: { "fill-color": BY_SEVERITY, "fill-opacity": ["case", CHOSEN, 0.65, 0.4] } },
      {
        id: "line",
        type: "line",
        filter: ["!=", ["geometry-type"], "Point"],
        paint: { "line-color": BY_SEVERITY, "line-width": ["case", CHOSEN, 4, 2] },
      },
      {
        id: "mark",
        type: "circle",
        filter: ["has", "n"],
        paint: {
          "circle-color": BY_SEVERITY,
          "circle-radius": ["case", CHOSEN, 13, 10],
          "circle-stroke-color": "#fffdf6",
          "circle-stroke-width": ["case", CHOSEN, 3, 1.5],
        },
      },
      {
        id: "number",
        type: "symbol",
        filter: ["has", "n"],
        layout: { ...NUMBERS, "text-field": ["to-string", ["get", "n"]], "text-size": 11.5 },
        paint: { "text-color": "#ffffff" },
      },
    ]);
  }

  /** Draws a report, or nothing; `shown` false: the findings only, to see what was there before. */
  show(report: Report | null, shown: boolean): void {
    this.report = report;
    this.shown = shown;
    this.draw();
  }

  choose(n: number | null): void {
    this.chosen = n;
    this.draw();
    const finding = this.report?.findings.find((one) => one.n === n);
    if (finding?.lon_deg != null && finding.lat_deg != null) {
      this.on.map.easeTo({ center: [finding.lon_deg, finding.lat_deg], zoom: Math.max(this.on.map.getZoom(), 19.5), duration: 600 });
    }
  }

  /** Where the plots would be, moved so many metres; null: no longer shown. */
  preview(shift: { eastM: number; northM: number } | null): void {
    const plots = shift ? (this.report?.plots ?? []) : [];
    this.moved.set(
      plots.flatMap(({ geometry, lat_deg }) => (geometry && lat_deg != null ? [feature(displaced(geometry, shift!, lat_deg), {})] : [])),
    );
  }

  /** The finding drawn nearest to a click, within a finger's width; null where there is none. */
  at(lonDeg: number, latDeg: number): number | null {
    const { map } = this.on;
    const { x, y } = map.project([lonDeg, latDeg]);
    const found = map.queryRenderedFeatures(
      [
        [x - 12, y - 12],
        [x + 12, y + 12],
      ],
      { layers: ["survey-spots-mark"].filter((id) => map.getLayer(id)) },
    );
    const n: unknown = found[0]?.properties["n"];
    return typeof n === "number" ? n : null;
  }

  /** The whole survey in view. */
  goTo(): void {
    const places = (this.report?.plots ?? []).flatMap(({ lon_deg, lat_deg }) => (lon_deg != null && lat_deg != null ? [[lon_deg, lat_deg] as const] : []));
    if (!places.length) return;
    const lons = places.map(([lon]) => lon).sort((a, b) => a - b);
    const lats = places.map(([, lat]) => lat).sort((a, b) => a - b);
    // a plot at the other end of the country must not make all others dots
    const cut = places.length > 20 ? Math.ceil(places.length * 0.02) : 0;
    const box: Bounds = [lons[cut]!, lats[cut]!, lons[lons.length - 1 - cut]!, lats[lats.length - 1 - cut]!];
    this.on.map.fitBounds(box, { padding: roomOf(this.on), maxZoom: 19, duration: 700 });
  }

  remove(): void {
    this.spots.remove();
    this.moved.remove();
    this.plots.remove();
  }

  private draw(): void {
    const { report } = this;
    this.plots.set(this.shown && report ? report.plots.flatMap(({ geometry, number }) => (geometry ? [feature(geometry, { number })] : [])) : []);
    this.spots.set(report ? report.findings.flatMap((finding) => this.drawn(finding)) : []);
  }

  private drawn(finding: Finding): Feature[] {
    const { n, severity, geometry, lon_deg, lat_deg } = finding;
    const chosen = n === this.chosen;
    const all: Feature[] = geometry && !geometry.type.endsWith("Point") ? [feature(geometry, { severity, chosen })] : [];
    if (lon_deg != null && lat_deg != null) all.push(feature({ type: "Point", coordinates: [lon_deg, lat_deg] }, { n, severity, chosen }));
    return all;
  }
}

const feature = (geometry: Geometry, properties: Record<string, unknown>): Feature => ({ type: "Feature", geometry, properties });

/** The shape moved by metres, for showing. */
function displaced(geometry: Geometry, shift: { eastM: number; northM: number }, latDeg: number): Geometry {
  const north = shift.northM / M_PER_DEGREE;
  const east = shift.eastM / (M_PER_DEGREE * Math.cos((latDeg * Math.PI) / 180));
  const move = (part: unknown): unknown =>
    Array.isArray(part) && typeof part[0] === "number" ? [(part as Position)[0]! + east, (part as Position)[1]! + north] : (part as unknown[]).map(move);
  return "coordinates" in geometry ? ({ ...geometry, coordinates: move(geometry.coordinates) } as Geometry) : geometry;
}

/** Metres a proposal moves the survey by, where that is all it does: "shift:2.102,-0.111". */
export function shiftOf(proposal: string): { eastM: number; northM: number } | null {
  const found = /^shift:(-?[\d.]+),(-?[\d.]+)$/.exec(proposal);
  return found ? { eastM: Number(found[1]), northM: Number(found[2]) } : null;
}
