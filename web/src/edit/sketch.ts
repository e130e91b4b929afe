/** What the desk draws on the map, as features with a `role`, and the layers that dress them. Terra Draw keeps what it draws in
 * rounded degrees; here every point is VN-2000 on the millimetre, so the desk draws by itself. */
import type { Feature, Geometry } from "geojson";
import type { FilterSpecification, Map as MapLibre } from "maplibre-gl";
import type { GroundParcel } from "./ground";
import { innerPoint, type Part } from "./cut";
import { between, distance, inside, same, type Ring, type Rings } from "../plane";
import type { Correction } from "./preview";
import type { Snap } from "./snap";
import { toDegrees, type Place, type Point } from "../vn2000";
import { reshaped, type Work } from "./work";

const RED = "#b3261e";
const BLUE = "#14558f";
const GREEN = "#1c6b45";
const PAPER = "#fffdf6";
const PARTS = ["#1f77b4", "#d98c10", "#2a8f5c", "#a0489b", "#8a5a2b", "#3f7f93"];
const FONT = ["Be Vietnam Pro SemiBold"];
const is = (...roles: string[]) => ["in", ["get", "role"], ["literal", roles]];
const text = { "text-font": FONT, "text-field": ["get", "text"], "text-allow-overlap": true, "text-ignore-placement": true };
const halo = { "text-halo-color": PAPER, "text-halo-width": 1.6 };

