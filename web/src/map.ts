/** The map: MapLibre over the style the server gives (/tiles/style.json), with the selected parcel drawn on top. */
import { Map as MapLibre, ScaleControl, prewarm, setWorkerUrl } from "maplibre-gl";
import type { GeoJSONSource, MapMouseEvent, StyleSpecification, VectorTileSource } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { Parcel, Scan } from "./api";
import { boundsOf, type Bounds } from "./bounds";
import { shows, type Changed } from "./changes";
import { ClickFirst } from "./click-first";
import type { Language } from "./texts";

export interface MapEvents {
  /** A place was clicked (or chosen by Enter); `code` is the parcel drawn there, null where none is drawn. */
  picked(code: string | null, lonDeg: number, latDeg: number, zoom: number): void;
  /** A tile could not be fetched because the server does not answer. */
  lost(): void;
  /** Nothing more to load or draw. */
  idle(): void;
  moved(zoom: number): void;
}

// the workers start while the style is on its way, not after it
setWorkerUrl(workerUrl);
prewarm();

const REGISTER = "register"; // the source of all that comes from the register, as the style names it
const SELECTED = "selected";
const INK_RED = "#b3261e";
const FILL_LAYER = "parcels-fill";

/** The style with its addresses made absolute: MapLibre asks for that, and the server need not know its own name. */
function absolute(style: StyleSpecification): StyleSpecification {
  const full = (url: string) => (url.startsWith("/") ? location.origin + url : url);
  return JSON.parse(JSON.stringify(style), (key, value: unknown) =>
    key === "url" || key === "glyphs" || key === "sprite"
      ? typeof value === "string"
        ? full(value)
        : value
      : value,
  ) as StyleSpecification;
}

export class ParcelMap {
  readonly map: MapLibre;
  readonly clickFirst: ClickFirst;
  private selected: Parcel | null = null;
  private styled = false;
  private language: Language;
  private late = false;
  private opacity = 1;
  private asOf: string | null = null;
  private taken: ((at: [number, number]) => void) | null = null;
  private readonly scans = new Map<string, Scan>();

  constructor(container: HTMLElement, style: StyleSpecification, bounds: Bounds | null, language: Language, events: MapEvents) {
    this.map = new MapLibre({
      container,
      style: absolute(style),
      hash: true,
      attributionControl: false,
      ...(bounds ? { bounds, fitBoundsOptions: { padding: 48 } } : {}),
      minZoom: 4,
      maxZoom: 21.5,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
    });
    const { map } = this;
    this.clickFirst = new ClickFirst(map);
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
    this.language = language;
    map.on("style.load", () => {
      this.styled = true;
      this.speak(this.language);
      this.addSelectedLayers();
      for (const scan of this.scans.values()) this.addScan(scan);
    });
    map.on("error", (event) => {
      const { status } = event.error as { status?: number };
      if (status === 0 || (status !== undefined && status >= 500)) events.lost();
      else console.error(event.error);
    });
    map.on("sourcedata", (event) => {
      if (event.sourceId === REGISTER && event.sourceDataType === "metadata" && this.asOf) this.showTime(this.asOf);
    });
    map.on("idle", () => events.idle());
    map.on("moveend", () => events.moved(map.getZoom()));
    map.on("click", (event) => this.pickAt(event, events));
    map.on("mousemove", (event) => {
      if (this.taken) return;
      const over = map.getLayer(FILL_LAYER) && map.queryRenderedFeatures(event.point, { layers: [FILL_LAYER] }).length > 0;
      map.getCanvas().style.cursor = over ? "pointer" : "";
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      const lngLat = map.getCenter();
      this.pickAt({ lngLat, point: map.project(lngLat) } as MapMouseEvent, events);
    });
  }

  /** Text on the map follows the page's language. */
  speak(language: Language): void {
    this.language = language;
    if (this.styled) this.map.setGlobalStateProperty("language", language);
  }

  /** Draws the map in another look: only colours differ. */
  dress(style: StyleSpecification): void {
    for (const { id, paint } of style.layers) {
      if (!this.map.getLayer(id)) continue;
      for (const [name, value] of Object.entries(paint ?? {})) this.map.setPaintProperty(id, name as "fill-color", value as never);
    }
  }

  show(parcel: Parcel | null): void {
    this.selected = parcel;
    const source = this.map.getSource<GeoJSONSource>(SELECTED);
    void source?.setData(parcel ?? { type: "FeatureCollection", features: [] });
  }

