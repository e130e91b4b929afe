/** The editor's words, and numbers as surveyors write them. */
import { area } from "../format";
import type { Language } from "../texts";
import { useWords, type SayWords } from "../words";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import type { Told } from "./sketch";
import type { Point } from "../vn2000";

export type EditKey = keyof typeof vi;
export type SayEdit = SayWords<EditKey>;
export const useEditWords = (): SayEdit => useWords({ vi, en });

const SPACE = "\u00a0";
const decimals = (value: number, digits: number, language: Language) => {
  const text = value.toFixed(digits);
  return language === "vi" ? text.replace(".", ",") : text;
};

export const metres = (m: number, language: Language) => `${decimals(m, m < 1 ? 3 : 2, language)}${SPACE}m`;
export const degrees = (deg: number, language: Language) => `${decimals(deg, 3, language)}°`;
export const signed = (m: number, digits: number, language: Language) => `${m < 0 ? "−" : "+"}${decimals(Math.abs(m), digits, language)}`;

/** Vietnamese papers call north X and east Y. */
export const coordinates = ([east, north]: Point, language: Language) =>
  `X${SPACE}${decimals(north, 3, language)}  Y${SPACE}${decimals(east, 3, language)}`;

export const toldIn = (language: Language): Told => ({ metres: (m) => metres(m, language), area: (m2) => area(m2, language) });
