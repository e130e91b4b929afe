/** What an editor has in hand: plain data that can be kept, undone and sent; nothing of it is in the register yet. */
import { keyOf, same, type Rings } from "../plane";
import type { Point } from "../vn2000";

export const TASKS = ["split", "merge", "boundary", "attributes", "address"] as const;
export type Task = (typeof TASKS)[number];
export type Way = "lines" | "ring" | "area";

/** What is written about a parcel, as typed; what is left out is not said. */
export interface Written {
  number?: string;
  land_use?: string;
  legal_area_m2?: string;
  address?: string;
}

export interface Split {
  way: Way;
  lines: Point[][]; // the last one is being drawn while `open`
  ring: Point[];
  open: boolean;
  area: string;
  direction: string; // degrees clockwise from north; the part cut off is to its left
  keeps: number | null;
  parts: Written[];
}

export interface Boundary {
  moves: { from: Point; to: Point }[];
  inserts: Point[];
  removes: Point[];
}

export interface Pin {
  parcel: string;
  at: [lonDeg: number, latDeg: number] | null; // null: not known any more, of a draft opened again
  code: string; // Open Location Code of the place
  withCode: boolean;
  text: string;
  main: boolean;
}

/** An address to be taken from a parcel: its text, or its code where it has none. */
export interface Unlink {
  parcel: string;
  scheme: string;
  code: string;
  text: string | null;
}

export interface Work {
  task: Task | null;
  codes: string[];
  split: Split;
  boundary: Boundary;
  into: Written & { keeps?: string };
  rewritten: Record<string, Written>;
  pins: Pin[];
  unlinks: Unlink[];
  survey: Point[]; // measured points to snap to
  reason: string;
  basis: string;
  dossier: string;
  effectiveOn: string; // a day, empty: today
}

export const NO_SPLIT: Split = { way: "lines", lines: [], ring: [], open: false, area: "", direction: "0", keeps: null, parts: [] };
export const NO_BOUNDARY: Boundary = { moves: [], inserts: [], removes: [] };
export const NOTHING: Work = {
  task: null,
  codes: [],
  split: NO_SPLIT,
  boundary: NO_BOUNDARY,
  into: {},
  rewritten: {},
  pins: [],
  unlinks: [],
  survey: [],
  reason: "",
  basis: "",
  dossier: "",
  effectiveOn: "",
};

/** Steps there and back; `at` names what a step changed, so that letters typed one after the other are one step. */
export interface History<T> {
  past: T[];
  now: T;
  future: T[];
  at: string | null;
}

const MOST_STEPS = 200;

export const begun = <T>(now: T): History<T> => ({ past: [], now, future: [], at: null });

export function stepped<T>(history: History<T>, now: T, at: string | null = null): History<T> {
  if (now === history.now) return history;
  if (at !== null && at === history.at) return { ...history, now, future: [] };
  return { past: [...history.past, history.now].slice(-MOST_STEPS), now, future: [], at };
}

export function undone<T>(history: History<T>): History<T> {
  const was = history.past.at(-1);
  if (was === undefined) return history;
  return { past: history.past.slice(0, -1), now: was, future: [history.now, ...history.future], at: null };
}

export function redone<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, at: null };
}

/** The split with one more point where its way draws. */
export function withPoint(split: Split, point: Point): Split {
  if (split.way === "ring") return split.ring.some((p) => same(p, point)) ? split : { ...split, ring: [...split.ring, point] };
  if (!split.open) return { ...split, lines: [...split.lines, [point]], open: true };
  const line = split.lines.at(-1)!;
  if (same(line.at(-1)!, point)) return split;
  return { ...split, lines: [...split.lines.slice(0, -1), [...line, point]] };
}

/** The line being drawn is done; one of a single point is none. */
export function closed(split: Split): Split {
  if (!split.open) return split;
  return { ...split, open: false, lines: split.lines.filter((line) => line.length > 1) };
}

/** The points of what is being drawn; from the last one lengths and bearings are reckoned. */
export function pointsDrawn(split: Split): readonly Point[] {
  if (split.way === "ring") return split.ring;
  return split.way === "lines" && split.open ? (split.lines.at(-1) ?? []) : [];
}

/** A corner, as it stands in the register, to another place; back at its old one it is not moved. */
export function moved(boundary: Boundary, from: Point, to: Point): Boundary {
  const moves = boundary.moves.filter((move) => !same(move.from, from));
  return { ...boundary, moves: same(from, to) ? moves : [...moves, { from, to }] };
}

export function inserted(boundary: Boundary, point: Point): Boundary {
  return boundary.inserts.some((p) => same(p, point)) ? boundary : { ...boundary, inserts: [...boundary.inserts, point] };
}

/** Without a corner: one of the register is removed, one put in before is taken back. */
export function removed(boundary: Boundary, point: Point): Boundary {
  const moves = boundary.moves.filter((move) => !same(move.from, point));
  if (boundary.inserts.some((p) => same(p, point))) return { ...boundary, moves, inserts: boundary.inserts.filter((p) => !same(p, point)) };
  return { ...boundary, moves, removes: [...boundary.removes.filter((p) => !same(p, point)), point] };
}

/** Rings as they will be, of whichever parcel: corners put in on edges that pass by, moved, taken out (the server's order). */
export function reshaped(rings: Rings, { moves, inserts, removes }: Boundary): Rings {
  const to = new Map(moves.map((move) => [keyOf(move.from), move.to]));
  const gone = new Set(removes.map(keyOf));
  const onEdge = [...inserts, ...moves.map((move) => move.from)];
  return rings.map((ring) => {
    const own = new Set(ring.map(keyOf));
    const full = ring.flatMap((a, k) => {
      const b = ring[(k + 1) % ring.length]!;
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
      const length = Math.hypot(dx, dy);
      const between = onEdge
        .filter((p) => !own.has(keyOf(p)))
        .map((p) => ({ p, t: ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length, off: Math.abs((p[0] - a[0]) * dy - (p[1] - a[1]) * dx) / length }))
        .filter(({ t, off }) => t > 0 && t < length && off <= 0.0015)
        .sort((one, other) => one.t - other.t);
      return [a, ...between.map(({ p }) => p)];
    });
    return full.map((p) => to.get(keyOf(p)) ?? p).filter((p, k) => !gone.has(keyOf(full[k]!)) && !gone.has(keyOf(p)));
  });
}

/** Whether anything is in hand that would be lost. */
export function isEmpty(work: Work): boolean {
  const { split, boundary } = work;
  return (
    split.lines.length + split.ring.length + boundary.moves.length + boundary.inserts.length + boundary.removes.length + work.pins.length + work.unlinks.length === 0 &&
    split.area === "" &&
    Object.keys(work.rewritten).length === 0 &&
    work.task !== "merge"
  );
}
