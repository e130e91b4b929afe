/** What is typed instead of drawn: `X; Y`, `length < bearing`, `+dX; +dY`, an area; decimal commas as in Vietnam. */
import { onMm, type Point } from "../vn2000";
import { polar } from "../plane";

export type Refused = { refused: "typed.form" | "typed.zone" | "typed.noStart" | "typed.length" };

const NUMBER = String.raw`[-+]?\d+(?:[.,]\d+)*`;
const PAIR = new RegExp(String.raw`^\s*(?:X\s*=?\s*)?(${NUMBER})\s*(?:;|\s|,\s)\s*(?:Y\s*=?\s*)?(${NUMBER})\s*$`, "i");
const POLAR = new RegExp(String.raw`^\s*(${NUMBER})\s*(?:m\s*)?(?:<|@|∠)\s*(${NUMBER})\s*°?\s*(?:(\d+(?:[.,]\d+)?)\s*['′’]\s*)?(?:(\d+(?:[.,]\d+)?)\s*(?:"|″|”|'')\s*)?$`);

/** A number with a decimal point or comma; with both, or with several, the others part thousands. */
export function number(text: string): number {
  const trimmed = text.trim().replace(/[\s\u00a0]/g, "");
  const signs = trimmed.replace(/[^.,]/g, "");
  const bare = (decimal: number) => trimmed.slice(0, decimal).replace(/[.,]/g, "") + "." + trimmed.slice(decimal + 1);
  if (!/^[-+]?\d+([.,]\d+)*$/.test(trimmed)) return NaN;
  if (signs.length <= 1) return Number(trimmed.replace(",", "."));
  const last = Math.max(trimmed.lastIndexOf("."), trimmed.lastIndexOf(","));
  const many = signs.split(trimmed[last]!).length > 2;
  return Number(many ? trimmed.replace(/[.,]/g, "") : bare(last));
}

/** The point that is typed: north and east of the zone in either order (north is always the larger in Vietnam), a step
 * `+dX; +dY` (north, east), or a length and a bearing, from `last`. */
export function pointTyped(text: string, last: Point | null): Point | Refused {
  const polarly = POLAR.exec(text);
  if (polarly) {
    if (!last) return { refused: "typed.noStart" };
    const length = number(polarly[1]!);
    const turn = number(polarly[2]!) + number(polarly[3] ?? "0") / 60 + number(polarly[4] ?? "0") / 3600;
    if (!(length > 0 && length < 100_000)) return { refused: "typed.length" };
    return polar(last, length, turn);
  }
  const pair = PAIR.exec(text);
  if (!pair) return { refused: "typed.form" };
  const [a, b] = [number(pair[1]!), number(pair[2]!)];
  if (/^[-+]/.test(pair[1]!) || /^[-+]/.test(pair[2]!)) {
    if (!last) return { refused: "typed.noStart" };
    return onMm([last[0] + b, last[1] + a]);
  }
  const [east, north] = a < b ? [a, b] : [b, a];
  if (!(east >= 100_000 && east <= 900_000 && north >= 700_000 && north <= 2_700_000)) return { refused: "typed.zone" };
  return onMm([east, north]);
}

/** Several points, one a line, with a name or number in front or without: what is pasted from a list. */
export function pointsTyped(text: string): Point[] {
  return text
    .split(/\n/)
    .map((line) => {
      const numbers = line.match(/\d+(?:[.,]\d+)*/g) ?? [];
      const large = numbers.map(number).filter((n) => n >= 100_000);
      return large.length === 2 ? pointTyped(`${large[0]!.toFixed(3)}; ${large[1]!.toFixed(3)}`, null) : null;
    })
    .filter((point): point is Point => Array.isArray(point));
}
