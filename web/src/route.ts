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

/** Puts the selected parcel into the address: a new entry of the browser's history for each parcel. */
export function showCode(code: string | null): void {
  if (codeInAddress() === code) return;
  const query = new URLSearchParams(location.search);
  if (code) query.set("code", code);
  else query.delete("code");
  const text = query.toString();
  history.pushState(null, "", `${location.pathname}${text ? `?${text}` : ""}${location.hash}`);
}

/** A link that opens this parcel with this view. */
export const shareLink = (code: string) => `${location.origin}${location.pathname}?code=${code}${location.hash}`;
