/** The page's words in Vietnamese and English; both files carry the same keys (checked by the compiler). */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export type Language = "vi" | "en";
export type TextKey = keyof typeof vi;
export type Say = (key: TextKey, values?: Record<string, string | number>) => string;

const TEXTS: Record<Language, Record<TextKey, string>> = { vi, en };
const MEMORY = "diachinh.language";

export function sayIn(language: Language): Say {
  return (key, values = {}) =>
    TEXTS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The language chosen last time; Vietnamese at first. */
export function rememberedLanguage(): Language {
  try {
    return localStorage.getItem(MEMORY) === "en" ? "en" : "vi";
  } catch {
    return "vi"; // storage may be forbidden; the page works without it
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(MEMORY, language);
  } catch {
    // the choice then lasts as long as the page
  }
}

export const Texts = createContext<{ language: Language; say: Say }>({ language: "vi", say: sayIn("vi") });
export const useTexts = () => useContext(Texts);
