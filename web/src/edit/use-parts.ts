/** The parts a split would make, while it is drawn: reckoned in the page, as the server will. */
import { useMemo } from "preact/hooks";
import { cutByArea, partsBy, partsByArea, partsByRing, type Part } from "./cut";
import type { GroundParcel } from "./ground";
import type { Ring } from "../plane";
import { number } from "./typed";
import type { Work } from "./work";

/** The parts, none where nothing is parted yet; the line of a cut by area. */
export function useParts({ task, split }: Work, parcel: GroundParcel | undefined): { parts: readonly Part[]; cut: readonly Ring[] } {
  return useMemo(() => {
    if (task !== "split" || !parcel) return { parts: [], cut: [] };
    const { rings } = parcel;
    if (split.way === "ring") return { parts: split.ring.length > 2 ? partsByRing(rings, split.ring) : [], cut: [] };
    if (split.way === "area") {
      const [area, direction] = [number(split.area), number(split.direction || "0")];
      const line = cutByArea(rings, area, direction);
      return { parts: partsByArea(rings, area, direction), cut: line ? [line] : [] };
    }
    const lines = split.lines.filter((line) => line.length > 1);
    return { parts: lines.length ? partsBy(rings, lines) : [], cut: [] };
  }, [task, split, parcel]);
}
