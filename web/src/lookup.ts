/** From what was typed to a list of results, asked of the API in the way that fits. */
import * as api from "./api";
import type { Address, Parcel } from "./api";
import { Refused } from "./client/ask";
import { groups, unitName } from "./format";
import { readQuery } from "./query";
import type { Say } from "./texts";

export interface Result {
  key: string;
  title: string;
  detail: string;
  code: string | null; // the parcel it opens
  place: [lonDeg: number, latDeg: number] | null; // where to go when no parcel is known
}

const MOST = 8;

const ofParcel = (parcel: Parcel, say: Say): Result => {
  const { code, commune, sheet, number } = parcel.properties;
  return {
    key: `parcel ${code}`,
    title: say("search.sheetNumber", { sheet: sheet.number, number }),
    // the commune of the old map tells equal sheet numbers apart
    detail: [
      sheet.commune.name === commune.name ? unitName(commune) : `${unitName(commune)} (${sheet.commune.name})`,
      groups(code).join("\u2009"),
    ].join(" · "),
    code,
    place: null,
  };
};

function ofAddress(address: Address, say: Say): Result {
  const parcel = address.parcels?.[0];
  const where = parcel && say("search.sheetNumber", { sheet: parcel.sheet, number: parcel.number });
  const former = address.matched?.find((match) => match.former && match.part === "commune");
  return {
    key: `address ${address.scheme} ${address.code} ${parcel?.code ?? ""}`,
    title: address.text ?? address.code,
    detail: [where, parcel ? groups(parcel.code).join("\u2009") : address.code, former && say("search.former", { name: former.name })]
      .filter(Boolean)
      .join(" · "),
    code: parcel?.code ?? null,
    place: address.point ?? null,
  };
}

/** One result a parcel: a parcel has several addresses, and each would open the same panel. */
function onePerParcel(results: Result[]): Result[] {
  const seen = new Set<string>();
  return results.filter(({ key, code }) => {
    const mark = code ?? key;
    if (seen.has(mark)) return false;
    seen.add(mark);
    return true;
  });
}

/** "Not found" and "not understood" are answers too: an empty list. */
async function orNothing<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refused && [400, 404, 410, 422].includes(error.status)) return [];
    throw error;
  }
}

async function onSheet(sheet: string, number: string, commune: string | null, signal: AbortSignal): Promise<Parcel[]> {
  const inCommune = await orNothing(api.parcelsOnSheet(sheet, number, commune, signal).then((found) => found.features as Parcel[]));
  if (inCommune.length > 0 || !commune) return inCommune;
  return orNothing(api.parcelsOnSheet(sheet, number, null, signal).then((found) => found.features as Parcel[]));
}

export async function lookUp(typed: string, commune: string | null, say: Say, signal: AbortSignal): Promise<Result[]> {
  const query = readQuery(typed);
  if (!query) return [];
  switch (query.kind) {
    case "code": {
      const parcels = await orNothing(api.parcel(query.code, null, signal).then((parcel) => [parcel]));
      return parcels.map((parcel) => ofParcel(parcel, say));
    }
    case "digital":
      return onePerParcel((await orNothing(api.digitalAddress(query.code, signal))).map((address) => ofAddress(address, say))).slice(0, MOST);
    case "sheet": {
      const [parcels, addresses] = await Promise.all([
        onSheet(query.sheet, query.number, commune, signal),
        orNothing(api.addresses(query.text, signal)),
      ]);
      return onePerParcel([...parcels.map((parcel) => ofParcel(parcel, say)), ...addresses.map((address) => ofAddress(address, say))]).slice(0, MOST);
    }
    case "text":
      return onePerParcel((await orNothing(api.addresses(query.text, signal))).map((address) => ofAddress(address, say))).slice(0, MOST);
  }
}
