/** What a cut makes of a parcel, reckoned in the page while the pointer moves. The server's preview decides; this only
 * tells areas before it is asked, in the order in which the server numbers the parts (geo/editing/split.py). */
import { along, areaOf, between, cross, distance, edges, inside, insideAll, keyOf, meeting, minus, signedArea, type Ring, type Rings } from "../plane";
import { onMm, type Point } from "../vn2000";

export interface Part {
  rings: Rings;
  areaM2: number;
}

const SNAP_M = 0.01;
const REACH_M = 0.02; // so far an end may fall short of the boundary

/** The parts of a parcel between lines, from the north-west; one alone where nothing is cut. */
export function partsBy(rings: Rings, lines: readonly Ring[]): Part[] {
  const walls = edges(rings);
  const drawn = lines.flatMap((line) => {
    const placed = line.map((_, k) => reaching(line, k, rings));
    return placed.slice(1).map((b, k): [Point, Point] => [placed[k]!, b]).filter(([a, b]) => distance(a, b) > 0);
  });
  const pieces = noded([...walls, ...drawn]).filter(([a, b]) => insideOrOn(rings, walls, between(a, b, 0.5)));
  const loops = faces(pieces);
  const outer = loops.filter((ring) => signedArea(ring) > 1e-4);
  const holes = loops.filter((ring) => signedArea(ring) < -1e-4);
  const parts = outer
    .map((ring) => {
      const own = holes.filter((hole) => -signedArea(hole) < signedArea(ring) - 1e-4 && inside(ring, middleOf(hole, ring)));
      const all = [ring, ...own.filter((hole) => !own.some((other) => other !== hole && inside([...other].reverse(), hole[0]!)))];
      return { rings: all, areaM2: areaOf(all) };
    })
    .filter((part) => insideAll(rings, innerPoint(part.rings)));
  return parts.sort(northWestFirst);
}

/** The part inside a ring of corners first, then what is left, from the north-west. */
export function partsByRing(rings: Rings, ring: Ring): Part[] {
  const parts = partsBy(rings, [[...ring, ring[0]!]]);
  const own = parts.filter((part) => inside(ring, innerPoint(part.rings)));
  return [...own, ...parts.filter((part) => !own.includes(part))];
}

/** The line of a bearing that has so many m² of the parcel to its left; null where the parcel has not so many. */
export function cutByArea(rings: Rings, areaM2: number, bearingDeg: number): [Point, Point] | null {
  const whole = areaOf(rings);
  if (!(areaM2 > 0 && areaM2 < whole)) return null;
  const a = (bearingDeg * Math.PI) / 180;
  const [way, left]: [Point, Point] = [[Math.sin(a), Math.cos(a)], [-Math.cos(a), Math.sin(a)]];
  const middle = rings[0]![0]!;
  const points = rings.flat();
  const offsets = points.map((p) => (p[0] - middle[0]) * left[0] + (p[1] - middle[1]) * left[1]);
  let [low, high] = [Math.min(...offsets), Math.max(...offsets)];
  for (let k = 0; k < 60; k++) {
    const at = (low + high) / 2;
    if (leftOf(rings, middle, left, at) > areaM2) low = at;
    else high = at;
  }
  const at = (low + high) / 2;
  const run = points.map((p) => (p[0] - middle[0]) * way[0] + (p[1] - middle[1]) * way[1]);
  const end = (t: number): Point => [middle[0] + left[0] * at + way[0] * t, middle[1] + left[1] * at + way[1] * t];
  return [end(Math.min(...run) - 1), end(Math.max(...run) + 1)];
}

/** The parts left and right of the line of a bearing: the left one first. */
export function partsByArea(rings: Rings, areaM2: number, bearingDeg: number): Part[] {
  const line = cutByArea(rings, areaM2, bearingDeg);
  if (!line) return [];
  const isLeft = (part: Part) => cross(minus(line[1], line[0]), minus(innerPoint(part.rings), line[0])) > 0;
  const parts = partsBy(rings, [line]);
  return [...parts.filter(isLeft), ...parts.filter((part) => !isLeft(part))];
}

/** Square metres of the parcel beyond the line at an offset: rings clipped, as their signed areas say. */
function leftOf(rings: Rings, middle: Point, left: Point, at: number): number {
  return rings.reduce((sum, ring, k) => {
    const depth = rings.filter((other, j) => j !== k && inside(other, ring[0]!)).length;
    const off = ring.map((p) => (p[0] - middle[0]) * left[0] + (p[1] - middle[1]) * left[1] - at);
    const clipped: Point[] = [];
    ring.forEach((p, i) => {
      const j = (i + 1) % ring.length;
      if (off[i]! >= 0) clipped.push(p);
      if (off[i]! >= 0 !== off[j]! >= 0) clipped.push(between(p, ring[j]!, off[i]! / (off[i]! - off[j]!)));
    });
    return sum + (depth % 2 ? -1 : 1) * Math.abs(signedArea(clipped));
  }, 0);
}

/** A corner of a line; an end a little short of the boundary is taken onto it, as the server does. */
function reaching(line: Ring, k: number, rings: Rings): Point {
  const point = line[k]!;
  if (k !== 0 && k !== line.length - 1) return point;
  let best: Point = point;
  let off = REACH_M;
  for (const [a, b] of edges(rings)) {
    const foot = between(a, b, Math.max(0, Math.min(1, along(a, b, point))));
    const d = distance(foot, point);
    if (d <= off) [best, off] = [d < 0.00075 ? point : foot, d];
  }
  return best;
}

