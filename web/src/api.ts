/** Asks the API. Every answer is what /api/v1 documents; every failure is a Refused with words for the reader. */
import type { Feature, FeatureCollection, MultiPolygon, Polygon } from "geojson";
import type { StyleSpecification } from "maplibre-gl";
import type { Bounds } from "./bounds";
import { fetched } from "./client/ask";

export interface Unit {
  code: string;
  name: string;
  kind: string; // xã, phường, đặc khu …
  province?: string | null;
}

export interface LandUse {
  code: string;
  name_vi: string;
  name_en: string;
  family: string;
}

/** A digital or text address; `parcels` comes with answers of the address search only. */
export interface Address {
  scheme: string;
  code: string;
  text: string | null;
  main?: boolean;
  point?: [lonDeg: number, latDeg: number] | null;
  parcels?: { code: string; main: boolean; number: string; sheet: string; land_use: string }[];
  matched?: AddressMatch[] | null;
}

/** A part of an address that the words typed name: as it is called, and how (exact, typo, …) it matched. */
export interface AddressMatch {
  part: string;
  name: string;
  how: string;
  former: boolean;
}

export interface ParcelProperties {
  code: string;
  status: "current" | "retired";
  commune: Unit;
  sheet: { number: string; scale: number | null; map_set: string; epsg: number; commune: Unit };
  number: string;
  land_use: string;
  land_uses: LandUse[];
  area_m2: number;
  legal_area_m2: number | null;
  addresses: Address[];
  since: { correction: number; made_at: string; effective_on: string };
  retired: { made_at: string; effective_on: string; successors: string[] } | null;
}

export type Parcel = Feature<Polygon | MultiPolygon, ParcelProperties> & { id: string };
export type Parcels = FeatureCollection<Polygon | MultiPolygon, ParcelProperties>;

export interface Register {
  parcels: number;
  bbox: [number, number, number, number] | null;
  communes: Unit[];
}

/** A scanned sheet or an orthophoto, as TileJSON tells of it. */
export interface Scan {
  id: string;
  name: string;
  kind: "scan" | "orthophoto";
  tileSize: number;
  minzoom: number;
  maxzoom: number;
  bounds: [number, number, number, number];
}

/** A correction that changed the map: when the office made it (an instant), since when it is so by law (a day). */
export interface MapMoment {
  seq: number;
  made_at: string;
  effective_on: string;
  kind: string;
}

async function get<T>(path: string, parameters: Record<string, string>, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams(parameters).toString();
  const headers = { Accept: "application/geo+json, application/json" };
  const answer = await fetched(query ? `${path}?${query}` : path, { headers, ...(signal ? { signal } : {}) }, null);
  return (await answer.json()) as T;
}

/** The map's style in a look. */
export const style = (look: string, signal?: AbortSignal) => get<StyleSpecification>(`/tiles/styles/${look}.json`, {}, signal);

export interface Legend {
  groups: {
    group: string;
    title_vi: string;
    title_en: string;
    colour: string;
    codes: { code: string; name_vi: string; name_en: string }[];
  }[];
}

/** The key to the map in a look. */
export const legend = (look: string, signal?: AbortSignal) => get<Legend>(`/tiles/legends/${look}.json`, {}, signal);

export const register = (signal?: AbortSignal) => get<Register>("/api/v1/register", {}, signal);

export const scans = (signal?: AbortSignal) =>
  get<{ scans: Scan[] }>("/tiles/scans.json", {}, signal).then((answer) => answer.scans);

/** The parcel as it is, or as it was at a moment (a day, or an instant). */
export const parcel = (code: string, asOf: string | null, signal?: AbortSignal) =>
  get<Parcel>(`/api/v1/parcels/${encodeURIComponent(code)}`, asOf ? { as_of: asOf } : {}, signal);

/** When something in a box changed, in order; `complete` false: there are earlier moments. */
export const moments = (bounds: Bounds, signal?: AbortSignal) =>
  get<{ moments: MapMoment[]; complete: boolean }>(
    "/tiles/moments.json",
    { bbox: bounds.map((degrees) => degrees.toFixed(6)).join(",") },
    signal,
  );

/** Parcels by sheet and number, in one commune or (without) in all. */
export const parcelsOnSheet = (sheet: string, number: string, commune: string | null, signal?: AbortSignal) =>
  get<Parcels>("/api/v1/parcels", { sheet, number, ...(commune ? { commune } : {}) }, signal);

export const parcelsAt = (lonDeg: number, latDeg: number, signal?: AbortSignal) =>
  get<Parcels>("/api/v1/parcels", { at: `${lonDeg.toFixed(8)},${latDeg.toFixed(8)}` }, signal);

export const addresses = (text: string, signal?: AbortSignal) =>
  get<{ addresses: Address[] }>("/api/v1/addresses", { q: text }, signal).then((answer) => answer.addresses);

export const digitalAddress = (code: string, signal?: AbortSignal) =>
  get<{ addresses: Address[] } | Address>(`/api/v1/addresses/${encodeURIComponent(code)}`, {}, signal).then(
    (answer) => ("addresses" in answer ? answer.addresses : [answer]),
  );

/** What a plan on paper may be, and the zone of VN-2000 one at a place is drawn in. */
export interface PlanChoices {
  scales: number[];
  papers: { paper: string; orientation: "portrait" | "landscape"; frame_mm: [number, number] }[];
  most_parcels: number;
  zone: { epsg: number; central_meridian_deg: number; scale: number };
}

export const plans = ([lonDeg, latDeg]: [number, number], signal?: AbortSignal) =>
  get<PlanChoices>("/api/v1/plans", { at: `${lonDeg.toFixed(6)},${latDeg.toFixed(6)}` }, signal);

const post = (path: string, body: unknown, signal?: AbortSignal) =>
  fetched(
    path,
    { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...(signal ? { signal } : {}) },
    null,
  );

/** A plan as PDF. */
export const plan = (asked: Record<string, unknown>, signal?: AbortSignal) =>
  post("/api/v1/plans", asked, signal).then((answer) => answer.blob());

/** Has the map of a commune made as one file, and says where it is. */
export const pack = (commune: string, signal?: AbortSignal) =>
  post(`/api/v1/packs/${encodeURIComponent(commune)}`, {}, signal).then((answer) => answer.json() as Promise<{ url: string; bytes: number }>);
