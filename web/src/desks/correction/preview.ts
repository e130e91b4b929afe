/** What a correction will do, as the API previews it (`preview` of a correction). Shapes are for showing, in WGS84. */
import type { MultiPolygon, Polygon } from "geojson";
import type { CorrectionAnswer } from "../../client/doors";

type Shape = Polygon | MultiPolygon;

export interface ParcelState {
  number: string;
  land_use: string;
  area_m2: number;
  legal_area_m2: number | null;
  provisional: boolean;
  epsg: number;
  shape: Shape; // metres of the zone
  geometry: Shape; // degrees
}

export interface PreviewParcel {
  role: string;
  code: string | null;
  before: (ParcelState & { sheet: string; commune: string; version: number }) | null;
  after: (ParcelState & { reshaped: boolean }) | null;
}

export interface TableLine {
  code: string | null;
  sheet_before: string | null;
  number_before: string | null;
  area_before_m2: number | null;
  land_use_before: string | null;
  temporary_number: string | null;
  number: string | null;
  area_m2: number | null;
  land_use: string | null;
  cause?: string;
}

export interface PreviewFinding {
  rule: string;
  severity: "stops" | "explain" | "note";
  text_vi: string;
  text_en: string;
  code: string | null;
  x: number | null;
  y: number | null;
}

export interface Preview {
  kind: string;
  intent: Record<string, unknown>;
  parcels: PreviewParcel[];
  table: TableLine[];
  areas: { before_m2: number; after_m2: number; difference_m2: number; rounding_m2: number; written_difference_m2: number };
  codes: { issued: string[]; ended: string[] };
  neighbours: { code: string; number: string; area_change_m2: number; gone: [number, number][]; come: [number, number][] }[];
  addresses: Record<string, unknown>;
  phrases: { code: string | null; number: string; text: string }[];
  counts: Record<string, number>;
  undoes: number[];
  findings: PreviewFinding[];
}

/** The preview of a correction; null where it has none yet. */
export function previewOf(correction: CorrectionAnswer): Preview | null {
  return "parcels" in correction.preview ? (correction.preview as unknown as Preview) : null;
}

/** Another draft on the same parcels. */
export interface Other {
  key: string;
  kind: string;
  state: string;
  author: string;
  code: string;
}
