/** Before and after on the page's one map: a line across it that is drawn left and right, by hand or by keys. */
import type { Feature } from "geojson";
import type { Bounds } from "../../bounds";
import { boundsOf } from "../../bounds";
import type { ParcelMap } from "../../map";
import type { ParcelState, Preview, PreviewParcel } from "../correction/preview";
import { layersOn, roomOf, type DeskLayers } from "../layers";
import { edgesOn, shapeOn, type Side } from "./clip";

const STEP = 0.04;
const LABEL = ["concat", ["get", "number"], ["case", ["==", ["get", "area"], ""], "", ["concat", "\n", ["get", "area"]]]];

const looks = (fill: string, line: string, dash: number[] | null) => [
  { id: "fill", type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": fill, "fill-opacity": 0.94, "fill-antialias": false } },
  {
    id: "line",
    type: "line",
    filter: ["==", ["geometry-type"], "LineString"],
    layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": line, "line-width": ["interpolate", ["linear"], ["zoom"], 14, 1, 19, 2.6], ...(dash ? { "line-dasharray": dash } : {}) },
  },
  {
    id: "text",
    type: "symbol",
    filter: ["==", ["geometry-type"], "Polygon"],
    minzoom: 16.5,
    layout: { "text-field": LABEL, "text-font": ["Be Vietnam Pro SemiBold"], "text-size": 12.5 },
    paint: { "text-color": line, "text-halo-color": fill, "text-halo-width": 1.5 },
  },
];

export class Swipe {
  private readonly before: DeskLayers;
  private readonly after: DeskLayers;
  private readonly bar = document.createElement("div");
  private readonly handle = document.createElement("button");
  private preview: Preview | null = null;
  private shapes: { parcel: PreviewParcel; bounds: Bounds }[] = [];
  private share = 0.5; // of the map's width, from the left
  private asked = 0;
  private readonly area: (m2: number) => string;

  /** `words`: what the handle is called, and what stands on its two sides. */
  constructor(
    private readonly on: ParcelMap,
    words: { slider: string; before: string; after: string; area: (m2: number) => string },
  ) {
    this.area = words.area;
    this.before = layersOn(on.map, "before", looks("#f8e7da", "#8f3b12", [2, 1.4]));
    this.after = layersOn(on.map, "after", looks("#e3f1e6", "#0f5c3c", null));
    this.bar.className = "swipe";
    this.handle.type = "button";
    this.handle.setAttribute("role", "slider");
    this.handle.setAttribute("aria-label", words.slider);
    this.handle.setAttribute("aria-valuemin", "0");
    this.handle.setAttribute("aria-valuemax", "100");
    const [left, right] = [words.before, words.after].map((text, index) => {
      const side = document.createElement("span");
      side.className = index ? "swipe-after" : "swipe-before";
      side.textContent = text;
      return side;
    });
    this.bar.append(left!, this.handle, right!);
    this.handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.handle.focus();
      this.handle.setPointerCapture(event.pointerId);
    });
    this.handle.addEventListener("pointermove", (event) => {
      if (!this.handle.hasPointerCapture(event.pointerId)) return;
      const { left, width } = on.map.getContainer().getBoundingClientRect();
      this.put((event.clientX - left) / width);
    });
    this.handle.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: this.share - STEP, ArrowRight: this.share + STEP, Home: 0, End: 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.put(to);
    });
    on.map.getContainer().append(this.bar);
    on.map.on("move", this.soon);
    on.map.on("resize", this.soon);
    this.put(0.5);
  }

  /** Draws what a correction does. */
  show(preview: Preview | null): void {
    this.preview = preview;
    this.shapes = (preview?.parcels ?? []).flatMap((parcel) => {
      const all = [parcel.before?.geometry, parcel.after?.geometry].filter((one) => one !== undefined).map(boundsOf);
      return all.length ? [{ parcel, bounds: around(all) }] : [];
    });
    this.bar.hidden = !preview;
    this.soon();
  }

  /** All that is changed, in view. */
  goTo(): void {
    if (!this.shapes.length) return;
    const box = around(this.shapes.map(({ bounds }) => bounds));
    this.on.map.fitBounds(box, { padding: roomOf(this.on), maxZoom: 20, duration: 700 });
  }

  /** One parcel in view. */
  goToParcel(code: string): void {
    const parcel = this.preview?.parcels.find((one) => one.code === code);
    const shape = parcel?.after?.geometry ?? parcel?.before?.geometry;
    if (shape) this.on.map.fitBounds(boundsOf(shape), { padding: roomOf(this.on), maxZoom: 20, duration: 600 });
  }

  remove(): void {
    cancelAnimationFrame(this.asked);
    this.on.map.off("move", this.soon);
    this.on.map.off("resize", this.soon);
    this.bar.remove();
    this.before.remove();
    this.after.remove();
  }

  private put(share: number): void {
    this.share = Math.min(1, Math.max(0, share));
    const percent = Math.round(this.share * 100);
    this.bar.style.left = `${this.share * 100}%`;
    this.handle.setAttribute("aria-valuenow", String(percent));
    this.soon();
  }

  private readonly soon = (): void => {
    cancelAnimationFrame(this.asked);
    this.asked = requestAnimationFrame(() => this.draw());
  };

  private draw(): void {
    const { map } = this.on;
    const { clientWidth, clientHeight } = map.getContainer();
    const lonDeg = map.unproject([this.share * clientWidth, clientHeight / 2]).lng;
    const { _sw, _ne } = map.getBounds();
    const seen = ([west, south, east, north]: Bounds) => west < _ne.lng && east > _sw.lng && south < _ne.lat && north > _sw.lat;
    const parcels = this.shapes.filter(({ bounds }) => seen(bounds)).map(({ parcel }) => parcel);
    this.before.set(parcels.flatMap(({ before }) => (before ? this.cut(before, lonDeg, -1) : [])));
    this.after.set(parcels.flatMap(({ after }) => (after ? this.cut(after, lonDeg, 1) : [])));
  }

  private cut(state: ParcelState, lonDeg: number, side: Side): Feature[] {
    const shape = shapeOn(state.geometry, lonDeg, side);
    if (!shape) return [];
    const properties = { number: state.number, area: this.area(state.area_m2) };
    return [
      { type: "Feature", geometry: shape, properties },
      ...edgesOn(state.geometry, lonDeg, side).map((coordinates): Feature => ({ type: "Feature", geometry: { type: "LineString", coordinates }, properties: {} })),
    ];
  }
}

/** The box of boxes. */
function around(boxes: readonly Bounds[]): Bounds {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [west, south, east, north] of boxes) {
    box[0] = Math.min(box[0], west);
    box[1] = Math.min(box[1], south);
    box[2] = Math.max(box[2], east);
    box[3] = Math.max(box[3], north);
  }
  return box;
}
