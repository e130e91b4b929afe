/** The desk in the page's address, and what it has open: /?desk=approve&correction=<key>#18/16.05/108.2. */
import { DESKS, type DeskName } from "./desk";

export function deskInAddress(): DeskName | null {
  const name = new URLSearchParams(location.search).get("desk");
  return name && name in DESKS ? (name as DeskName) : null;
}

export const inAddress = (name: string) => new URLSearchParams(location.search).get(name);

/** Puts parameters into the address, null takes one out; `record` makes a new entry of the browser's history. */
export function putInAddress(parameters: Record<string, string | null>, record = false): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  const address = `${location.pathname}${text ? `?${text}` : ""}${location.hash}`;
  if (record) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
