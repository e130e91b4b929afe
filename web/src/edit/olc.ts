/** The Open Location Code of a place, 11 digits, as the register gives it to parcels (geo/olc.py): for a dropped pin. */
import type { Place } from "../vn2000";

const DIGITS = "23456789CFGHJMPQRVWX";

export function locationCode([lonDeg, latDeg]: Place): string {
  // whole steps of the last digit: 1/40000 degree north, 1/32000 east
  let north = Math.floor((Math.min(Math.max(latDeg, -90), 89.999999) + 90) * 40_000 + 1e-6);
  let east = Math.floor((((((lonDeg + 180) % 360) + 360) % 360)) * 32_000 + 1e-6);
  let code = DIGITS[(north % 5) * 4 + (east % 4)]!;
  north = Math.floor(north / 5);
  east = Math.floor(east / 4);
  for (let k = 0; k < 5; k++) {
    code = DIGITS[north % 20]! + DIGITS[east % 20]! + code;
    north = Math.floor(north / 20);
    east = Math.floor(east / 20);
  }
  return `${code.slice(0, 8)}+${code.slice(8)}`;
}
