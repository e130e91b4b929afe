/** Which tiles corrections change, told by the server while the page is open, and which tiles of a map those are. */
import type { Bounds } from "./bounds";

const AGAIN_MS = 3000;
const CELL_ZOOM = 14;
const BUFFER = 1 / 64; // of a tile

/** Tiles of zoom 14 as "x/y", or for many the regions in which they lie, in degrees. */
export interface Changed {
  seq: number;
  tiles?: string[];
  regions?: Bounds[];
}

/**
 * Hears of changes until closed. `ready` is settled when the server has begun to tell (or cannot just now): tiles asked for
 * after it are told of when they change. `missed` is called when some changes may not have been told, and when units did:
 * communes may look different everywhere.
 */
export function follow(heard: (changed: Changed) => void, missed: () => void): { ready: Promise<void>; close: () => void } {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let begun = () => {};
  let units: number | null = null;
  const ready = new Promise<void>((resolve) => (begun = resolve));

  const open = (again: boolean) => {
    source = new EventSource("/tiles/events");
    source.addEventListener("here", (event) => {
      begun();
      const told = (JSON.parse((event as MessageEvent<string>).data) as { units: number }).units;
      if (again || (units !== null && told !== units)) missed();
      again = false;
      units = told;
    });
    source.addEventListener("units", (event) => {
      units = (JSON.parse((event as MessageEvent<string>).data) as { units: number }).units;
      missed();
    });
    source.addEventListener("tiles", (event) => heard(JSON.parse((event as MessageEvent<string>).data) as Changed));
    source.addEventListener("error", () => {
      begun();
      // a line that dropped is taken up by the browser where it was; one that was refused is begun anew
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => open(true), AGAIN_MS);
    });
  };
  open(false);
  return {
    ready,
    close: () => {
      clearTimeout(timer);
      source?.close();
    },
  };
}

/** Whether a tile of the web map shows, its buffer included, what was changed. */
export function shows(changed: Changed): (z: number, x: number, y: number) => boolean {
  const boxes = changed.regions?.map(onMap);
  if (boxes) {
    return (z, x, y) => {
      const size = 2 ** -z;
      const [west, north, east, south] = [(x - BUFFER) * size, (y - BUFFER) * size, (x + 1 + BUFFER) * size, (y + 1 + BUFFER) * size];
      return boxes.some((box) => box[0] < east && box[2] > west && box[1] < south && box[3] > north);
    };
  }
  const cells = (changed.tiles ?? []).map((text) => text.split("/").map(Number) as [number, number]);
  const known = new Set(changed.tiles);
  return (z, x, y) => {
    if (z >= CELL_ZOOM) return known.has(`${x >> (z - CELL_ZOOM)}/${y >> (z - CELL_ZOOM)}`);
    const wide = 2 ** (CELL_ZOOM - z);
    const margin = Math.ceil(wide * BUFFER);
    return cells.some(
      ([column, row]) =>
        column >= x * wide - margin && column < (x + 1) * wide + margin && row >= y * wide - margin && row < (y + 1) * wide + margin,
    );
  };
}

/** West, north, east, south of a box in degrees, on a map one wide. */
function onMap([west, south, east, north]: Bounds): [number, number, number, number] {
  const down = (lat: number) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;
  return [west / 360 + 0.5, down(north), east / 360 + 0.5, down(south)];
}
