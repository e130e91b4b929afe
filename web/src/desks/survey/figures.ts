/** Figures of a survey as surveyors read them. */
import type { Language } from "../../texts";

const LOCALES: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };

export function figure(value: number, language: Language, digits: number): string {
  return new Intl.NumberFormat(LOCALES[language], { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Bytes: "1,4 MB". */
export function size(bytes: number, language: Language): string {
  if (bytes < 1000) return `${bytes}\u00a0B`;
  return bytes < 1_000_000 ? `${figure(bytes / 1000, language, 0)}\u00a0kB` : `${figure(bytes / 1_000_000, language, 1)}\u00a0MB`;
}

export const metres = (value: number, language: Language) => `${figure(value, language, 3)}\u00a0m`;

/** Square metres, finer where there are few. */
export function squareMetres(value: number, language: Language): string {
  const small = Math.abs(value);
  return `${figure(value, language, small >= 1 || small === 0 ? 1 : small >= 0.1 ? 2 : 4)}\u00a0m²`;
}

/** Figures stay with their units where lines break: "0,188 m²". */
export const unbroken = (text: string) => text.replace(/(\d) (m²|ha|mm|cm|km|m|°|%)(?![\p{L}\d])/gu, "$1\u00a0$2");
