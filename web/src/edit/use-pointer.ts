/** The pointer over the map as a point of the zone, snapped; corners that are dragged. */
import type { MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ParcelMap } from "../map";
import { distance } from "../plane";
import type { Pointed } from "./sketch";
import { snap, type Around } from "./snap";
import { fromDegrees, type Point } from "../vn2000";

const SNAP_PX = 12;
const GRAB_PX = 14;

export interface Pointer {
  pointed: Pointed | null;
  /** A place of the map (a click, Enter over the crosshair) as a point of the zone, snapped as the pointer is. */
  pointAt: (lonDeg: number, latDeg: number) => Pointed | null;
  metresPerPixel: number;
}

interface Wanted {
  map: ParcelMap | null;
  epsg: number | null;
  around: Around;
  drawn: readonly Point[]; // before the point that is pointed at
  snapping: boolean;
  follows: boolean; // the pointer draws
  /** The corner of what is in hand near a point, to be dragged; null: none. */
  grab: ((near: Point, withinM: number) => Point | null) | null;
  /** Where a corner is now, as it is moved. */
  placeOf: (corner: Point) => Point;
  dropped: (corner: Point, at: Point) => void;
}

/** Metres of the ground that a pixel of the map covers. */
export function metresPerPixel(map: ParcelMap | null): number {
  if (!map) return 0.1;
  return (40_075_016.7 * Math.cos((map.map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** map.map.getZoom());
}

export function usePointer(wanted: Wanted): Pointer & { dragged: Point | null } {
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [dragged, setDragged] = useState<Point | null>(null);
  const [scale, setScale] = useState(() => metresPerPixel(wanted.map));
  const now = useRef(wanted);
  now.current = wanted;
  const alt = useRef(false);
  const { map, epsg } = wanted;

  const pointAt = (lonDeg: number, latDeg: number, but: Point | null = null): Pointed | null => {
    const { epsg, around, drawn, snapping, map } = now.current;
    if (epsg === null) return null;
    const at = fromDegrees(epsg, [lonDeg, latDeg]);
    const found = snapping && !alt.current ? snap(at, { ...around, but }, SNAP_PX * metresPerPixel(map), drawn) : null;
    return { at: found?.at ?? at, snap: found };
  };

  useEffect(() => {
    if (!map || epsg === null) return;
    const { map: drawn } = map;
    let frame = 0;
    let held: Point | null = null;
    let latest: Pointed | null = null;
    const move = (event: MapMouseEvent | MapTouchEvent) => {
      if (!held && !now.current.follows) return;
      alt.current = event.originalEvent.altKey;
      latest = pointAt(event.lngLat.lng, event.lngLat.lat, held && now.current.placeOf(held));
      if (held) event.preventDefault();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setPointed(latest));
    };
    const down = (event: MapMouseEvent | MapTouchEvent) => {
      const { grab } = now.current;
      if (!grab) return;
      held = grab(fromDegrees(epsg, event.lngLat.toArray()), GRAB_PX * metresPerPixel(map));
      if (!held) return;
      event.preventDefault(); // the map stays where it is
      latest = null;
      setDragged(held);
    };
    const up = () => {
      if (held && latest && distance(held, latest.at) > 0) now.current.dropped(held, latest.at);
      held = null;
      setDragged(null);
      setPointed(null);
    };
    const leave = () => {
      if (!held) setPointed(null);
    };
    const zoomed = () => setScale(metresPerPixel(map));
    zoomed();
    drawn.on("mousemove", move);
    drawn.on("touchmove", move);
    drawn.on("mousedown", down);
    drawn.on("touchstart", down);
    drawn.on("mouseout", leave);
    drawn.on("zoomend", zoomed);
    addEventListener("mouseup", up);
    addEventListener("touchend", up);
    drawn.doubleClickZoom.disable();
    return () => {
      cancelAnimationFrame(frame);
      drawn.off("mousemove", move);
      drawn.off("touchmove", move);
      drawn.off("mousedown", down);
      drawn.off("touchstart", down);
      drawn.off("mouseout", leave);
      drawn.off("zoomend", zoomed);
      removeEventListener("mouseup", up);
      removeEventListener("touchend", up);
      drawn.doubleClickZoom.enable();
    };
  }, [map, epsg]);

  useEffect(() => {
    if (!wanted.follows && !dragged) setPointed(null);
  }, [wanted.follows, dragged]);
  return { pointed, pointAt, metresPerPixel: scale, dragged };
}
