/** From what is in hand to what the API is asked: the intent alone, in the zone's own metres; neighbours follow on the server. */
import { number } from "./typed";
import type { Point } from "../vn2000";
import { NOTHING, NO_SPLIT, type Pin, type Work, type Written } from "./work";

export type Missing =
  | "missing.task"
  | "missing.parcel"
  | "missing.line"
  | "missing.ring"
  | "missing.area"
  | "missing.two"
  | "missing.corner"
  | "missing.words"
  | "missing.pin"
  | "missing.pinText"
  | "missing.legal";

export interface Asked {
  intent: Record<string, unknown> & { kind: string };
  effective_on: string | null;
  reason: string;
  basis: string | null;
  dossier: string | null;
}

/** What is asked of `POST /api/v1/corrections`, or what is still missing for that. */
export function asked(work: Work): Asked | Missing {
  const intent = intentOf(work);
  if (typeof intent === "string") return intent;
  return {
    intent,
    effective_on: work.effectiveOn || null,
    reason: work.reason.trim(),
    basis: work.basis.trim() || null,
    dossier: work.dossier.trim() || null,
  };
}

function intentOf(work: Work): Asked["intent"] | Missing {
  const [first] = work.codes;
  switch (work.task) {
    case null:
      return "missing.task";
    case "split":
      return first ? splitOf(work, first) : "missing.parcel";
    case "merge": {
      if (work.codes.length < 2) return "missing.two";
      const { keeps, ...into } = work.into;
      const words = written(into);
      if (typeof words === "string") return words;
      return { kind: "merge", parcels: work.codes, into: words, ...(keeps && work.codes.includes(keeps) ? { keeps } : {}) };
    }
    case "boundary": {
      const { moves, inserts, removes } = work.boundary;
      if (!first) return "missing.parcel";
      if (moves.length + inserts.length + removes.length === 0) return "missing.corner";
      return { kind: "boundary", parcel: first, moves, inserts, removes };
    }
    case "attributes": {
      const parcels: Record<string, unknown>[] = [];
      for (const code of work.codes) {
        const words = written(work.rewritten[code] ?? {});
        if (typeof words === "string") return words;
        if (Object.keys(words).length) parcels.push({ parcel: code, ...words });
      }
      if (!work.codes.length) return "missing.parcel";
      return parcels.length ? { kind: "attributes", parcels } : "missing.words";
    }
    case "address": {
      if (!work.pins.length && !work.unlinks.length) return "missing.pin";
      if (work.pins.some((pin) => !pin.withCode && !pin.text.trim())) return "missing.pinText";
      return {
        kind: "address",
        link: work.pins.flatMap(({ parcel, code, withCode, text, main }) => [
          ...(text.trim() ? [{ parcel, scheme: "text", text: text.trim(), main }] : []),
          ...(withCode ? [{ parcel, scheme: "olc", code, main: main && !text.trim() }] : []),
        ]),
        unlink: work.unlinks.map(({ parcel, scheme, code, text }) => (text === null ? { parcel, scheme, code } : { parcel, scheme, text })),
      };
    }
  }
}

function splitOf({ split }: Work, parcel: string): Asked["intent"] | Missing {
  const parts: Record<string, unknown>[] = [];
  for (const part of split.parts) {
    const words = written(part ?? {});
    if (typeof words === "string") return words;
    parts.push(words);
  }
  const more = { parcel, ...(parts.some((part) => Object.keys(part).length) ? { parts } : {}), ...(split.keeps === null ? {} : { keeps: split.keeps }) };
  switch (split.way) {
    case "lines": {
      const lines = split.lines.filter((line) => line.length > 1);
      return lines.length ? { kind: "split", lines, ...more } : "missing.line";
    }
    case "ring":
      return split.ring.length > 2 ? { kind: "split", ring: split.ring, ...more } : "missing.ring";
    case "area": {
      const [area, direction] = [number(split.area), number(split.direction || "0")];
      if (!(area > 0) || !Number.isFinite(direction)) return "missing.area";
      return { kind: "split", area_m2: area, direction_deg: ((direction % 360) + 360) % 360, ...more };
    }
  }
}