  /** Marks the parcel of a code as the tiles draw it, once they do: there is no other shape of it. */
  showDrawn(code: string): void {
    const { map } = this;
    const mark = () => {
      const drawn = map.queryRenderedFeatures({ layers: [FILL_LAYER], filter: ["==", ["get", "code"], code] });
      const features = drawn.map(({ geometry }) => ({ type: "Feature", properties: {}, geometry }));
      if (features.length > 0) this.show({ type: "FeatureCollection", features } as unknown as Parcel);
      return features.length > 0;
    };
    if (!mark()) map.once("idle", mark);
  }

  /** Moves so that the parcel fills a fair part of what the panel leaves free. */
  goTo(parcel: Parcel): void {
    this.map.fitBounds(boundsOf(parcel.geometry), { maxZoom: 19, padding: this.covered(), duration: 900 });
  }

  /** Moves only when the panel or an edge hides the place. */
  reveal([lonDeg, latDeg]: [number, number]): void {
    const { map } = this;
    const { clientWidth, clientHeight } = map.getContainer();
    const { left, right, top, bottom } = this.covered();
    const { x, y } = map.project([lonDeg, latDeg]);
    if (x > left && x < clientWidth - right && y > top && y < clientHeight - bottom) return;
    map.easeTo({ center: [lonDeg, latDeg], offset: [(left - right) / 2, (top - bottom) / 2], duration: 500 });
  }

  /** What search, panel and buttons cover of the map, in pixels from each side. */
  private covered(): { top: number; right: number; bottom: number; left: number } {
    const { clientWidth, clientHeight } = this.map.getContainer();
    return clientWidth > 720
      ? { top: 40, right: 60, bottom: 40, left: 420 }
      : { top: 130, right: 20, bottom: Math.round(clientHeight * 0.5), left: 20 };
  }

  /** Draws a scan over the parcels, under their texts, or takes it away. */
  showScan(scan: Scan, shown: boolean): void {
    const id = `scan-${scan.id}`;
    if (shown) {
      this.scans.set(scan.id, scan);
      if (this.styled) this.addScan(scan);
      return;
    }
    this.scans.delete(scan.id);
    if (this.map.getLayer(id)) this.map.removeLayer(id);
    if (this.map.getSource(id)) this.map.removeSource(id);
  }

  /** How dense all scans are drawn, 0 to 1. */
  scanOpacity(share: number): void {
    this.opacity = share;
    for (const id of this.scans.keys()) {
      if (this.map.getLayer(`scan-${id}`)) this.map.setPaintProperty(`scan-${id}`, "raster-opacity", share);
    }
  }

  private addScan(scan: Scan): void {
    const { map } = this;
    const id = `scan-${scan.id}`;
    if (map.getSource(id)) return;
    const { tileSize, minzoom, maxzoom, bounds } = scan;
    const tiles = [`${location.origin}/tiles/scans/${scan.id}/{z}/{x}/{y}.webp`];
    map.addSource(id, { type: "raster", tiles, tileSize, minzoom, maxzoom, bounds });
    const paint = { "raster-opacity": this.opacity, "raster-fade-duration": 0 };
    map.addLayer({ id, type: "raster", source: id, paint }, map.getLayer("selected-wash") ? "selected-wash" : undefined);
  }

  /** What search, panel and an open tool cover of the map, in pixels from each side. */
  private besideTool(): { top: number; right: number; bottom: number; left: number } {
    const { clientWidth, clientHeight } = this.map.getContainer();
    return clientWidth > 1100
      ? { top: 30, right: 390, bottom: 60, left: 420 }
      : clientWidth > 720
        ? { top: 30, right: 390, bottom: 60, left: 20 }
        : { top: 120, right: 16, bottom: Math.round(clientHeight * 0.46) + 16, left: 16 };
  }

  /** The place in the middle of what search, panel and an open tool leave free. */
  freeMiddle(): [lonDeg: number, latDeg: number] {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const { top, right, bottom, left } = this.besideTool();
    return this.map.unproject([(left + clientWidth - right) / 2, (top + clientHeight - bottom) / 2]).toArray();
  }

  /** Shows a place whole in what search, panel and an open tool leave free. */
  around(bounds: Bounds): void {
    this.map.fitBounds(bounds, { padding: this.besideTool(), duration: 500, maxZoom: 21 });
  }

