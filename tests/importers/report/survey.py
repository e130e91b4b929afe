"""A survey made by hand: one block of the sample place as plots, the rest as registered neighbours, faults planted."""

from dataclasses import replace
from functools import cache

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, box
from shapely.affinity import translate

from geo.crs import to_wgs84
from geo.finding import Finding
from importers.check.checked import Checked, Proposal
from importers.check.context import Parcels
from importers.check.rules import found
from importers.plots import Drawn, Plot
from importers.report.about import About, File, state_of, zone_of
from importers.sample.place import COMMUNE, COMMUNE_NAME, EPSG, Place, draw_place

HOSTILE = (
    "<script>alert(1)</script>",
    '#eval("1") *đậm* $x$ @ref <label> `raw` // \\ [',
    "]]> &amp; <![CDATA[ \"'",
    "a\x00b\x07c\x1b[31m\ud800\ufffe",
    "\u202eđảo\u202c \u200f\u2066x\u2069",
    "x" * 3000,
    "</svg></style></script><img src=x onerror=alert(1)>",
    "url(https://example.com/a.png) javascript:alert(1)",
)


@cache
def place() -> Place:
    return draw_place(1)


def about(
    checked: Checked, names: tuple[str, ...] = ("to6-khu-pho-3.dxf",), accepted: tuple[str, ...] = ()
) -> About:
    files = tuple(File(name, f"{i:064x}", 81_234 + i) for i, name in enumerate(names, 171))
    return About(
        "S-2026-000123",
        files,
        COMMUNE,
        COMMUNE_NAME,
        "2026-11-24T14:05:00+07:00",
        zone_of(checked),
        accepted,
        state_of(checked),
    )


def drawn(checked: Checked) -> list[Drawn]:
    return [
        Drawn(name, "dxf", encoding="tcvn3", counts={"lớp 10 LINE": 883, "lớp 13 TEXT": 51})
        for name in dict.fromkeys(checked.files)
    ]


def placed(finding: Finding, shape: shapely.Geometry | None, epsg: int | None = EPSG) -> Finding:
    """The finding at a shape of the zone."""
    if shape is None:
        return finding
    at = shape if isinstance(shape, Point) else shapely.point_on_surface(shape)
    lon = lat = None
    if epsg:
        lon_deg, lat_deg = to_wgs84(epsg, at.x, at.y)
        lon, lat = float(lon_deg[0]), float(lat_deg[0])
    return replace(finding, x=at.x, y=at.y, extent=shape.wkt, lon_deg=lon, lat_deg=lat)


def clean(count: int = 50) -> Checked:
    """A block of `count` parcels of sheet 6, all well."""
    parcels = [p for p in place().parcels if p.sheet == "6"]
    middles = np.array([p.shape.centroid.coords[0] for p in parcels])
    order = np.argsort(np.abs(middles - np.median(middles, axis=0)).max(axis=1))
    mine = sorted(order[:count].tolist())
    plots = [
        Plot(
            record=f"{0x2F3A + i:X}",
            shape=parcels[i].shape,
            sheet="6",
            number=parcels[i].number,
            land_use=parcels[i].land_use,
            legal_area_m2=parcels[i].legal_area_m2,
        )
        for i in mine
    ]
    chosen = {parcels[i].number for i in mine}
    rest = [p for p in place().parcels if not (p.sheet == "6" and p.number in chosen)]
    near = Parcels(
        [f"w7ey{i:08d}" for i in range(len(rest))],
        [p.sheet for p in rest],
        [p.number for p in rest],
        [p.land_use for p in rest],
        np.array([p.shape.area for p in rest]),
        np.array([p.legal_area_m2 for p in rest]),
        np.array([p.scale for p in rest], dtype=np.int32),
        np.array([p.shape for p in rest], dtype=object),
    )
    shapes = np.array([p.shape for p in plots], dtype=object)
    outline = shapely.convex_hull(shapely.union_all(place().shapes)).buffer(-60)
    return Checked(plots, ["to6-khu-pho-3.dxf"] * len(plots), shapes, EPSG, [], near=near, outline=outline,
                   match={3: "w7ey4k2m9p1q"})  # fmt: skip