function written(words: Written): Record<string, unknown> | Missing {
  const told: Record<string, unknown> = {};
  for (const key of ["number", "land_use", "address"] as const) if (words[key]?.trim()) told[key] = key === "land_use" ? words[key].trim().toUpperCase() : words[key].trim();
  if (words.legal_area_m2?.trim()) {
    const area = number(words.legal_area_m2);
    if (!(area >= 0)) return "missing.legal";
    told["legal_area_m2"] = area.toFixed(2);
  }
  return told;
}

/** What is in hand again, of a draft that the server has; null for kinds this desk does not draw. */
export function workOf(intent: Record<string, unknown>, said: Pick<Work, "reason" | "basis" | "dossier" | "effectiveOn">): Work | null {
  const work: Work = { ...NOTHING, ...said };
  const told = intent as Told;
  switch (told.kind) {
    case "split": {
      const way = told.ring ? "ring" : told.area_m2 != null ? "area" : "lines";
      const split = { ...NO_SPLIT, way, lines: told.lines ?? [], ring: told.ring ?? [], keeps: told.keeps ?? null, parts: (told.parts ?? []).map(asTyped) } as const;
      const area = way === "area" ? { area: String(told.area_m2), direction: String(told.direction_deg ?? 0) } : {};
      return { ...work, task: "split", codes: [told.parcel], split: { ...split, ...area } };
    }
    case "merge":
      return { ...work, task: "merge", codes: told.parcels, into: { ...asTyped(told.into ?? {}), ...(told.keeps ? { keeps: told.keeps } : {}) } };
    case "boundary": {
      const { moves = [], inserts = [], removes = [] } = told;
      return { ...work, task: "boundary", codes: [told.parcel], boundary: { moves, inserts, removes } };
    }
    case "attributes":
      return {
        ...work,
        task: "attributes",
        codes: told.parcels.map((one) => one.parcel),
        rewritten: Object.fromEntries(told.parcels.map((one) => [one.parcel, asTyped(one)])),
      };
    case "address": {
      const pins = new Map<string, Pin>();
      for (const { parcel, code, text, main } of told.link ?? []) {
        const pin = pins.get(parcel) ?? { parcel, at: null, code: "", withCode: false, text: "", main: false };
        pins.set(parcel, { ...pin, ...(text ? { text } : { code: code ?? "", withCode: true }), main: pin.main || Boolean(main) });
      }
      const unlinks = (told.unlink ?? []).map(({ parcel, scheme, code, text }) => ({ parcel, scheme: scheme ?? "text", code: code ?? "", text: text ?? null }));
      const codes = new Set([...pins.keys(), ...unlinks.map((one) => one.parcel)]);
      return told.file ? null : { ...work, task: "address", codes: [...codes], pins: [...pins.values()], unlinks };
    }
    default:
      return null;
  }
}

type WrittenTold = { [K in keyof Written]?: string | number | null };
type Told =
  | { kind: "split"; parcel: string; lines?: Point[][]; ring?: Point[]; area_m2?: number | null; direction_deg?: number; keeps?: number | null; parts?: WrittenTold[] }
  | { kind: "merge"; parcels: string[]; into?: WrittenTold; keeps?: string | null }
  | { kind: "boundary"; parcel: string; moves?: { from: Point; to: Point }[]; inserts?: Point[]; removes?: Point[] }
  | { kind: "attributes"; parcels: (WrittenTold & { parcel: string })[] }
  | { kind: "address"; link?: { parcel: string; code?: string; text?: string; main?: boolean }[]; unlink?: { parcel: string; scheme?: string; code?: string | null; text?: string | null }[]; file?: string | null };

function asTyped({ number, land_use, legal_area_m2, address }: WrittenTold): Written {
  const words = { number, land_use, legal_area_m2, address };
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value != null).map(([name, value]) => [name, String(value)]));
}
