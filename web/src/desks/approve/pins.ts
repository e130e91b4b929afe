/** Comments pinned on the map: those of a correction's steps, and the one that is being written. */
import type { Feature } from "geojson";
import type { ParcelMap } from "../../map";
import { layersOn, type DeskLayers } from "../layers";

export interface Pin {
  at: [lonDeg: number, latDeg: number];
  text: string;
}

export class Pins {
  private readonly layers: DeskLayers;

  constructor(on: ParcelMap) {
    this.layers = layersOn(on.map, "pins", [
      { id: "dot", type: "circle", paint: { "circle-color": "#7a1fa2", "circle-radius": 9, "circle-stroke-color": "#ffffff", "circle-stroke-width": 3 } },
      {
        id: "text",
        type: "symbol",
        layout: {
          "text-field": ["get", "text"],
          "text-font": ["Be Vietnam Pro SemiBold"],
          "text-size": 13,
          "text-offset": [0, 1.1],
          "text-anchor": "top",
          "text-max-width": 16,
          "text-allow-overlap": true,
        },
        paint: { "text-color": "#4f1170", "text-halo-color": "#ffffff", "text-halo-width": 2 },
      },
    ]);
  }

  show(pins: readonly Pin[]): void {
    this.layers.set(pins.map(({ at, text }): Feature => ({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { text } })));
  }

  remove(): void {
    this.layers.remove();
  }
}
