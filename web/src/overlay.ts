/** Shapes drawn over the map by a tool, gone with it; drawn anew where the map opens again. */
import type { FeatureCollection } from "geojson";
import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from "maplibre-gl";

type Layer = Omit<Exclude<LayerSpecification, { type: "background" }>, "source" | "id">;

export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

/** Puts a source and its layers on top of the map; what it gives back takes other shapes, and ends. */
export function overlay(map: MapLibre, name: string, layers: Layer[]): { show: (shapes: FeatureCollection) => void; end: () => void } {
  const ids = layers.map((_, k) => `${name}-${k}`);
  map.addSource(name, { type: "geojson", data: NOTHING });
  layers.forEach((layer, k) => map.addLayer({ ...layer, id: ids[k]!, source: name } as LayerSpecification));
  return {
    show: (shapes) => void map.getSource<GeoJSONSource>(name)?.setData(shapes),
    end: () => {
      if (!map.style) return; // the map is gone itself
      for (const id of ids) if (map.getLayer(id)) map.removeLayer(id);
      if (map.getSource(name)) map.removeSource(name);
    },
  };
}
