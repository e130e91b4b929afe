/** Control points of a picture: where its pixels lie in a zone of VN-2000, as typed; and how well they fit together. */
import { number } from "../../../edit/typed";
import type { Point } from "../../../vn2000";

/** One row as typed; `x` is north and `y` east, as Vietnamese papers call them. */
export interface Row {
  id: number;
  column: string;
  row: string;
  x: string;
  y: string;
}

export interface Control {
  pixel: Point;
  ground: Point;
}

export const pixelOf = (row: Row) => pair(row.column, row.row);
export const groundOf = (row: Row) => pair(row.y, row.x);

/** The rows that are whole, null for the others. */
export const controlsOf = (rows: readonly Row[]): (Control | null)[] =>
  rows.map((row) => {
    const [pixel, ground] = [pixelOf(row), groundOf(row)];
    return pixel && ground && { pixel, ground };
  });

/** As the server reads them. */
export const csvOf = (controls: readonly Control[]) =>
  ["column,row,east,north", ...controls.map(({ pixel, ground }) => [...pixel, ...ground].map((n) => n.toFixed(3)).join(","))].join("\n");

/**
 * By how many metres the best affine transformation misses each point; null for fewer than four points (three always fit) and
 * for points on a line. The server takes the transformation that fits best; this one tells a slip while points are set.
 */
export function misses(controls: readonly Control[]): number[] | null {
  if (controls.length < 4) return null;
  const from = middle(controls.map((one) => one.pixel));
  const to = middle(controls.map((one) => one.ground));
  let [cc, cr, rr, ce, re, cn, rn] = [0, 0, 0, 0, 0, 0, 0];
  for (const { pixel, ground } of controls) {
    const [c, r] = [pixel[0] - from[0], pixel[1] - from[1]];
    const [e, n] = [ground[0] - to[0], ground[1] - to[1]];
    [cc, cr, rr] = [cc + c * c, cr + c * r, rr + r * r];
    [ce, re, cn, rn] = [ce + c * e, re + r * e, cn + c * n, rn + r * n];
  }
  const det = cc * rr - cr * cr;
  if (!(det > 1e-6 * (cc + rr) ** 2)) return null;
  const [a, b, d, f] = [(ce * rr - re * cr) / det, (re * cc - ce * cr) / det, (cn * rr - rn * cr) / det, (rn * cc - cn * cr) / det];
  return controls.map(({ pixel, ground }) => {
    const [c, r] = [pixel[0] - from[0], pixel[1] - from[1]];
    return Math.hypot(to[0] + a * c + b * r - ground[0], to[1] + d * c + f * r - ground[1]);
  });
}

function pair(a: string, b: string): Point | null {
  const [first, second] = [number(a), number(b)];
  return Number.isFinite(first) && Number.isFinite(second) ? [first, second] : null;
}

function middle(points: readonly Point[]): Point {
  const sum = points.reduce<[number, number]>(([x, y], p) => [x + p[0], y + p[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