/** Segments broken where they meet, their ends joined within a centimetre, none twice. */
function noded(segments: [Point, Point][]): [Point, Point][] {
  const nodes: Point[] = [];
  const node = (p: Point): Point => {
    const there = nodes.find((n) => distance(n, p) <= SNAP_M);
    if (there) return there;
    nodes.push(p);
    return p;
  };
  const cuts = segments.map(([a, b]) => [0, 1].map((t) => ({ t, p: node(t ? b : a) })));
  segments.forEach(([a, b], i) => {
    const near = SNAP_M / distance(a, b);
    segments.forEach(([c, d], j) => {
      if (j !== i) for (const p of [c, d]) {
        const t = along(a, b, p);
        if (t > near && t < 1 - near && distance(between(a, b, t), p) <= SNAP_M) cuts[i]!.push({ t, p: node(p) });
      }
      if (j <= i) return;
      const at = meeting(a, b, c, d);
      if (!at || at.some((t) => t < 0 || t > 1)) return;
      const p = node(onMm(between(a, b, at[0])));
      cuts[i]!.push({ t: at[0], p });
      cuts[j]!.push({ t: at[1], p });
    });
  });
  const found = new Map<string, [Point, Point]>();
  for (const cut of cuts) {
    cut.sort((one, other) => one.t - other.t);
    for (let k = 0; k < cut.length - 1; k++) {
      const [a, b] = [cut[k]!.p, cut[k + 1]!.p];
      if (a !== b) found.set([keyOf(a), keyOf(b)].sort().join("|"), [a, b]);
    }
  }
  return [...found.values()];
}

/** The loops with nothing to their left but ground: inner ones anticlockwise, around the whole clockwise. */
function faces(segments: [Point, Point][]): Ring[] {
  const ways = new Map<Point, Point[]>();
  const add = (a: Point, b: Point) => ways.set(a, [...(ways.get(a) ?? []), b]);
  for (const [a, b] of segments) {
    add(a, b);
    add(b, a);
  }
  prune(ways);
  const turn = (from: Point, to: Point) => Math.atan2(to[1] - from[1], to[0] - from[0]);
  for (const [from, to] of ways) to.sort((a, b) => turn(from, a) - turn(from, b));
  const next = (from: Point, at: Point): Point => {
    const around = ways.get(at)!;
    return around[(around.indexOf(from) - 1 + around.length) % around.length]!;
  };
  const seen = new Set<string>();
  const loops: Ring[] = [];
  for (const [start, others] of ways) {
    for (const second of others) {
      const loop: Point[] = [];
      let [a, b] = [start, second];
      while (!seen.has(`${keyOf(a)}|${keyOf(b)}`)) {
        seen.add(`${keyOf(a)}|${keyOf(b)}`);
        loop.push(a);
        [a, b] = [b, next(a, b)];
      }
      if (loop.length > 2) loops.push(loop);
    }
  }
  return loops;
}

/** Takes away what ends in nothing. */
function prune(ways: Map<Point, Point[]>): void {
  const loose = [...ways].filter(([, to]) => to.length < 2).map(([from]) => from);
  while (loose.length) {
    const from = loose.pop()!;
    const to = ways.get(from);
    if (!to) continue;
    ways.delete(from);
    for (const other of to) {
      const left = (ways.get(other) ?? []).filter((p) => p !== from);
      if (ways.has(other)) ways.set(other, left);
      if (left.length < 2) loose.push(other);
    }
  }
}

const insideOrOn = (rings: Rings, walls: [Point, Point][], p: Point) =>
  insideAll(rings, p) || walls.some(([a, b]) => distance(between(a, b, Math.max(0, Math.min(1, along(a, b, p)))), p) <= SNAP_M);

/** A corner of a loop that is not one of the ring's, else its first. */
const middleOf = (loop: Ring, ring: Ring): Point => loop.find((p) => !ring.includes(p)) ?? innerPoint([loop]);

/** A point inside: halfway through the widest piece of the level line through the middle. */
export function innerPoint(rings: Rings): Point {
  const ys = rings.flat().map((p) => p[1]);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  let best: Point = rings[0]![0]!;
  let width = 0;
  for (const share of [0.5, 0.37, 0.63, 0.21, 0.79, 0.07, 0.93]) {
    const y = low + (high - low) * share;
    const xs = edges(rings)
      .filter(([a, b]) => a[1] > y !== b[1] > y)
      .map(([a, b]) => a[0] + ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]))
      .sort((a, b) => a - b);
    for (let k = 0; k + 1 < xs.length; k += 2) {
      if (xs[k + 1]! - xs[k]! > width) [width, best] = [xs[k + 1]! - xs[k]!, [(xs[k]! + xs[k + 1]!) / 2, y]];
    }
    if (width > (high - low) * 0.2) break;
  }
  return best;
}

function northWestFirst(one: Part, other: Part): number {
  const [a, b] = [boundsOf(one), boundsOf(other)];
  return b[3] - a[3] || a[0] - b[0] || a[1] - b[1] || one.areaM2 - other.areaM2;
}

function boundsOf({ rings }: Part): [number, number, number, number] {
  const points = rings.flat();
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