export const LAYERS: readonly Record<string, unknown>[] = [
  { id: "chosen", type: "fill", filter: is("chosen"), paint: { "fill-color": RED, "fill-opacity": 0.1 } },
  { id: "part", type: "fill", filter: is("part"), paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.28 } },
  { id: "gone", type: "line", filter: is("gone"), paint: { "line-color": "#6b6252", "line-width": 1.4, "line-dasharray": [2, 2] } },
  { id: "casing", type: "line", filter: is("chosen", "after", "line"), layout: { "line-join": "round" }, paint: { "line-color": PAPER, "line-width": 6, "line-opacity": 0.85 } },
  { id: "outline", type: "line", filter: is("chosen"), layout: { "line-join": "round" }, paint: { "line-color": RED, "line-width": 2.2 } },
  { id: "after", type: "line", filter: is("after"), layout: { "line-join": "round" }, paint: { "line-color": GREEN, "line-width": 2.2 } },
  { id: "guide", type: "line", filter: is("guide"), paint: { "line-color": "#8a3ea8", "line-width": 1.2, "line-dasharray": [4, 3] } },
  { id: "line", type: "line", filter: is("line"), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": BLUE, "line-width": 2.6 } },
  { id: "arrow", type: "line", filter: is("arrow"), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": "#7a1fa2", "line-width": 2.6 } },
  {
    id: "corner",
    type: "circle",
    filter: is("corner", "vertex", "mid", "survey", "picked", "removed"),
    paint: {
      "circle-radius": ["match", ["get", "role"], "mid", 3, "survey", 4, "picked", 8, 5],
      "circle-color": ["match", ["get", "role"], "vertex", BLUE, "survey", "#d98c10", "picked", "#ffd54a", "removed", "#6b6252", PAPER],
      "circle-stroke-color": ["match", ["get", "role"], "vertex", PAPER, "mid", "#6b6252", "survey", "#4a3208", RED],
      "circle-stroke-width": ["match", ["get", "role"], "mid", 1, 2],
    },
  },
  { id: "snap", type: "circle", filter: is("snap"), paint: { "circle-radius": 9, "circle-opacity": 0, "circle-stroke-color": "#8a3ea8", "circle-stroke-width": 2 } },
  { id: "length", type: "symbol", filter: is("length"), layout: { ...text, "text-size": 12, "text-offset": [0, -0.9] }, paint: { "text-color": BLUE, ...halo } },
  { id: "area", type: "symbol", filter: is("area"), layout: { ...text, "text-size": 13, "text-offset": ["case", ["get", "low"], ["literal", [0, 1.4]], ["literal", [0, -1.4]]] }, paint: { "text-color": "#28241d", ...halo } },
  { id: "pin", type: "circle", filter: is("pin"), paint: { "circle-radius": 7, "circle-color": RED, "circle-stroke-color": PAPER, "circle-stroke-width": 2.5 } },
];

/** Leaves the map's own texts of these parcels away, where the desk writes; gives what brings them back. */
export function withoutLabels(map: MapLibre, codes: readonly string[]): () => void {
  const layers = (map.style?._loaded ? map.getStyle().layers : []).filter((layer) => "source-layer" in layer && layer["source-layer"] === "labels");
  const were = layers.map(({ id }) => [id, map.getFilter(id) ?? null] as const);
  for (const [id, filter] of were) {
    const others = ["!", ["in", ["get", "code"], ["literal", [...codes]]]];
    map.setFilter(id, (filter ? ["all", filter, others] : others) as FilterSpecification);
  }
  return () => {
    for (const [id, filter] of were) if (map.getLayer(id)) map.setFilter(id, filter);
  };
}

/** Words and numbers on the map in the page's language. */
export interface Told {
  metres: (m: number) => string;
  area: (m2: number) => string;
}

export interface Pointed {
  at: Point;
  snap: Snap | null;
}

interface Seen {
  work: Work;
  chosen: readonly GroundParcel[];
  around: readonly GroundParcel[];
  epsg: number;
  parts: readonly Part[];
  cut: readonly Ring[]; // lines the page reckoned itself: of a cut by area
  pointed: Pointed | null;
  last: Point | null; // the line to the pointer begins here
  corner: Point | null; // the corner in hand, as it stands in the register
  survey: readonly Point[];
  answer: Correction | null; // its preview is drawn instead of what is in hand
  metresPerPixel: number;
  told: Told;
}

export function sketch(seen: Seen): Feature[] {
  const { work, chosen, around, epsg, told } = seen;
  const place = (p: Point) => toDegrees(epsg, p);
  const feature = (role: string, geometry: Geometry, more: object = {}): Feature => ({ type: "Feature", geometry, properties: { role, ...more } });
  const at = (role: string, p: Point, more: object = {}) => feature(role, { type: "Point", coordinates: place(p) }, more);
  const shape = (role: string, rings: Rings, more: object = {}) => feature(role, polygon(rings, place), more);
  const path = (role: string, points: Ring, more: object = {}) => feature(role, { type: "LineString", coordinates: points.map(place) }, more);
  const lengths = (points: Ring) =>
    points.slice(1).map((b, k) => at("length", between(points[k]!, b, 0.5), { text: told.metres(distance(points[k]!, b)) }));
  const found: Feature[] = [];

  if (seen.answer) return [...preview(seen.answer, seen), ...arrows(work, seen, path)];
  if (work.task === "boundary") {
    for (const parcel of around) {
      const after = reshaped(parcel.rings, work.boundary);
      const mine = chosen.some((one) => one.code === parcel.code);
      const changes = after.some((ring, k) => ring.length !== parcel.rings[k]!.length || ring.some((p, i) => !same(p, parcel.rings[k]![i]!)));
      if (mine) found.push(shape("chosen", after));
      else if (changes) found.push(shape("after", after));
      if (changes) found.push(shape("gone", parcel.rings));
      if (!mine) continue;
      for (const ring of after) {
        found.push(...ring.map((p) => at("corner", p)));
        found.push(...ring.map((p, k) => at("mid", between(p, ring[(k + 1) % ring.length]!, 0.5))));
      }
    }
    found.push(...work.boundary.removes.map((p) => at("removed", p)));
    found.push(...arrows(work, seen, path));
    if (seen.corner) {
      const now = seen.pointed?.at ?? work.boundary.moves.find((move) => same(move.from, seen.corner!))?.to ?? seen.corner;
      found.push(at("picked", now));
      if (!same(now, seen.corner)) found.push(path("line", [seen.corner, now]), ...lengths([seen.corner, now]));
    }
  } else {
    found.push(...chosen.map((parcel) => shape("chosen", parcel.rings)));
    if (work.task === "split") {
      seen.parts.forEach((part, k) => {
        found.push(shape("part", part.rings, { colour: PARTS[k % PARTS.length] }));
        found.push(at("area", innerPoint(part.rings), { text: `${k + 1}\n${told.area(part.areaM2)}`, low: k % 2 === 1 }));
      });
      const drawn = work.split.way === "ring" ? [work.split.ring] : work.split.way === "lines" ? work.split.lines : seen.cut;
      for (const line of drawn) {
        const closed = work.split.way === "ring" && line.length > 2 ? [...line, line[0]!] : line;
        if (line.length > 1) found.push(path("line", closed), ...(work.split.way === "area" ? [] : lengths(closed)));
        if (work.split.way !== "area") found.push(...line.map((p) => at("vertex", p)));
      }
      if (seen.last && seen.pointed) found.push(path("line", [seen.last, seen.pointed.at]), ...lengths([seen.last, seen.pointed.at]));
    }
    if (work.task === "address") {
      for (const { at: pin } of work.pins) if (pin) found.push(feature("pin", { type: "Point", coordinates: pin }));
    }
  }
  found.push(...seen.survey.map((p) => at("survey", p)));
  if (seen.pointed?.snap) {
    const { snap } = seen.pointed;
    if (snap.from) found.push(path("guide", [snap.from, snap.at]));
    found.push(at("snap", snap.at));
  }
  return found;
}

/** Corners that move, as arrows whose heads have the same size at every zoom. */
function arrows({ boundary, task }: Work, { metresPerPixel }: Seen, path: (role: string, points: Ring) => Feature): Feature[] {
  if (task !== "boundary") return [];
  return boundary.moves.flatMap(({ from, to }) => {
    const length = distance(from, to);
    const head = Math.min(9 * metresPerPixel, length);
    const [ux, uy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    const barb = (side: number): Point => [to[0] - head * (ux + side * uy * 0.5), to[1] - head * (uy - side * ux * 0.5)];
    return [path("arrow", [from, to]), path("arrow", [barb(1), to, barb(-1)])];
  });
}

/** What the server says will be: new shapes with their areas, old ones dashed. */
function preview({ preview }: Correction, { told }: Seen): Feature[] {
  const made = preview.parcels.filter((parcel) => parcel.after && parcel.role !== "neighbour");
  const feature = (role: string, geometry: Geometry, more: object = {}): Feature => ({ type: "Feature", geometry, properties: { role, ...more } });
  return preview.parcels.flatMap(({ role, before, after }) => {
    const k = made.findIndex((one) => one.after === after);
    const found: Feature[] = [];
    if (before && (!after || after.reshaped)) found.push(feature("gone", before.geometry));
    if (after && role === "neighbour") found.push(feature("after", after.geometry));
    if (after && role !== "neighbour") {
      const inner = innerPoint(outline(after.geometry));
      found.push(feature("part", after.geometry, { colour: PARTS[k % PARTS.length] }), feature("after", after.geometry));
      found.push(feature("area", { type: "Point", coordinates: [...inner] }, { text: `${after.number}\n${told.area(after.area_m2)}`, low: k % 2 === 1 }));
    }
    return found;
  });
}

type Shape = Correction["preview"]["parcels"][number]["after"] extends infer S | null ? (S extends { geometry: infer G } ? G : never) : never;

const outline = (shape: Shape): Rings =>
  (shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat()).map((ring) => ring.slice(0, -1).map(([x, y]): Point => [x!, y!]));

/** Rings as one polygon that is filled by the even-odd look of its rings: holes follow the ring that holds them. */
function polygon(rings: Rings, place: (p: Point) => Place): Geometry {
  const closed = rings.map((ring) => [...ring, ring[0]!].map(place));
  if (rings.length < 2) return { type: "Polygon", coordinates: closed };
  const outer = rings.map((ring, k) => rings.filter((other, j) => j !== k && inside(other, ring[0]!)).length % 2 === 0);
  const polygons = closed.filter((_, k) => outer[k]).map((ring) => [ring]);
  const owners = rings.filter((_, k) => outer[k]);
  closed.forEach((ring, k) => {
    if (!outer[k]) polygons[Math.max(0, owners.findIndex((owner) => inside(owner, rings[k]![0]!)))]!.push(ring);
  });
  return { type: "MultiPolygon", coordinates: polygons };
}
