/** Plane geometry in metres of a VN-2000 zone, east and north; bearings in degrees clockwise from north. */
import { onMm, type Point } from "./vn2000";

/** A closed ring without its first point again at the end. */
export type Ring = readonly Point[];
/** Outer rings and holes of one parcel alike; what lies inside an odd number of them is the parcel. */
export type Rings = readonly Ring[];

export const same = (a: Point, b: Point) => a[0] === b[0] && a[1] === b[1];
export const keyOf = (a: Point) => `${Math.round(a[0] * 1000)} ${Math.round(a[1] * 1000)}`;
export const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]];
export const cross = (a: Point, b: Point) => a[0] * b[1] - a[1] * b[0];
export const dot = (a: Point, b: Point) => a[0] * b[0] + a[1] * b[1];
export const distance = (a: Point, b: Point) => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** 0 to 360 from north through east. */
export function bearing(from: Point, to: Point): number {
  const degrees = (Math.atan2(to[0] - from[0], to[1] - from[1]) * 180) / Math.PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

/** The point so far in a direction, on the millimetre. */
export function polar(from: Point, lengthM: number, bearingDeg: number): Point {
  const a = (bearingDeg * Math.PI) / 180;
  return onMm([from[0] + lengthM * Math.sin(a), from[1] + lengthM * Math.cos(a)]);
}

/** Square metres, positive anticlockwise; reckoned from the first point, as the numbers are large. */
export function signedArea(ring: Ring): number {
  const [first] = ring;
  if (!first) return 0;
  let twice = 0;
  for (let k = 1; k < ring.length - 1; k++) twice += cross(minus(ring[k]!, first), minus(ring[k + 1]!, first));
  return twice / 2;
}

/** The edges of rings, each with its ends. */
export function edges(rings: Rings): [Point, Point][] {
  return rings.flatMap((ring) => ring.map((point, k): [Point, Point] => [point, ring[(k + 1) % ring.length]!]));
}

/** Square metres inside an odd number of the rings, which do not cross: holes are told by where they lie. */
export function areaOf(rings: Rings): number {
  return rings.reduce((sum, ring, k) => {
    const depth = rings.filter((other, j) => j !== k && inside(other, ring[0]!)).length;
    return sum + (depth % 2 ? -1 : 1) * Math.abs(signedArea(ring));
  }, 0);
}

/** Whether a point lies in a ring; on its boundary either may be told. */
export function inside(ring: Ring, [x, y]: Point): boolean {
  let odd = false;
  for (let k = 0, j = ring.length - 1; k < ring.length; j = k++) {
    const [ax, ay] = ring[k]!;
    const [bx, by] = ring[j]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

export const insideAll = (rings: Rings, point: Point) => rings.filter((ring) => inside(ring, point)).length % 2 === 1;

/** Where on the line through a and b (0 at a, 1 at b) the foot of a point is. */
export function along(a: Point, b: Point, point: Point): number {
  const d = minus(b, a);
  const square = dot(d, d);
  return square === 0 ? 0 : dot(minus(point, a), d) / square;
}

export const between = (a: Point, b: Point, t: number): Point => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];

/** The nearest point of a segment. */
export const nearest = (a: Point, b: Point, point: Point): Point => between(a, b, Math.max(0, Math.min(1, along(a, b, point))));

/** Where the lines through a, b and c, d meet, as shares of both; null where they are parallel. */
export function meeting(a: Point, b: Point, c: Point, d: Point): [number, number] | null {
  const [u, v, w] = [minus(b, a), minus(d, c), minus(c, a)];
  const by = cross(u, v);
  return Math.abs(by) < 1e-9 ? null : [cross(w, v) / by, cross(w, u) / by];
}
