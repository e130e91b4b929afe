/** VN-2000 and WGS84 in the page: the formulas and the official parameters of geo/helmert.py and geo/crs.py, held to
 * them by test. Degrees are for drawing and for what the pointer says; a corner of the register never goes through them. */

/** East, north in metres of a VN-2000 zone. Vietnamese papers call north X and east Y. */
export type Point = readonly [eastM: number, northM: number];
export type Place = [lonDeg: number, latDeg: number];

const MERIDIANS_DEG: Record<number, number> = {
  3405: 105, 3406: 111, 5896: 102, 5897: 105, 5898: 108, 5899: 107.75, 9205: 103, 9206: 104, 9207: 104.5, 9208: 104.75,
  9209: 105.5, 9210: 105.75, 9211: 106, 9212: 106.25, 9213: 106.5, 9214: 107, 9215: 107.25, 9216: 107.5, 9217: 108.25,
  9218: 108.5,
};
const SIX_DEGREES = new Set([3405, 3406]);

/** The zones cadastral maps are drawn in, from west to east. */
export const ZONES_3_DEG = Object.keys(MERIDIANS_DEG)
  .map(Number)
  .filter((epsg) => !SIX_DEGREES.has(epsg))
  .sort((a, b) => MERIDIANS_DEG[a]! - MERIDIANS_DEG[b]!);

/** Central meridian as it is written: 107°45′. */
export function meridian(epsg: number): string {
  const deg = MERIDIANS_DEG[epsg]!;
  const minutes = Math.round((deg % 1) * 60);
  return `${Math.floor(deg)}°${String(minutes).padStart(2, "0")}′`;
}

const A_M = 6378137;
const F = 1 / 298.257223563;
const FALSE_EASTING_M = 500_000;
const E2 = F * (2 - F);
const B_M = A_M * (1 - F);
const EP2 = E2 / (1 - E2);
const E = Math.sqrt(E2);
const N = F / (2 - F);
const RECTIFYING_RADIUS_M = (A_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);

/** Row j holds the factors of n^j, n^(j+1), …: the coefficients of a Krüger series. */
const powers = (rows: number[][]) => rows.map((row, j) => row.reduce((sum, c, i) => sum + c * N ** (j + 1 + i), 0));

// Plane to sphere (β), sphere to plane (α), conformal to geodetic latitude (δ): Krüger 1912, Karney 2011.
const BETA = powers([
  [1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800],
  [1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720],
  [17 / 480, -37 / 840, -209 / 4480, 5569 / 90720],
  [4397 / 161280, -11 / 504, -830251 / 7257600],
  [4583 / 161280, -108847 / 3991680],
  [20648693 / 638668800],
]);
const ALPHA = powers([
  [1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800],
  [13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360],
  [61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440],
  [49561 / 161280, -179 / 168, 6601661 / 7257600],
  [34729 / 80640, -3418889 / 1995840],
  [212378941 / 319334400],
]);
const DELTA = powers([
  [2, -2 / 3, -2, 116 / 45, 26 / 45, -2854 / 675],
  [7 / 3, -8 / 5, -227 / 45, 2704 / 315, 2323 / 945],
  [56 / 15, -136 / 35, -1262 / 105, 73814 / 2835],
  [4279 / 630, -332 / 35, -399572 / 14175],
  [4174 / 315, -144838 / 6237],
  [601676 / 22275],
]);

// Decision 05/2007/QĐ-BTNMT, article 1 (EPSG:6960), as it prints them: coordinate-frame rotations.
const [TX, TY, TZ] = [-191.90441429, -39.30318279, -111.45032835];
const [RX, RY, RZ] = [-0.00928836, 0.01975479, -0.00427372].map((arcsec) => radians(arcsec / 3600)) as [number, number, number];
const S = 1 + 0.252906278e-6;

function radians(deg: number): number {
  return (deg * Math.PI) / 180;
}

const degrees = (rad: number) => (rad * 180) / Math.PI;

/** Sums of c[j]·sin 2jξ cosh 2jη and c[j]·cos 2jξ sinh 2jη. */
function series(c: number[], xi: number, eta: number): [number, number] {
  let [a, b] = [0, 0];
  c.forEach((factor, k) => {
    const j = 2 * (k + 1);
    a += factor * Math.sin(j * xi) * Math.cosh(j * eta);
    b += factor * Math.cos(j * xi) * Math.sinh(j * eta);
  });
  return [a, b];
}

