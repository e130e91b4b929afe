/** What was typed into the search box: a parcel code, a digital address, a sheet and number, or text. */

export type Query =
  | { kind: "code"; code: string }
  | { kind: "digital"; code: string }
  | { kind: "sheet"; sheet: string; number: string; text: string }
  | { kind: "text"; text: string };

// A Vietnamese keyboard (Telex) swallows letters: "w" becomes "ư", "er" becomes "ẻ". This gives them back.
const TELEX_MARKS: Record<string, string> = {
  "\u0300": "f", // grave
  "\u0301": "s", // acute
  "\u0303": "x", // tilde
  "\u0309": "r", // hook
  "\u0323": "j", // dot below
  "\u0306": "w", // breve: ă
  "\u031b": "w", // horn: ơ
};
const CODE = /^w[0-9b-hjkmnp-z]{11}$/;
const OLC = /^[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,7}$/;
const VPOSTCODE = /^[0-9]{5}[ -]?[23456789CFGHJMPQRVWX]{4}\+?[23456789CFGHJMPQRVWX]{2,3}$/;
const SHEET_FIRST =
  /^(?:(?:to|sheet)(?: ban do)?(?: so)?\.?\s*)?([0-9]+[a-z]?)\s*(?:[/,;-]|\s)\s*(?:(?:thua|parcel)(?: dat)?(?: so)?\.?\s*)?([0-9]+[a-z]?)$/;
const NUMBER_FIRST =
  /^(?:thua|parcel)(?: dat)?(?: so)?\.?\s*([0-9]+[a-z]?)\s*[/,;-]?\s*(?:to|sheet)(?: ban do)?(?: so)?\.?\s*([0-9]+[a-z]?)$/;

/** Lower case without accents: "Lê Lợi" → "le loi". */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** The keys that were pressed for the text: "ư7ẻ8sp5fqè" → "w7er8sp5fqef". */
export function asTyped(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFC")
    .replace(/ư/g, "w") // before the marks: a lone w gives ư, not uw
    .replace(/đ/g, "dd")
    .normalize("NFD")
    .replace(/([aeo])\u0302/g, "$1$1")
    .replace(/\p{M}/gu, (mark) => TELEX_MARKS[mark] ?? "");
}

export function readQuery(typed: string): Query | null {
  const text = typed.normalize("NFC").trim().replace(/\s+/g, " ");
  if (!text) return null;
  const code = asTyped(text).replace(/[\s.-]/g, "");
  if (CODE.test(code)) return { kind: "code", code };
  const upper = text.toUpperCase();
  if (OLC.test(upper.replace(/\s/g, ""))) return { kind: "digital", code: upper.replace(/\s/g, "") };
  if (VPOSTCODE.test(upper)) return { kind: "digital", code: upper };
  const folded = fold(text);
  const sheetFirst = SHEET_FIRST.exec(folded);
  if (sheetFirst) return { kind: "sheet", sheet: sheetFirst[1]!, number: sheetFirst[2]!, text };
  const numberFirst = NUMBER_FIRST.exec(folded);
  if (numberFirst) return { kind: "sheet", sheet: numberFirst[2]!, number: numberFirst[1]!, text };
  return { kind: "text", text };
}
