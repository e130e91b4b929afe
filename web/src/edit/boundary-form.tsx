/** Corners moved, put in and taken out: each for all parcels that have it. */
import { useTexts } from "../texts";
import { TypedPoint } from "./fields";
import type { GroundParcel } from "./ground";
import { bearing, distance, same } from "../plane";
import { coordinates, degrees, metres, useEditWords } from "./say";
import { onMm, type Point } from "../vn2000";
import { inserted, moved, removed, type Boundary } from "./work";

export function BoundaryForm(props: {
  boundary: Boundary;
  chosen: readonly GroundParcel[];
  around: readonly GroundParcel[];
  corner: Point | null;
  onCorner: (corner: Point | null) => void;
  onChange: (to: (boundary: Boundary) => Boundary, at?: string) => void;
}) {
  const { boundary, chosen, around, corner, onCorner, onChange } = props;
  const { language } = useTexts();
  const say = useEditWords();
  const corners = cornersOf(chosen, boundary);
  const now = corner ? placeOf(corner, boundary) : null;
  const index = corner ? corners.findIndex((p) => same(p, corner)) : -1;
  const shares = corner ? around.filter((parcel) => parcel.rings.some((ring) => ring.some((p) => same(p, corner)))) : [];
  return (
    <>
      <p class="edit-hint">{say("boundary.hint")}</p>
      <p class="edit-field edit-field-wide">
        <label for="edit-corner">{say("boundary.corner")}</label>
        <select
          id="edit-corner"
          value={index}
          onChange={(event) => onCorner(corners[Number(event.currentTarget.value)] ?? null)}
        >
          <option value={-1}>{say("boundary.choose")}</option>
          {corners.map((p, k) => (
            <option key={`${p}`} value={k}>
              {say("boundary.nth", { n: k + 1, at: coordinates(placeOf(p, boundary), language) })}
            </option>
          ))}
        </select>
      </p>
      {corner && now && (
        <>
          <p class="edit-hint" role="status">
            {say(shares.length > 1 ? "boundary.shared" : "boundary.own", { n: shares.length, parcels: shares.map((parcel) => parcel.number).join(", ") })}
          </p>
          <TypedPoint id="edit-typed" label="boundary.to" does="typed.move" last={now} onPoint={(to) => onChange((boundary) => moved(boundary, corner, to))} onEnd={() => onCorner(null)} />
          <Nudge onStep={(east, north) => onChange((boundary) => moved(boundary, corner, onMm([now[0] + east, now[1] + north])), `nudge ${corner}`)} />
          <button
            type="button"
            class="plain"
            onClick={() => {
              onChange((boundary) => removed(boundary, corner));
              onCorner(null);
            }}
          >
            {say("boundary.remove")}
          </button>
        </>
      )}
      {!corner && <TypedPoint id="edit-typed" label="boundary.insert" last={null} onPoint={(point) => onChange((boundary) => inserted(boundary, point))} />}
      {boundary.moves.length + boundary.inserts.length + boundary.removes.length > 0 && (
        <div class="edit-points">
          <h3>{say("boundary.changes")}</h3>
          <ol>
            {boundary.moves.map(({ from, to }) => (
              <li key={`m${from}`} data-move>
                <span class="figure">{coordinates(to, language)}</span>
                <small>
                  {metres(distance(from, to), language)} · {degrees(bearing(from, to), language)}
                </small>
                <button type="button" class="quiet" aria-label={say("boundary.back")} onClick={() => onChange((boundary) => moved(boundary, from, from))}>
                  ×
                </button>
              </li>
            ))}
            {boundary.inserts.map((point) => (
              <li key={`i${point}`}>
                <span class="figure">{coordinates(point, language)}</span>
                <small>{say("boundary.inserted")}</small>
                <button type="button" class="quiet" aria-label={say("boundary.back")} onClick={() => onChange((boundary) => removed(boundary, point))}>
                  ×
                </button>
              </li>
            ))}
            {boundary.removes.map((point) => (
              <li key={`r${point}`}>
                <span class="figure">{coordinates(point, language)}</span>
                <small>{say("boundary.removed")}</small>
                <button
                  type="button"
                  class="quiet"
                  aria-label={say("boundary.back")}
                  onClick={() => onChange((boundary) => ({ ...boundary, removes: boundary.removes.filter((p) => !same(p, point)) }))}
                >
                  ×
                </button>
              </li>
            ))}
          </ol>
        </div>
      )}
    </>
  );
}

/** Where a corner of the register is now, as it is moved. */
export const placeOf = (corner: Point, { moves }: Boundary): Point => moves.find((move) => same(move.from, corner))?.to ?? corner;

/** Corners that can be taken in hand, by where they stand in the register: of the chosen parcels, and those put in. */
export function cornersOf(chosen: readonly GroundParcel[], { inserts, removes }: Boundary): Point[] {
  const found: Point[] = [];
  for (const p of [...chosen.flatMap((parcel) => parcel.rings.flat()), ...inserts]) {
    if (!found.some((one) => same(one, p)) && !removes.some((one) => same(one, p))) found.push(p);
  }
  return found;
}

const STEP_M = 0.01;

function Nudge({ onStep }: { onStep: (eastM: number, northM: number) => void }) {
  const say = useEditWords();
  const steps = [
    ["west", -1, 0, "←"],
    ["north", 0, 1, "↑"],
    ["south", 0, -1, "↓"],
    ["east", 1, 0, "→"],
  ] as const;
  return (
    <fieldset class="edit-sides">
      <legend>{say("boundary.nudge")}</legend>
      {steps.map(([side, east, north, sign]) => (
        <button
          key={side}
          type="button"
          class="plain"
          aria-label={say("boundary.nudgeTo", { side: say(`side.${side}`) })}
          onClick={(event) => {
            const step = event.shiftKey ? 10 * STEP_M : STEP_M;
            onStep(east * step, north * step);
          }}
        >
          {sign}
        </button>
      ))}
    </fieldset>
  );
}
