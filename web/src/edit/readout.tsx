/** What the pointer says, always in sight while something is drawn: coordinates, length and bearing from the point before, what it
 * snaps to. */
import { useTexts } from "../texts";
import { bearing, distance } from "../plane";
import { coordinates, degrees, metres, useEditWords } from "./say";
import type { Pointed } from "./sketch";
import type { Point } from "../vn2000";

export function Readout({ pointed, from, epsg }: { pointed: Pointed | null; from: Point | null; epsg: number }) {
  const { language } = useTexts();
  const say = useEditWords();
  if (!pointed) {
    return (
      <output class="edit-readout edit-readout-idle" aria-live="off">
        {say("readout", { epsg })}
      </output>
    );
  }
  const { at, snap } = pointed;
  return (
    <output class="edit-readout" aria-live="off">
      <span class="figure">{coordinates(at, language)}</span>
      {from && distance(from, at) > 0 && (
        <span class="figure">
          {metres(distance(from, at), language)} · {degrees(bearing(from, at), language)}
        </span>
      )}
      {snap && <b>{say(`snap.${snap.kind}`)}</b>}
    </output>
  );
}
