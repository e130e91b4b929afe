/** The server's preview of a correction, as register/edits/preview.py writes it: the parts this desk shows. */
import type { MultiPolygon, Polygon } from "geojson";
import type { Answer } from "../client/ask";

type Shape = Polygon | MultiPolygon;

export interface State {
  number: string;
  land_use: string;
  area_m2: number;
  legal_area_m2: number | null;
  provisional: boolean;
  epsg: number;
  shape: Shape; // VN-2000 metres
  geometry: Shape; // degrees
}

export interface PreviewParcel {
  role: "part" | "remainder" | "whole" | "new" | "changed" | "neighbour" | "ended";
  code: string | null;
  before: State | null;
  after: (State & { reshaped: boolean }) | null;
}

export interface Line {
  code: string | null;
  sheet_before: string | null;
  number_before: string | null;
  area_before_m2: number | null;
  land_use_before: string | null;
  temporary_number: string | null;
  number: string | null;
  area_m2: number | null;
  land_use: string | null;
}

export interface Finding {
  rule: string;
  severity: "stops" | "explain" | "note";
  text_vi: string;
  text_en: string;
  code: string | null;
  x: number | null;
  y: number | null;
}

export interface Neighbour {
  code: string;
  number: string;
  area_change_m2: number;
  gone: [number, number][];
  come: [number, number][];
}

export interface Preview {
  kind: string;
  intent: Record<string, unknown>;
  parcels: PreviewParcel[];
  table: Line[];
  areas: { before_m2: number; after_m2: number; difference_m2: number; rounding_m2: number; written_difference_m2: number };
  codes: { issued: string[]; ended: string[] };
  neighbours: Neighbour[];
  phrases: { code: string | null; number: string; text: string }[];
  findings: Finding[];
}

/** One parcel that others changed since the draft was made: what stood, theirs, mine (register/conflicts.py). */
export interface Conflict {
  code: string;
  by: number | null;
  base: Stood;
  theirs: Stood | null; // null: it has ended, and became `became`
  yours: Stood | null; // null: mine ends it
  fields: string[]; // what both changed, differently
  free: boolean; // both fit together
  became?: string[];
}

export interface Stood {
  number: string;
  land_use: string;
  legal_area_m2: number | null;
  sheet: number | string;
  provisional: boolean;
  shape: Shape;
}

type Told = Answer<"GET /api/v1/corrections/{key}">;

export type Correction = Omit<Told, "preview" | "conflicts" | "others"> & {
  preview: Preview;
  conflicts: Conflict[];
  others: { key: string; kind: string; state: string; author: string; code: string }[];
};

export const correctionOf = (answer: Told) => answer as unknown as Correction;
