/** The parcels chosen and those around them, read again when the view moves or the register may have changed. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isAbort, sentenceOf } from "../client/ask";
import type { ParcelMap } from "../map";
import type { Language } from "../texts";
import { parcelOf, parcelsIn, type GroundParcel } from "./ground";
import { toDegrees } from "../vn2000";

export interface Ground {
  chosen: GroundParcel[]; // in the order chosen, those that are read
  around: GroundParcel[]; // all that are near, the chosen ones too
  ended: string[]; // chosen, but no longer in force
  epsg: number | null; // the zone of the first chosen
  wrong: string | null;
  again: () => void;
}

const MARGIN_M = 60;
const NEAR_ZOOM = 16.5;

export function useGround(codes: readonly string[], map: ParcelMap | null, language: Language): Ground {
  const [read, setRead] = useState<ReadonlyMap<string, GroundParcel | null>>(new Map());
  const [around, setAround] = useState<GroundParcel[]>([]);
  const [wrong, setWrong] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const known = useRef(read);
  known.current = read;
  const wanted = codes.join(" ");

  useEffect(() => {
    const controller = new AbortController();
    const missing = wanted.split(" ").filter((code) => code && !known.current.has(code));
    if (!missing.length) return;
    Promise.all(missing.map(async (code) => [code, await parcelOf(code, controller.signal)] as const)).then(
      (found) => {
        setWrong(null);
        setRead((read) => new Map([...read, ...found]));
      },
      (error) => {
        if (!isAbort(error)) setWrong(sentenceOf(error, language));
      },
    );
    return () => controller.abort();
  }, [wanted, turn, language]);

  const chosen = codes.map((code) => read.get(code)).filter((parcel) => parcel !== undefined && parcel !== null);
  const epsg = chosen[0]?.epsg ?? null;
  const place = chosen.map((parcel) => parcel.code).join(" ");

  useEffect(() => {
    if (epsg === null) return setAround([]);
    let controller = new AbortController();
    const load = () => {
      controller.abort();
      controller = new AbortController();
      const points = chosen.flatMap((parcel) => parcel.rings.flat());
      const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
      const low = toDegrees(epsg, [Math.min(...xs) - MARGIN_M, Math.min(...ys) - MARGIN_M]);
      const high = toDegrees(epsg, [Math.max(...xs) + MARGIN_M, Math.max(...ys) + MARGIN_M]);
      const view = map && map.map.getZoom() >= NEAR_ZOOM ? map.bounds() : null;
      const meets = view && view[0] < high[0] && view[2] > low[0] && view[1] < high[1] && view[3] > low[1];
      const box = meets
        ? ([Math.min(low[0], view[0]), Math.min(low[1], view[1]), Math.max(high[0], view[2]), Math.max(high[1], view[3])] as const)
        : ([...low, ...high] as const);
      parcelsIn([...box], epsg, controller.signal).then(setAround, (error) => {
        if (!isAbort(error)) setWrong(sentenceOf(error, language));
      });
    };
    load();
    map?.map.on("moveend", load);
    return () => {
      controller.abort();
      map?.map.off("moveend", load);
    };
  }, [epsg, place, map, turn, language]);

  const again = useCallback(() => {
    setRead(new Map());
    setTurn((turn) => turn + 1);
  }, []);
  return { chosen, around, ended: codes.filter((code) => read.get(code) === null), epsg, wrong, again };
}
