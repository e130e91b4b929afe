/** Where this device is: a dot and a ring of how sure that is, following while it is asked for. */
import type { Feature, Polygon } from "geojson";
import type { ParcelMap } from "./map";
import { NOTHING, overlay } from "./overlay";
import type { TextKey } from "./texts";

const BLUE = "#1d5f9e";
const CLOSE_ZOOM = 18;
const TIMEOUT_MS = 20_000;

/** A ring of so many metres round a place. */
function ring(lonDeg: number, latDeg: number, radiusM: number): Feature<Polygon> {
  const perDeg = 111_320;
  const corners = Array.from({ length: 49 }, (_, k) => {
    const turn = (k * Math.PI) / 24;
    return [lonDeg + (radiusM * Math.cos(turn)) / (perDeg * Math.cos((latDeg * Math.PI) / 180)), latDeg + (radiusM * Math.sin(turn)) / perDeg];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [corners] } };
}

/** Follows the device on the map until ended; `told` hears how sure the first place is, or why there is none (which ends it). */
export function followDevice(shown: ParcelMap, told: (key: TextKey, values?: Record<string, number>) => void, failed: () => void): () => void {
  const fail = (key: TextKey) => {
    told(key);
    failed();
  };
  if (!("geolocation" in navigator) || !isSecureContext) {
    fail(isSecureContext ? "locate.none" : "locate.insecure");
    return () => {};
  }
  const { map } = shown;
  const drawn = overlay(map, "device", [
    { type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": BLUE, "fill-opacity": 0.14 } },
    {
      type: "circle",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-color": BLUE, "circle-radius": 7, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2.5 },
    },
  ]);
  let first = true;
  const watch = navigator.geolocation.watchPosition(
    ({ coords: { longitude, latitude, accuracy } }) => {
      drawn.show({
        ...NOTHING,
        features: [ring(longitude, latitude, accuracy), { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [longitude, latitude] } }],
      });
      if (!first) return;
      first = false;
      map.flyTo({ center: [longitude, latitude], zoom: Math.max(map.getZoom(), accuracy > 200 ? 15 : CLOSE_ZOOM) });
      told("locate.found", { m: Math.max(1, Math.round(accuracy)) });
    },
    ({ code }) => {
      if (!first && code !== GeolocationPositionError.PERMISSION_DENIED) return; // the last place stays
      fail(code === GeolocationPositionError.PERMISSION_DENIED ? "locate.refused" : code === GeolocationPositionError.TIMEOUT ? "locate.late" : "locate.none");
    },
    { enableHighAccuracy: true, timeout: TIMEOUT_MS, maximumAge: 5000 },
  );
  return () => {
    navigator.geolocation.clearWatch(watch);
    drawn.end();
  };
}
