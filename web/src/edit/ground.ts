/** The parcels around what is edited, as the register has them: VN-2000 metres of one zone, to the millimetre. */
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";
import type { Parcel } from "../api";
import type { Bounds } from "../bounds";
import { fetched } from "../client/ask";
import type { Rings } from "../plane";
import type { Point } from "../vn2000";

export interface GroundParcel {
  code: string;
  epsg: number;
  sheet: string;
  number: string;
  landUse: string;
  areaM2: number;
  legalAreaM2: number | null;
  address: string | null;
  addresses: readonly Linked[]; // of parcels asked for by their codes
  rings: Rings;
}

/** An address a parcel is linked to. */
export interface Linked {
  scheme: string;
  code: string;
  text: string | null;
  main: boolean;
}

interface Properties {
  code: string;
  sheet: string;
  epsg: number;
  number: string;
  land_use: string;
  area_m2: number;
  legal_area_m2: number | null;
  address: string | null;
}

const MOST = 1000;

/** Rings of a shape without their first corner again at the end. */
export function ringsOf(shape: Polygon | MultiPolygon): Rings {
  const polygons: Position[][][] = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return polygons.flat().map((ring) => ring.slice(0, -1).map(([east, north]): Point => [east!, north!]));
}

/** Parcels whose sheets are in the zone, that meet a box of degrees. Throws Refused. */
export async function parcelsIn(bounds: Bounds, epsg: number, signal?: AbortSignal): Promise<GroundParcel[]> {
  const query = new URLSearchParams({
    bbox: bounds.map((degrees) => degrees.toFixed(7)).join(","),
    crs: `http://www.opengis.net/def/crs/EPSG/0/${epsg}`,
    limit: String(MOST),
    f: "json",
  });
  const answer = await fetched(`/ogc/collections/parcels/items?${query}`, signal ? { signal } : {}, null);
  const { features } = (await answer.json()) as FeatureCollection<Polygon | MultiPolygon, Properties>;
  return features.filter((feature) => feature.properties.epsg === epsg).map(told);
}

function told({ geometry, properties }: Feature<Polygon | MultiPolygon, Properties>): GroundParcel {
  const { code, epsg, sheet, number, address } = properties;
  return {
    code,
    epsg,
    sheet,
    number,
    landUse: properties.land_use,
    areaM2: properties.area_m2,
    legalAreaM2: properties.legal_area_m2,
    address,
    addresses: [],
    rings: ringsOf(geometry),
  };
}

/** The parcel of a code in its own zone; null where it has ended. Throws Refused. */
export async function parcelOf(code: string, signal?: AbortSignal): Promise<GroundParcel | null> {
  const answer = await fetched(`/api/v1/parcels/${encodeURIComponent(code)}?crs=vn2000`, signal ? { signal } : {}, null);
  const { geometry, properties } = (await answer.json()) as Parcel;
  if (properties.status !== "current") return null;
  return {
    code: properties.code,
    epsg: properties.sheet.epsg,
    sheet: properties.sheet.number,
    number: properties.number,
    landUse: properties.land_use,
    areaM2: properties.area_m2,
    legalAreaM2: properties.legal_area_m2,
    address: properties.addresses.find((one) => one.main && one.text)?.text ?? properties.addresses.find((one) => one.text)?.text ?? null,
    addresses: properties.addresses.map(({ scheme, code, text, main }) => ({ scheme, code, text, main: Boolean(main) })),
    rings: ringsOf(geometry),
  };
}
