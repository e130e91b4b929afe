/** Others were faster: what stood when the draft was made, theirs and mine side by side; whose side holds where both clash. */
import { useState } from "preact/hooks";
import { useTexts } from "../texts";
import { ringsOf } from "./ground";
import { areaOf } from "../plane";
import type { Conflict, Stood } from "./preview";
import { toldIn, useEditWords } from "./say";

export type Choice = "mine" | "theirs";

export function ConflictView(props: { conflicts: readonly Conflict[]; busy: boolean; onRebase: (resolve: Record<string, Choice>) => void; onWithdraw: () => void }) {
  const { conflicts } = props;
  const say = useEditWords();
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  // mine may have to be decided where both changed the same; where theirs has ended, only theirs is left
  const open = conflicts.filter((one) => !one.free && (one.yours !== null || one.theirs === null));
  const decided = open.every((one) => choices[one.code]);
  return (
    <section class="edit-conflict" aria-label={say("conflict.title")}>
      <h3>{say("conflict.title")}</h3>
      <p role="alert">{say("conflict.kept")}</p>
      {conflicts.map((one) => (
        <fieldset key={one.code} data-conflict={one.code}>
          <legend>
            {say("conflict.parcel")} <code>{one.code}</code>
          </legend>
          <div class="edit-three">
            <Side title={say("conflict.base")} stood={one.base} frame={one} />
            <Side title={say("conflict.theirs")} stood={one.theirs} frame={one} was={one.base} gone={say("conflict.ended", { became: one.became?.join(", ") || "–" })} />
            <Side title={say("conflict.mine")} stood={one.yours} frame={one} was={one.base} gone={say("conflict.iEnd")} />
          </div>
          {one.fields.length > 0 && <p class="edit-note">{say("conflict.both", { fields: one.fields.map((field) => say(`field.${field}` as "field.shape")).join(", ") })}</p>}
          {open.includes(one) ? (
            <div class="edit-ways">
              {(one.theirs === null ? (["theirs"] as const) : (["mine", "theirs"] as const)).map((choice) => (
                <label key={choice}>
                  <input type="radio" name={`conflict-${one.code}`} checked={choices[one.code] === choice} onChange={() => setChoices({ ...choices, [one.code]: choice })} />
                  <span>{say(`conflict.choose.${choice}`)}</span>
                </label>
              ))}
            </div>
          ) : (
            <p class="edit-hint">{say("conflict.fits")}</p>
          )}
        </fieldset>
      ))}
      <p class="edit-actions">
        <button type="button" class="plain primary" disabled={props.busy || !decided} onClick={() => props.onRebase(choices)}>
          {say("conflict.rebase")}
        </button>
        <button type="button" class="plain" disabled={props.busy} onClick={props.onWithdraw}>
          {say("conflict.withdraw")}
        </button>
      </p>
    </section>
  );
}

function Side({ title, stood, frame, was, gone }: { title: string; stood: Stood | null; frame: Conflict; was?: Stood; gone?: string }) {
  const { language } = useTexts();
  const say = useEditWords();
  const { area } = toldIn(language);
  if (!stood) {
    return (
      <div>
        <h4>{title}</h4>
        <p>{gone}</p>
      </div>
    );
  }
  const size = (of: Stood) => area(areaOf(ringsOf(of.shape)));
  const rows: [string, string, string | undefined][] = [
    [say("field.number"), stood.number, was?.number],
    [say("field.land_use"), stood.land_use || "–", was && (was.land_use || "–")],
    [say("field.area"), size(stood), was && size(was)],
    [say("field.legal_area_m2"), stood.legal_area_m2 === null ? "–" : area(stood.legal_area_m2), was && (was.legal_area_m2 === null ? "–" : area(was.legal_area_m2))],
  ];
  return (
    <div>
      <h4>{title}</h4>
      <Outline of={stood} frame={frame} />
      <dl>
        {rows.map(([name, value, before]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{before !== undefined && before !== value ? <mark>{value}</mark> : value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The shape, drawn in the frame of all three. */
function Outline({ of, frame }: { of: Stood; frame: Conflict }) {
  const all = [frame.base, frame.theirs, frame.yours].flatMap((one) => (one ? ringsOf(one.shape).flat() : []));
  const [xs, ys] = [all.map((p) => p[0]), all.map((p) => p[1])];
  const [west, north] = [Math.min(...xs), Math.max(...ys)];
  const [width, height] = [Math.max(...xs) - west, north - Math.min(...ys)];
  const path = (one: Stood) =>
    ringsOf(one.shape)
      .map((ring) => `M${ring.map((p) => `${(p[0] - west).toFixed(3)} ${(north - p[1]).toFixed(3)}`).join("L")}Z`)
      .join("");
  const margin = Math.max(width, height) * 0.06;
  return (
    <svg viewBox={`${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`} aria-hidden="true">
      <path class="edit-base" d={path(frame.base)} />
      <path d={path(of)} />
    </svg>
  );
}
