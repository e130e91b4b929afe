/** Where a shape lies. */
import type { MultiPolygon, Polygon, Position } from "geojson";

export type Bounds = [westDeg: number, southDeg: number, eastDeg: number, northDeg: number];

export function boundsOf(shape: Polygon | MultiPolygon): Bounds {
  const rings: Position[][] = shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat();
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of rings.flat() as [number, number][]) {
    bounds[0] = Math.min(bounds[0], lon);
    bounds[1] = Math.min(bounds[1], lat);
    bounds[2] = Math.max(bounds[2], lon);
    bounds[3] = Math.max(bounds[3], lat);
  }
  return bounds;
}
