/** Shapes cut at a meridian: what lies west or east of it. On a map that is not turned that is a line down the screen. */
import type { MultiPolygon, Polygon, Position } from "geojson";

/** +1: what lies east of the meridian, -1: west of it. */
export type Side = 1 | -1;

const rings = (shape: Polygon | MultiPolygon): Position[][] => (shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat());

/** The part of a shape on one side, null where there is none; edges along the cut are no boundaries (see `edgesOn`). */
export function shapeOn(shape: Polygon | MultiPolygon, lonDeg: number, side: Side): MultiPolygon | null {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  const cut = polygons
    .map((polygon) => polygon.map((ring) => ringOn(ring, lonDeg, side)).filter((ring) => ring.length > 3))
    .filter((polygon) => polygon.length > 0);
  return cut.length ? { type: "MultiPolygon", coordinates: cut } : null;
}

/** The boundaries of a shape on one side, as lines. */
export function edgesOn(shape: Polygon | MultiPolygon, lonDeg: number, side: Side): Position[][] {
  const lines: Position[][] = [];
  for (const ring of rings(shape)) {
    let line: Position[] = [];
    for (const [start, end] of pairs(ring)) {
      const [a, b] = [within(start, lonDeg, side), within(end, lonDeg, side)];
      if (a && !line.length) line.push(start);
      if (a !== b) {
        const met = crossing(start, end, lonDeg);
        if (!line.length) line = [met];
        else line.push(met);
      }
      if (b) line.push(end);
      else if (line.length) {
        lines.push(line);
        line = [];
      }
    }
    if (line.length > 1) lines.push(line);
  }
  return lines;
}

function ringOn(ring: Position[], lonDeg: number, side: Side): Position[] {
  const kept: Position[] = [];
  for (const [start, end] of pairs(ring)) {
    const [a, b] = [within(start, lonDeg, side), within(end, lonDeg, side)];
    if (a) kept.push(start);
    if (a !== b) kept.push(crossing(start, end, lonDeg));
  }
  if (kept.length) kept.push(kept[0]!);
  return kept;
}

function pairs(ring: Position[]): [Position, Position][] {
  return ring.slice(1).map((end, index) => [ring[index]!, end]);
}

const within = (place: Position, lonDeg: number, side: Side) => (place[0]! - lonDeg) * side >= 0;

function crossing(start: Position, end: Position, lonDeg: number): Position {
  const share = (lonDeg - start[0]!) / (end[0]! - start[0]!);
  return [lonDeg, start[1]! + share * (end[1]! - start[1]!)];
}
