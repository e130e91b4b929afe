/** What the page's address says: /?code=w7er8sp5fqef#18/16.05/108.2. The part after # is the view, kept by the map. */

/** The parcel code in the address, also in the short form #/parcel/<code>, which is turned into the usual one. */
export function codeInAddress(): string | null {
  const short = /^#\/parcel\/([0-9a-z]+)$/i.exec(location.hash);
  if (short) {
    const code = short[1]!.toLowerCase();
    history.replaceState(null, "", `${location.pathname}?code=${code}`);
    return code;
  }
  const code = new URLSearchParams(location.search).get("code")?.trim().toLowerCase();
  return code || null;
}


/** True when the address names a view, so that opening it must not move the map. */
export const viewInAddress = () => /^#\d+(\.\d+)?\/-?\d/.test(location.hash);

/** What a link tells beside place and parcel: the moment the map shows (a day, or an instant), its look, the scans over it. */
export interface Shown {
  asOf: string | null;
  look: string | null;
  scans: readonly string[];
  /** How dense scans are drawn, of a hundred. */
  density: number | null;
}

const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d))?$/;

/** What the address tells beside place and parcel; what it tells badly it does not tell. */
export function shownInAddress(): Shown {
  const query = new URLSearchParams(location.search);
  const asOf = query.get("at") ?? "";
  const density = Number(query.get("density") ?? NaN);
  return {
    asOf: MOMENT.test(asOf) && !Number.isNaN(Date.parse(asOf)) ? asOf : null,
    look: query.get("look"),
    scans: (query.get("scans") ?? "").split(",").filter(Boolean),
    density: density >= 0 && density <= 100 ? density : null,
  };
}

/** The same query, some of it told anew; null: no longer told. */
function queryWith(told: Record<string, string | null>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(told)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return query.size > 0 ? `?${query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}` : "";
}

/** Puts the selected parcel into the address: a new entry of the browser's history for each parcel. */
export function showCode(code: string | null): void {
  if (codeInAddress() === code) return;
  history.pushState(null, "", `${location.pathname}${queryWith({ code })}${location.hash}`);
}

const told = ({ asOf, scans, density }: Omit<Shown, "look">) => ({
  at: asOf,
  scans: scans.join(","),
  density: scans.length > 0 && density !== null ? String(density) : null,
});

/** Keeps in the address what is shown, so that loading the page again shows it again. */
export function showShown(shown: Omit<Shown, "look">): void {
  history.replaceState(history.state, "", `${location.pathname}${queryWith(told(shown))}${location.hash}`);
}

/** A link that opens what is seen now: place, parcel, moment, look, scans. */
export const shareLink = (code: string | null, shown: Shown) =>
  `${location.origin}${location.pathname}${queryWith({ code, ...told(shown), look: shown.look, desk: null })}${location.hash}`;
