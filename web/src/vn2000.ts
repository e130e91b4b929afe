/**
 * VN-2000 in the browser, for what is seen and measured on the map: the formulas of the server's `geo/helmert.py`. What is
 * stored never goes through here. East and north in metres, longitude and latitude in degrees, in this order.
 */

/** A zone: central meridian, and the scale on it. */
export interface Zone {
  epsg: number;
  central_meridian_deg: number;
  scale: number;
}

export type Plane = [eastM: number, northM: number];
export type Place = [lonDeg: number, latDeg: number];

const A = 6378137;
const F = 1 / 298.257223563;
const FALSE_EASTING = 500_000;
const E2 = F * (2 - F);
const B = A * (1 - F);
const EP2 = E2 / (1 - E2);
const E = Math.sqrt(E2);
const N = F / (2 - F);
const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
const RAD = Math.PI / 180;

// Decision 05/2007/QĐ-BTNMT, article 1: shift in metres, rotations (coordinate frame) in seconds, scale.
const [TX, TY, TZ] = [-191.90441429, -39.30318279, -111.45032835];
const [RX, RY, RZ] = [-0.00928836, 0.01975479, -0.00427372].map((second) => (second / 3600) * RAD) as [number, number, number];
const S = 1 + 0.252906278e-6;

const powers = (rows: number[][]) => rows.map((row, j) => row.reduce((sum, factor, i) => sum + factor * N ** (j + 1 + i), 0));
const BETA = powers([[1 / 2, -2 / 3, 37 / 96, -1 / 360], [1 / 48, 1 / 15, -437 / 1440], [17 / 480, -37 / 840], [4397 / 161280]]);
const ALPHA = powers([[1 / 2, -2 / 3, 5 / 16, 41 / 180], [13 / 48, -3 / 5, 557 / 1440], [61 / 240, -103 / 140], [49561 / 161280]]);
const DELTA = powers([[2, -2 / 3, -2, 116 / 45], [7 / 3, -8 / 5, -227 / 45], [56 / 15, -136 / 35], [4279 / 630]]);

const series = (factors: number[], xi: number, eta: number): Plane =>
  factors.reduce<Plane>(
    ([along, across], factor, j) => {
      const k = 2 * (j + 1);
      return [along + factor * Math.sin(k * xi) * Math.cosh(k * eta), across + factor * Math.cos(k * xi) * Math.sinh(k * eta)];
    },
    [0, 0],
  );

/** Tangent of the latitude of a point in space near the ellipsoid (Bowring). */
function tanLatitude(x: number, y: number, z: number): number {
  const p = Math.hypot(x, y);
  const t = (z * A) / (p * B);
  const c2 = 1 / (1 + t * t);
  const c = Math.sqrt(c2);
  return (z + EP2 * B * (t * c) ** 3) / (p - E2 * A * c2 * c);
}

function inSpace(lon: number, lat: number): [number, number, number] {
  const v = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
  return [v * Math.cos(lat) * Math.cos(lon), v * Math.cos(lat) * Math.sin(lon), v * (1 - E2) * Math.sin(lat)];
}

export function toPlane(zone: Zone, [lonDeg, latDeg]: Place): Plane {
  const [wx, wy, wz] = inSpace(lonDeg * RAD, latDeg * RAD);
  const [x, y, z] = [wx - TX, wy - TY, wz - TZ];
  const [u, v, w] = [(x - RZ * y + RY * z) / S, (RZ * x + y - RX * z) / S, (-RY * x + RX * y + z) / S];
  const t = tanLatitude(u, v, w);
  const s = t / Math.sqrt(1 + t * t);
  const sigma = Math.sinh(E * Math.atanh(E * s));
  const conformal = t * Math.sqrt(1 + sigma * sigma) - sigma * Math.sqrt(1 + t * t);
  const along = Math.atan2(v, u) - zone.central_meridian_deg * RAD;
  const xi = Math.atan2(conformal, Math.cos(along));
  const eta = Math.asinh(Math.sin(along) / Math.hypot(conformal, Math.cos(along)));
  const [dx, dy] = series(ALPHA, xi, eta);
  return [FALSE_EASTING + RADIUS * zone.scale * (eta + dy), RADIUS * zone.scale * (xi + dx)];
}

export function toPlace(zone: Zone, [eastM, northM]: Plane): Place {
  const xi0 = northM / (RADIUS * zone.scale);
  const eta0 = (eastM - FALSE_EASTING) / (RADIUS * zone.scale);
  const [dx, dy] = series(BETA, xi0, eta0);
  const [xi, eta] = [xi0 - dx, eta0 - dy];
  const chi = Math.asin(Math.sin(xi) / Math.cosh(eta));
  const lat = chi + series(DELTA, chi, 0)[0];
  const lon = zone.central_meridian_deg * RAD + Math.atan2(Math.sinh(eta), Math.cos(xi));
  const [x, y, z] = inSpace(lon, lat);
  const [u, v, w] = [TX + S * (x + RZ * y - RY * z), TY + S * (-RZ * x + y + RX * z), TZ + S * (RY * x - RX * y + z)];
  return [Math.atan2(v, u) / RAD, Math.atan(tanLatitude(u, v, w)) / RAD];
}

/** Metres along points of the plane. */
export const lengthM = (points: Plane[]) =>
  points.slice(1).reduce((sum, [x, y], k) => sum + Math.hypot(x - points[k]![0], y - points[k]![1]), 0);

/** Square metres inside the ring of points, which closes itself. */
export function areaM2(points: Plane[]): number {
  const [x0, y0] = points[0] ?? [0, 0]; // near zero: coordinates of millions of metres leave few digits for their products
  const twice = points.reduce((sum, [x, y], k) => {
    const [nextX, nextY] = points[(k + 1) % points.length]!;
    return sum + (x - x0) * (nextY - y0) - (nextX - x0) * (y - y0);
  }, 0);
  return Math.abs(twice) / 2;
}

/** The 3° zone whose central meridian is nearest, until the server tells which its sheets are in. */
const MERIDIANS_DEG: Record<number, number> = {
  5896: 102, 5897: 105, 5898: 108, 5899: 107.75, 9205: 103, 9206: 104, 9207: 104.5, 9208: 104.75, 9209: 105.5,
  9210: 105.75, 9211: 106, 9212: 106.25, 9213: 106.5, 9214: 107, 9215: 107.25, 9216: 107.5, 9217: 108.25, 9218: 108.5,
};

export function nearestZone(lonDeg: number): Zone {
  const [epsg, meridian] = Object.entries(MERIDIANS_DEG).reduce((best, one) =>
    Math.abs(one[1] - lonDeg) < Math.abs(best[1] - lonDeg) ? one : best,
  );
  return { epsg: Number(epsg), central_meridian_deg: meridian, scale: 0.9999 };
}
