"""What instruments and spreadsheets write, made into plots where the points say how. Each reader is `read(source, how)`.

| `recognises` says | module | what | order of axes |
|---|---|---|---|
| gsi | `gsi` | Leica GSI-8, GSI-16 | 81 east, 82 north |
| sdr33 | `sdr33` | Sokkia SDR33, SDR2x | header, column 45 |
| gts | `gts` | Topcon GTS-7, GTS-210 | x north, y east |
| nikon | `nikon` | Nikon RAW V2.00 | "Coord Order" |
| rw5 | `rw5` | Carlson, TDS, Leica RW5 | N, E |
| points, xlsx | `table` | lists of corners in CSV, TXT, XLSX | header, else size, else X north, Y east |

What makes plots of points: a parcel column, title lines, lists of corners by name, blank lines, or codes (`coded`).
"""

from importers.points.known import Kind, recognises

__all__ = ["Kind", "recognises"]
