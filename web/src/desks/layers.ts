/** GeoJSON layers that a desk puts on the page's map, and takes away when it closes. */
import type { Feature, FeatureCollection } from "geojson";
import type { AddLayerObject, GeoJSONSource, Map as MapLibre, PaddingOptions } from "maplibre-gl";
import type { ParcelMap } from "../map";

export interface DeskLayers {
  /** Draws this in place of what was drawn. */
  set(features: readonly Feature[]): void;
  remove(): void;
}

const collected = (features: readonly Feature[]): FeatureCollection => ({ type: "FeatureCollection", features: [...features] });

/** A source of its own with `layers` over all others (ids get the source's id in front); also before the style is there. */
export function layersOn(map: MapLibre, id: string, layers: readonly Record<string, unknown>[]): DeskLayers {
  let shown = collected([]);
  let gone = false;
  const add = () => {
    if (gone || map.getSource(id)) return;
    map.addSource(id, { type: "geojson", data: shown });
    for (const layer of layers) map.addLayer({ ...layer, id: `${id}-${String(layer["id"])}`, source: id } as AddLayerObject);
  };
  // a style that is still loading refuses sources; one that is set anew forgets them
  if (map.style?._loaded) add();
  map.on("style.load", add);
  return {
    set: (features) => {
      shown = collected(features);
      void map.getSource<GeoJSONSource>(id)?.setData(shown);
    },
    remove: () => {
      gone = true;
      map.off("style.load", add);
      if (!map.style?._loaded) return;
      for (const layer of layers) if (map.getLayer(`${id}-${String(layer["id"])}`)) map.removeLayer(`${id}-${String(layer["id"])}`);
      if (map.getSource(id)) map.removeSource(id);
    },
  };
}

/** What to leave free around what is to be seen: the search box lies over the map of a wide screen. */
export function roomOf(on: ParcelMap): PaddingOptions {
  const { clientWidth, clientHeight } = on.map.getContainer();
  if (clientWidth > 720 && clientHeight > 500) return { top: 140, right: 80, bottom: 90, left: 50 };
  const side = Math.round(Math.min(clientWidth, clientHeight) * 0.12);
  return { top: side, right: side, bottom: side, left: side };
}