/** Bowring's formula: near the ellipsoid its error is far below a micrometre. */
function tanLatitude(x: number, y: number, z: number): number {
  const p = Math.hypot(x, y);
  const t = (z * A_M) / (p * B_M);
  const c2 = 1 / (1 + t * t);
  const c = Math.sqrt(c2);
  const s = t * c;
  return (z + EP2 * B_M * s ** 3) / (p - E2 * A_M * c2 * c);
}

function zone(epsg: number): { lon0: number; radiusM: number } {
  const meridian = MERIDIANS_DEG[epsg];
  if (meridian === undefined) throw new RangeError(`EPSG:${epsg} is not a VN-2000 zone`);
  return { lon0: radians(meridian), radiusM: RECTIFYING_RADIUS_M * (SIX_DEGREES.has(epsg) ? 0.9996 : 0.9999) };
}

/** Longitude and latitude, WGS84 degrees, of a point of a zone: for drawing. */
export function toDegrees(epsg: number, [east, north]: Point): Place {
  const { lon0, radiusM } = zone(epsg);
  let [xi, eta] = [north / radiusM, (east - FALSE_EASTING_M) / radiusM];
  const [dx, dy] = series(BETA, xi, eta);
  [xi, eta] = [xi - dx, eta - dy];
  const lam = Math.atan2(Math.sinh(eta), Math.cos(xi)) + lon0;
  const chi = Math.asin(Math.sin(xi) / Math.cosh(eta));
  const phi = chi + series(DELTA, chi, 0)[0];
  const v = A_M / Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const x = v * Math.cos(phi) * Math.cos(lam);
  const y = v * Math.cos(phi) * Math.sin(lam);
  const z = v * (1 - E2) * Math.sin(phi);
  const [X, Y, Z] = [TX + S * (x + RZ * y - RY * z), TY + S * (-RZ * x + y + RX * z), TZ + S * (RY * x - RX * y + z)];
  return [degrees(Math.atan2(Y, X)), degrees(Math.atan(tanLatitude(X, Y, Z)))];
}

/** The point of a zone, on the millimetre, of WGS84 degrees: what the pointer or a pin says, once. */
export const fromDegrees = (epsg: number, place: Place): Point => onMm(planeOf(epsg, place));

/** The same, not rounded: for what is measured. */
export function planeOf(epsg: number, [lonDeg, latDeg]: Place): Point {
  const { lon0, radiusM } = zone(epsg);
  const [lon, lat] = [radians(lonDeg), radians(latDeg)];
  const v = A_M / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
  const X = v * Math.cos(lat) * Math.cos(lon) - TX;
  const Y = v * Math.cos(lat) * Math.sin(lon) - TY;
  const Z = v * (1 - E2) * Math.sin(lat) - TZ;
  const [x, y, z] = [(X - RZ * Y + RY * Z) / S, (RZ * X + Y - RX * Z) / S, (-RY * X + RX * Y + Z) / S];
  const t = tanLatitude(x, y, z);
  const s = t / Math.sqrt(1 + t * t);
  const g = Math.sinh(E * Math.atanh(E * s)); // of the isometric latitude: the conformal one in closed form
  const tc = t * Math.sqrt(1 + g * g) - g * Math.sqrt(1 + t * t);
  const dl = Math.atan2(y, x) - lon0;
  const xi = Math.atan2(tc, Math.cos(dl));
  const eta = Math.asinh(Math.sin(dl) / Math.hypot(tc, Math.cos(dl)));
  const [dx, dy] = series(ALPHA, xi, eta);
  return [FALSE_EASTING_M + radiusM * (eta + dy), radiusM * (xi + dx)];
}

/** A point on the millimetre, as the register writes it. */
export function onMm([east, north]: Point): Point {
  return [Math.round(east * 1000) / 1000, Math.round(north * 1000) / 1000];
}

/** The zone of 3° whose central meridian is nearest, where the server has not told in which its sheets are. */
export function nearestZone(lonDeg: number): number {
  const off = (epsg: number) => Math.abs(MERIDIANS_DEG[epsg]! - lonDeg);
  return ZONES_3_DEG.reduce((best, epsg) => (off(epsg) < off(best) ? epsg : best));
}