  whole(bounds: Bounds): void {
    this.map.fitBounds(bounds, { padding: 48, duration: 900 });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: 250 });
  }

  /** Asks again for every tile, after the server was away. */
  reload(): void {
    for (const id of Object.keys(this.map.getStyle().sources)) {
      if (id !== SELECTED) this.map.refreshTiles(id);
    }
  }

  /** Asks again for the tiles that show what was changed: those in view now, the others when they come into view. */
  refresh(changed: Changed): void {
    if (!this.styled) return this.missed();
    const is = shows(changed);
    const manager = this.map.style.tileManagers[REGISTER];
    if (!manager) return;
    const told = manager._inViewTiles.getAllTiles().filter((tile) => is(tile.tileID.canonical.z, tile.tileID.canonical.x, tile.tileID.canonical.y));
    // a tile on its way may have been answered before the change: it is asked for once it is here
    if (told.some((tile) => tile.state === "loading")) this.missed();
    this.map.refreshTiles(REGISTER, told.map((tile) => tile.tileID.canonical));
    manager._outOfViewCache.filter((tile) => !is(tile.tileID.canonical.z, tile.tileID.canonical.x, tile.tileID.canonical.y));
  }

  /** Shows the map as it was at a moment (a day, or an instant), null: as it is. */
  showTime(asOf: string | null): void {
    this.asOf = asOf;
    const source = this.map.getSource<VectorTileSource>(REGISTER);
    if (!source?.tiles) return; // asked for again once they are told
    const query = asOf ? `?${new URLSearchParams({ as_of: asOf })}` : "";
    const tiles = source.tiles.map((address) => address.replace(/\?.*$/, "") + query);
    if (tiles.join() !== source.tiles.join()) source.setTiles(tiles);
  }

  /** What is in view, degrees. */
  bounds(): Bounds {
    const { _sw, _ne } = this.map.getBounds();
    return [Math.max(-180, _sw.lng), Math.max(-85, _sw.lat), Math.min(180, _ne.lng), Math.min(85, _ne.lat)];
  }

  /** Asks again for every tile once those on their way are here: changes may not have been told. */
  missed(): void {
    if (this.late) return;
    this.late = true;
    this.map.once("idle", () => {
      this.late = false;
      this.reload();
    });
    this.map.triggerRepaint(); // a map at rest is idle once more only when it was drawn
  }

  /** Code of the commune under the middle of the view, when its outline is drawn. */
  communeInView(): string | null {
    const { map } = this;
    const codes = map
      .queryRenderedFeatures(map.project(map.getCenter()))
      .map((feature) => (feature.sourceLayer === "communes" ? feature.properties["code"] : feature.properties["commune"]));
    return (codes.find((code) => typeof code === "string" && /^\d{5}$/.test(code)) as string | undefined) ?? null;
  }

  /** Gives a tool what is clicked (or chosen by Enter) in place of the parcels; what it gives back ends that. */
  take(put: (at: [lonDeg: number, latDeg: number]) => void): () => void {
    this.taken = put;
    return () => {
      if (this.taken === put) this.taken = null;
    };
  }

  private pickAt(event: Pick<MapMouseEvent, "lngLat" | "point">, events: MapEvents): void {
    const { map } = this;
    if (this.taken) {
      this.clickFirst.go();
      return this.taken([event.lngLat.lng, event.lngLat.lat]);
    }
    const drawn = map.getLayer(FILL_LAYER) ? map.queryRenderedFeatures(event.point, { layers: [FILL_LAYER] }) : [];
    const code = drawn[0]?.properties["code"] as string | undefined;
    if (!code) this.clickFirst.go(); // there is no panel to wait for
    events.picked(code ?? null, event.lngLat.lng, event.lngLat.lat, map.getZoom());
  }

  private addSelectedLayers(): void {
    const { map } = this;
    map.addSource(SELECTED, { type: "geojson", data: this.selected ?? { type: "FeatureCollection", features: [] } });
    const firstText = map.getStyle().layers.find((layer) => layer.type === "symbol")?.id;
    map.addLayer(
      { id: "selected-wash", type: "fill", source: SELECTED, paint: { "fill-color": INK_RED, "fill-opacity": 0.13 } },
      firstText,
    );
    map.addLayer(
      {
        id: "selected-halo",
        type: "line",
        source: SELECTED,
        layout: { "line-join": "round" },
        paint: { "line-color": "#fffdf6", "line-width": ["interpolate", ["linear"], ["zoom"], 12, 4, 19, 7], "line-opacity": 0.9 },
      },
      firstText,
    );
    map.addLayer(
      {
        id: "selected-line",
        type: "line",
        source: SELECTED,
        layout: { "line-join": "round" },
        paint: { "line-color": INK_RED, "line-width": ["interpolate", ["linear"], ["zoom"], 12, 2, 19, 3] },
      },
      firstText,
    );
  }
}
