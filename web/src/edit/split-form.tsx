/** Tách thửa: by a line, by the corners of the new part, by its area; what each part will be. */
import { useTexts } from "../texts";
import type { Part } from "./cut";
import { Field, TypedPoint, WrittenFields } from "./fields";
import type { GroundParcel } from "./ground";
import { bearing, distance, edges, same, signedArea } from "../plane";
import { coordinates, degrees, metres, toldIn, useEditWords } from "./say";
import type { Point } from "../vn2000";
import { closed, pointsDrawn, withPoint, type Split, type Way } from "./work";

const WAYS: Way[] = ["lines", "ring", "area"];
/** Bearings whose left is that side of the parcel. */
const SIDES = { north: 90, east: 180, south: 270, west: 0 } as const;

export function SplitForm(props: { split: Split; parcel: GroundParcel; parts: readonly Part[]; onChange: (to: (split: Split) => Split, at?: string) => void }) {
  const { split, parcel, parts, onChange } = props;
  const { language } = useTexts();
  const say = useEditWords();
  const { area } = toldIn(language);
  const last = pointsDrawn(split).at(-1) ?? null;
  return (
    <>
      <fieldset class="edit-ways">
        <legend>{say("split.way")}</legend>
        {WAYS.map((way) => (
          <label key={way}>
            <input type="radio" name="way" checked={split.way === way} onChange={() => onChange((split) => ({ ...closed(split), way }))} />
            <span>{say(`split.${way}`)}</span>
          </label>
        ))}
      </fieldset>
      {split.way !== "area" && (
        <>
          <TypedPoint
            id="edit-typed"
            label={split.way === "ring" ? "split.corner" : "split.point"}
            last={last}
            onPoint={(point) => onChange((split) => withPoint(split, point))}
            onEnd={() => onChange(closed)}
          />
          <p class="edit-hint">{say(split.way === "ring" ? "split.ringHint" : "split.linesHint")}</p>
          {(split.way === "ring" ? (split.ring.length ? [split.ring] : []) : split.lines).map((line, k) => (
            <Points
              key={k}
              title={split.way === "ring" ? say("split.ringTitle") : say("split.lineTitle", { n: k + 1 })}
              points={line}
              onRemove={(point) => onChange((split) => without(split, k, point))}
            />
          ))}
          {split.way === "lines" && split.open && (
            <button type="button" class="plain" onClick={() => onChange(closed)}>
              {say("split.end")}
            </button>
          )}
        </>
      )}
      {split.way === "area" && <ByArea split={split} parcel={parcel} onChange={onChange} />}
      <div aria-live="polite" class="edit-parts">
        {parts.length > 1 ? (
          <table>
            <caption>{say("split.parts")}</caption>
            <thead>
              <tr>
                <th scope="col">{say("split.partNumber")}</th>
                <th scope="col">{say("split.partArea")}</th>
                <th scope="col">{say("split.keeps")}</th>
              </tr>
            </thead>
            <tbody>
              {parts.map((part, k) => (
                <tr key={k}>
                  <th scope="row">{k + 1}</th>
                  <td data-part={k + 1}>{area(part.areaM2)}</td>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={say("split.keepsPart", { n: k + 1 })}
                      checked={split.keeps === k}
                      onChange={(event) => {
                        const keeps = event.currentTarget.checked ? k : null;
                        onChange((split) => ({ ...split, keeps }));
                      }}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <p class="edit-hint">{say("split.notYet")}</p>
        )}
      </div>
      {parts.length > 1 && (
        <details class="edit-more">
          <summary>{say("split.describe")}</summary>
          {parts.map((_, k) => (
            <fieldset key={k}>
              <legend>{say("split.part", { n: k + 1 })}</legend>
              <WrittenFields
                fields={["land_use", "number", "legal_area_m2"]}
                of={split.parts[k] ?? {}}
                was={{ land_use: parcel.landUse }}
                onChange={(of, field) => onChange((split) => ({ ...split, parts: parts.map((_, j) => (j === k ? of : (split.parts[j] ?? {}))) }), `part ${k} ${field}`)}
              />
            </fieldset>
          ))}
        </details>
      )}
    </>
  );

  function Points({ title, points, onRemove }: { title: string; points: readonly Point[]; onRemove: (point: Point) => void }) {
    return (
      <div class="edit-points">
        <h3>{title}</h3>
        <ol>
          {points.map((point, k) => (
            <li key={`${point}`}>
              <span class="figure">{coordinates(point, language)}</span>
              <small>{k > 0 && `${metres(distance(points[k - 1]!, point), language)} · ${degrees(bearing(points[k - 1]!, point), language)}`}</small>
              <button type="button" class="quiet" aria-label={say("split.removePoint", { n: k + 1 })} onClick={() => onRemove(point)}>
                ×
              </button>
            </li>
          ))}
        </ol>
      </div>
    );
  }
}

function ByArea({ split, parcel, onChange }: { split: Split; parcel: GroundParcel; onChange: (to: (split: Split) => Split, at?: string) => void }) {
  const { language } = useTexts();
  const say = useEditWords();
  const walls = parcel.rings.slice(0, 1).flatMap((ring) => edges([signedArea(ring) > 0 ? ring : [...ring].reverse()]));
  return (
    <>
      <div class="edit-written">
        <Field
          label={say("split.area_m2", { whole: toldIn(language).area(parcel.areaM2) })}
          name="area"
          kind="decimal"
          value={split.area}
          onValue={(area) => onChange((split) => ({ ...split, area }), "area")}
        />
        <Field
          label={say("split.direction")}
          name="direction"
          kind="decimal"
          value={split.direction}
          onValue={(direction) => onChange((split) => ({ ...split, direction }), "direction")}
        />
      </div>
      <fieldset class="edit-sides">
        <legend>{say("split.side")}</legend>
        {(Object.keys(SIDES) as (keyof typeof SIDES)[]).map((side) => (
          <button
            key={side}
            type="button"
            class="plain"
            aria-pressed={Number(split.direction) === SIDES[side]}
            onClick={() => onChange((split) => ({ ...split, direction: String(SIDES[side]) }))}
          >
            {say(`side.${side}`)}
          </button>
        ))}
      </fieldset>
      <p class="edit-field edit-field-wide">
        <label for="edit-along">{say("split.along")}</label>
        <select
          id="edit-along"
          onChange={(event) => {
            const wall = walls[Number(event.currentTarget.value)];
            // seen from the edge the part lies behind it: the cut runs the other way round
            if (wall) onChange((split) => ({ ...split, direction: bearing(wall[1], wall[0]).toFixed(4) }));
          }}
        >
          <option value="">{say("split.alongNone")}</option>
          {walls.map(([a, b], k) => (
            <option key={k} value={k} selected={bearing(b, a).toFixed(4) === split.direction}>
              {say("split.edge", { n: k + 1, length: metres(distance(a, b), language), bearing: degrees(bearing(a, b), language) })}
            </option>
          ))}
        </select>
      </p>
    </>
  );
}

function without(split: Split, k: number, point: Point): Split {
  if (split.way === "ring") return { ...split, ring: split.ring.filter((p) => !same(p, point)) };
  const lines = split.lines.map((line, j) => (j === k ? line.filter((p) => !same(p, point)) : line));
  return { ...split, lines: lines.filter((line) => line.length), open: split.open && lines.at(-1)!.length > 0 };
}
