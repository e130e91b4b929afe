/** Numbers, dates and codes as people read them. */
import type { Unit } from "./api";
import type { Language } from "./texts";

const LOCALES: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };

/** Square metres: "1.234,5 m²" in Vietnamese, "1,234.5 m²" in English. */
export function area(m2: number, language: Language): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 2 };
  return `${new Intl.NumberFormat(LOCALES[language], digits).format(m2)}\u00a0m²`;
}

const digits = (value: number, most: number, language: Language) =>
  new Intl.NumberFormat(LOCALES[language], { minimumFractionDigits: most, maximumFractionDigits: most }).format(value);

/** A length: "12,34 m", from a kilometre on "1,234 km". */
export const metres = (m: number, language: Language) =>
  m < 1000 ? `${digits(m, 2, language)}\u00a0m` : `${digits(m / 1000, 3, language)}\u00a0km`;

export const squareMetres = (m2: number, language: Language) => `${digits(m2, 1, language)}\u00a0m²`;

export const hectares = (m2: number, language: Language) => `${digits(m2 / 10_000, 4, language)}\u00a0ha`;

export const bytes = (size: number, language: Language) =>
  size < 1e6 ? `${digits(size / 1e3, 0, language)}\u00a0kB` : `${digits(size / 1e6, 1, language)}\u00a0MB`;

export const gigabytes = (size: number, language: Language) => `${digits(size / 1e9, 1, language)}\u00a0GB`;

export function count(n: number, language: Language): string {
  return new Intl.NumberFormat(LOCALES[language]).format(n);
}

/** A day: "22/11/2026". The text is an ISO date or time. */
export function day(iso: string): string {
  const [year, month, date] = iso.slice(0, 10).split("-");
  return `${date}/${month}/${year}`;
}

const INSTANT = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Ho_Chi_Minh",
  day: "2-digit",
  month: "2-digit",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** An instant in Vietnam: "22/11/2026, 09:05:31". The text is an ISO time. */
export function instant(iso: string): string {
  return INSTANT.format(new Date(iso));
}

/** A parcel code in groups of four: ["w7er", "8sp5", "fqef"]. */
export function groups(code: string): string[] {
  return code.match(/.{1,4}/g) ?? [code];
}

/** A unit with its kind in front: "Phường Hải Châu"; names that carry their kind stay as they are. */
export function unitName({ kind, name }: Pick<Unit, "kind" | "name">): string {
  if (!kind || name.toLocaleLowerCase("vi").startsWith(kind.toLocaleLowerCase("vi"))) return name;
  return `${kind.charAt(0).toLocaleUpperCase("vi")}${kind.slice(1)} ${name}`;
}