def faulty(count: int = 50) -> Checked:
    """The same with ten kinds of findings planted, twenty in all."""
    checked = clean(count)
    plots, shapes = checked.plots, checked.shapes
    lots = [i for i in range(len(plots)) if 60 < shapes[i].area < 400]

    def strip(i: int, wide_m: float) -> Polygon:
        ring = shapely.get_coordinates(shapes[i].oriented_envelope)
        a, b, c = ring[0], ring[1], ring[2]
        if np.hypot(*(b - a)) < np.hypot(*(c - b)):
            a, b, c = b, c, ring[3]
        inward = (c - b) / np.hypot(*(c - b)) * wide_m
        return Polygon([a, b, b + inward * 0.2, a + inward])

    def says(rule: str, i: int, shape: shapely.Geometry | None, vi: str, en: str, **more: object) -> Finding:
        return placed(found(rule, vi, en, plots[i].record, **more), shape)  # type: ignore[arg-type]

    a, b, c, d, e, f, g, h = (lots[k * len(lots) // 8] for k in range(8))
    corner = Point(shapes[c].exterior.coords[1])
    out = [
        says("overlap", a, strip(a, 0.42), f"Thửa {plots[a].number} chồng lên thửa {plots[b].number}: 3,1 m², rộng đến 0,42 m.",
             f"Plot {plots[a].number} overlaps plot {plots[b].number}: 3.1 m², up to 0.42 m wide.", size=3.1, width_m=0.42,
             other=plots[b].record),
        says("overlap_register", b, strip(b, 1.35), "Chồng lên thửa 118 tờ 6 đã có trong sổ: 12,6 m².",
             "Overlaps registered parcel 118 of sheet 6: 12.6 m².", size=12.6, width_m=1.35, other="w7ey4k2m9p1q"),
        says("invalid_shape", c, corner, "Ranh tự cắt tại đỉnh thứ 2.", "The boundary crosses itself at corner 2."),
        says("zero_area", c, translate(corner, 0.6, 0.4), "Thửa không có diện tích.", "A plot without area.", size=0.0),
        says("no_number", d, None, "Bản ghi không có số thửa.", "The record has no parcel number."),
        says("duplicate_number", e, shapely.point_on_surface(shapes[e]), "Số thửa 61 dùng hai lần trên tờ 6.",
             "Number 61 is used twice on sheet 6.", other=plots[f].record),
        says("gap", f, strip(f, 0.037), "Khe hở dài 14,2 m, rộng đến 37 mm giữa hai thửa.",
             "A gap 14.2 m long and up to 37 mm wide between two plots.", size=0.31, width_m=0.037, other=plots[e].record),
        says("dangle", g, LineString([shapes[g].exterior.coords[0], shapely.point_on_surface(shapes[g]).coords[0]]),
             "Đường ranh dài 6,1 m không nối vào đâu.", "A boundary line of 6.1 m ends in nothing."),
        says("moved_corner", h, Point(shapes[h].exterior.coords[0]), "Đỉnh chung lệch 0,21 m so với sổ (cho phép 0,07 m).",
             "A shared corner is 0.21 m from the register's (allowed: 0.07 m).", width_m=0.21),
        says("legal_area", h, shapes[h], "Diện tích đo 128,4 m², giấy tờ 121,0 m²; hạn sai 2,9 m².",
             "Measured 128.4 m², on paper 121.0 m²; tolerance 2.9 m².", size=7.4),
    ]  # fmt: skip
    for k in range(8):
        i = lots[(k * 5 + 2) % len(lots)]
        spot = Point(shapes[i].exterior.coords[k % 3])
        out.append(
            says(
                "repeated_vertex",
                i,
                spot,
                "Hai đỉnh cách nhau 3 mm.",
                "Two corners are 3 mm apart.",
                width_m=0.003,
            )
        )
    out.append(
        found(
            "legacy_text", "Chữ trong tệp theo TCVN3, đã chuyển.", "Texts were in TCVN3 and were converted."
        )
    )
    out.append(
        found(
            "unused_layer",
            "Lớp “KHUNG” (12 đối tượng) không dùng đến.",
            "Layer “KHUNG” (12 entities) was not used.",
        )
    )
    rank = {"stops": 0, "explain": 1, "note": 2}
    checked.findings = sorted(out, key=lambda one: rank[one.severity])
    checked.proposals = [
        Proposal("shift:-0.412,0.655", "Dời cả tệp −0,412 m (đông), +0,655 m (bắc): 38 đỉnh khớp thửa kề.",
                 "Shift the whole file by −0.412 m east, +0.655 m north: 38 corners then fit the neighbours.",
                 0.774, 0.94, 1.0, 38, 0.011)
    ]  # fmt: skip
    checked.left = [
        (
            "number_taken",
            "Không có số thửa lớn nhất của tờ.",
            "The largest number of the sheet is not known.",
        ),
        ("homestead", "Không rõ là xã hay phường.", "Whether it is a commune or a ward is not known."),
    ]
    return checked


def hostile() -> Checked:
    """Texts that would be markup, script or commands anywhere else."""
    checked = faulty(12)
    for k, plot in enumerate(checked.plots):
        bad = HOSTILE[k % len(HOSTILE)]
        plot.number = plot.land_use = plot.sheet = plot.code = bad
        plot.record = f"{k} {bad}"
    checked.findings = [
        replace(f, text_vi=bad, text_en=bad, record=bad, other=bad, repair_vi=bad, repair_en=bad)
        for k, f in enumerate(checked.findings)
        for bad in [HOSTILE[k % len(HOSTILE)]]
    ]
    checked.files = [HOSTILE[0]] * len(checked.plots)
    checked.proposals = [Proposal(bad, bad, bad) for bad in HOSTILE]
    checked.left = [(bad, bad, bad) for bad in HOSTILE]
    return checked


def square(x: float, y: float, size: float) -> Polygon:
    return box(x, y, x + size, y + size)
