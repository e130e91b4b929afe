/** Where a point means to be: on a corner, a survey point, an edge, in the extension of one, or at a right angle. */
import { along, between, distance, edges, meeting, minus, nearest, same, type Rings } from "../plane";
import { onMm, type Point } from "../vn2000";

export type SnapKind = "corner" | "survey" | "crossing" | "edge" | "right" | "extension";

export interface Snap {
  at: Point; // of a corner: the register's own, to the millimetre
  kind: SnapKind;
  from?: Point; // where the guide line begins that the point lies on
}

export interface Around {
  parcels: readonly { rings: Rings }[];
  own: readonly { rings: Rings }[]; // of these the edges are extended: of all that are near there would be one everywhere
  survey: readonly Point[];
  but?: Point | null; // the corner that is on its way
}

interface Guide {
  kind: "right" | "extension";
  from: Point;
  to: Point; // another point of the line
}

const FAR_M = 60; // so far an edge is extended

/** What a point near `pointer` snaps to within `withinM`, null where nothing is near; `drawn`: the points before it, the last
 * one last. Corners come before survey points, points before lines, and where two lines meet before either alone. */
export function snap(pointer: Point, around: Around, withinM: number, drawn: readonly Point[] = []): Snap | null {
  const closest = (points: readonly Point[]) => {
    let best: Point | null = null;
    for (const p of points) if (distance(p, pointer) <= (best ? distance(best, pointer) : withinM)) best = p;
    return best;
  };
  const corner = closest([...around.parcels.flatMap((parcel) => parcel.rings.flat()), ...drawn.slice(0, -1)].filter((p) => !around.but || !same(p, around.but)));
  const survey = closest(around.survey);
  if (corner && (!survey || distance(corner, pointer) <= distance(survey, pointer))) return { at: corner, kind: "corner" };
  if (survey) return { at: survey, kind: "survey" };

  const walls = around.parcels.flatMap((parcel) => edges(parcel.rings));
  const near = walls.filter(([a, b]) => distance(nearest(a, b, pointer), pointer) <= withinM);
  const guides = guidesOf(pointer, walls, around.own.flatMap((parcel) => edges(parcel.rings)), drawn).filter(({ from, to }) => off(from, to, pointer) <= withinM);
  const crossings: Snap[] = [];
  for (const guide of guides) {
    for (const [a, b] of near) {
      const at = meeting(guide.from, guide.to, a, b);
      if (at && at[1] >= 0 && at[1] <= 1) crossings.push({ at: onMm(between(a, b, at[1])), kind: guide.kind, from: guide.from });
    }
    for (const other of guides) {
      const at = other === guide ? null : meeting(guide.from, guide.to, other.from, other.to);
      if (at) crossings.push({ at: onMm(between(guide.from, guide.to, at[0])), kind: "crossing", from: guide.from });
    }
  }
  const crossing = crossings.filter((one) => distance(one.at, pointer) <= withinM).sort((a, b) => distance(a.at, pointer) - distance(b.at, pointer))[0];
  if (crossing) return crossing;
  const [wall] = near.sort((a, b) => distance(nearest(...a, pointer), pointer) - distance(nearest(...b, pointer), pointer));
  if (wall) return { at: onMm(nearest(...wall, pointer)), kind: "edge" };
  const [guide] = guides.sort((a, b) => off(a.from, a.to, pointer) - off(b.from, b.to, pointer));
  if (guide) return { at: onMm(between(guide.from, guide.to, along(guide.from, guide.to, pointer))), kind: guide.kind, from: guide.from };
  return null;
}

/** Lines a point may lie on: own edges extended past their ends; through the last point, square to the edge it lies on and to
 * what was drawn before it, and straight on. */
function guidesOf(pointer: Point, walls: readonly [Point, Point][], own: readonly [Point, Point][], drawn: readonly Point[]): Guide[] {
  const found: Guide[] = [];
  for (const [a, b] of own) {
    const length = distance(a, b);
    if (length < 0.05) continue;
    const t = along(a, b, pointer);
    if ((t < 0 || t > 1) && (t < 0 ? -t : t - 1) * length < FAR_M) {
      const [from, to] = t < 0 ? [a, b] : [b, a];
      found.push({ kind: "extension", from, to });
    }
  }
  const last = drawn.at(-1);
  if (!last) return found;
  const square = (a: Point, b: Point) => {
    const [d, length] = [minus(b, a), distance(a, b)];
    found.push({ kind: "right", from: last, to: [last[0] - (d[1] / length) * 10, last[1] + (d[0] / length) * 10] });
  };
  for (const [a, b] of walls) if (distance(a, b) >= 0.05 && distance(nearest(a, b, last), last) < 0.0015) square(a, b);
  const before = drawn.at(-2);
  if (before) {
    square(before, last);
    found.push({ kind: "extension", from: last, to: before });
  }
  return found;
}

const off = (a: Point, b: Point, point: Point) => distance(between(a, b, along(a, b, point)), point);
