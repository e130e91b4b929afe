"""The hand-drawn lines turned into ground: river, dyke, roads, canal, town blocks, hamlet gardens and fields."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from importers.sample import fields, layout, town
from importers.sample.bands import Band, curve, cut, polygons


@dataclass(frozen=True, slots=True)
class Ground:
    """One shape as drawn: what it is, its land use where it is known already, its name and centre line if it has them."""

    kind: str
    shape: Polygon
    land_use: str = ""
    name: str = ""
    line: LineString | None = None
    width_m: float = 0.0


def draw(rng: np.random.Generator) -> list[Ground]:
    """All ground of the place in metres from the origin; where two overlap the first one holds."""
    outline = _angular(layout.OUTLINE, 46, 7.0, rng)
    river = LineString(curve(layout.RIVER_MIDDLE, 12))
    east = Polygon([*river.coords, (1200, -760), (1200, 760)])
    place = max(polygons(outline.difference(east)), key=lambda part: float(part.area))
    water = place.intersection(river.buffer(layout.RIVER_HALF_WIDTH_M))
    inner = place.difference(river.buffer(layout.DYKE_OFFSET_M))
    dry = place.difference(water)

    ways = list(_ways(inner))
    canal_line = LineString(curve(layout.CANAL, 8))
    roads = shapely.union_all([way.shape for way in ways])
    half = layout.CANAL_WIDTH_M / 2
    canal = dry.intersection(canal_line.buffer(half, cap_style="flat")).difference(roads)
    banks = inner.intersection(canal_line.buffer(half + layout.CANAL_BANK_M, cap_style="flat"))
    banks = banks.difference(shapely.union(roads, canal))
    dyke = inner.intersection(river.buffer(layout.DYKE_OFFSET_M + layout.DYKE_WIDTH_M))
    dyke = dyke.difference(shapely.union_all([roads, canal, banks]))

    result = [Ground("river", part, "SON", "Sông Cái") for part in polygons(water)]
    result += ways
    result += [Ground("canal", part, "DTL", "Kênh Bàu Sen", canal_line) for part in polygons(canal, 2)]
    result += [Ground("bank", part, "DTL", "Bờ kênh Bàu Sen", canal_line) for part in polygons(banks, 2)]
    result += [Ground("dyke", part, "DTL", "Đê Sông Cái", river) for part in polygons(dyke, 2)]
    result += _foreshore(dry.difference(inner).difference(canal), rng)
    taken = shapely.union_all([roads, canal, banks, dyke])
    result += _land(inner.difference(taken), rng)
    return result


def _angular(points: layout.Points, step_m: float, by_m: float, rng: np.random.Generator) -> Polygon:
    """A closed outline as surveyors find it: straight from mark to mark, a mark about every `step_m`."""
    ring = curve(points, step_m, closed=True)
    return Polygon(ring + rng.normal(0, by_m, ring.shape))


def _ways(inner: BaseGeometry) -> Iterator[Ground]:
    """The named roads, wide before narrow, with the corners of blocks cut off (vạt góc) where roads meet."""
    roads = sorted(layout.ROADS, key=lambda road: -road.width_m)
    lines = [LineString(curve(road.points)) for road in roads]
    shapes = [
        line.buffer(road.width_m / 2, cap_style="flat") for road, line in zip(roads, lines, strict=True)
    ]
    whole = shapely.union_all(shapes)
    whole = whole.buffer(2.6, join_style="mitre").buffer(-2.6, join_style="bevel").union(whole)
    left = whole.intersection(inner)
    for road, line in zip(roads, lines, strict=True):
        mine = left.intersection(line.buffer(road.width_m / 2 + 3.0, cap_style="flat"))
        left = left.difference(mine)
        for part in polygons(mine, 4):
            yield Ground("road", part, "DGT", road.name, line, road.width_m)
    for part in polygons(left, 4):
        yield Ground("road", part, "DGT")


def _foreshore(shape: BaseGeometry, rng: np.random.Generator) -> list[Ground]:
    """Vegetable beds on the silt between the dyke and the water."""
    result = []
    for part in polygons(shape, 30):
        for bed in fields.paddies(part, (16, 30), rng):
            result.append(Ground("bed", bed, "HNK" if rng.random() < 0.8 else "CSD"))
    return result


def _land(land: BaseGeometry, rng: np.random.Generator) -> Iterator[Ground]:
    urban = _angular(layout.TOWN, 30, 2.5, rng)
    hamlet = _angular(layout.HAMLET, 24, 2.0, rng)
    free = list(layout.SPOTS)
    for quarter in polygons(land.intersection(urban), 6):
        yield from _quarter(quarter, free, rng)
    land = land.difference(urban)
    for garden in polygons(land.intersection(hamlet), 6):
        yield from _hamlet(garden, rng)
    open_land = land.difference(hamlet)
    yield from _obstacles(open_land, rng)
    for field in polygons(open_land, 6):
        yield from _field(field, rng)


def _quarter(quarter: Polygon, free: list[layout.Spot], rng: np.random.Generator) -> Iterator[Ground]:
    centre = Point(layout.CENTRE)
    near = quarter.centroid.distance(centre)
    pieces = list(town.streets(quarter, rng.uniform(45, 50) if near < 280 else rng.uniform(52, 60), 6.5, rng))
    for piece in pieces:
        if piece.kind == town.STREET:
            yield Ground("street", piece.shape, "DGT", line=piece.line)
            continue
        block = piece.shape
        spot = next((s for s in free if block.distance(Point(s.point)) < 9 and block.area > 900), None)
        if spot is not None:
            free.remove(spot)
            yield from _public(block, spot, rng)
            continue
        far = block.centroid.distance(centre)
        if far < 210:
            weave = town.Weave(rng.uniform(17, 20.5), (4.2, 6.2), 0.07)
        elif far < 360:
            weave = town.Weave(rng.uniform(19, 23), (5.0, 8.4), 0.05)
        else:
            weave = town.Weave(rng.uniform(22, 28), (7.5, 14.0), 0.02)
        for lot in town.lots(block, weave, rng):
            alley = lot.kind == town.ALLEY
            yield Ground(lot.kind, lot.shape, "DGT" if alley else "", line=lot.line)


def _public(block: Polygon, spot: layout.Spot, rng: np.random.Generator) -> Iterator[Ground]:
    """A block in public hands: most of it one parcel, a row of lots beside it where the block is long."""
    band = Band.of(block)
    whole = block
    if band.length_m > 85:
        site = float(np.clip(band.place(spot.point), 0.3, 0.7))
        share = 66 / band.length_m
        edges = np.clip([site - share / 2, site + share / 2], 0, 1)
        parts = [line for line, at in zip(band.rungs(edges), edges, strict=True) if 0.08 < at < 0.92]
        faces = cut(block, parts)
        whole = min(faces, key=lambda face: float(face.distance(Point(spot.point))))
        for face in faces:
            if face is not whole:
                for lot in town.lots(face, town.Weave(19, (4.2, 5.8), 0.04), rng):
                    yield Ground(lot.kind, lot.shape, "DGT" if lot.kind == town.ALLEY else "", line=lot.line)
    if spot.land_use in ("TON", "DKV"):
        yield _pond(whole, 0.5, 17.0, "MNC", rng)
    yield Ground("public", whole, spot.land_use, spot.name)


def _pond(shape: Polygon, share: float, most_m: float, land_use: str, rng: np.random.Generator) -> Ground:
    """Water in the middle of `shape`, wholly inside it: the parcel around it gets a true hole."""
    circle = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, tolerance=0.5))
    radius = min(most_m, share * float(np.hypot(*(circle[1] - circle[0]))))
    return Ground("pond", fields.blob(circle[0, 0], circle[0, 1], radius, rng), land_use)


def _hamlet(shape: Polygon, rng: np.random.Generator) -> Iterator[Ground]:
    weave = town.Weave(rng.uniform(30, 36), (13, 22), 0.0)
    shrine = Point(layout.SHRINE)
    for lot in town.lots(shape, weave, rng):
        if lot.kind == town.ALLEY:
            yield Ground(lot.kind, lot.shape, "DGT", line=lot.line)
            continue
        if lot.shape.contains(shrine):
            yield Ground("public", lot.shape, "TIN", "Đình Trung Lương")
            continue
        if lot.shape.area > 450 and rng.random() < 0.16:
            yield _pond(lot.shape, 0.42, 8.0, "NTS", rng)
        yield Ground("garden", lot.shape)


def _obstacles(land: BaseGeometry, rng: np.random.Generator) -> Iterator[Ground]:
    """What the fields go around: graves on their mound and the larger ponds."""
    for east, north, radius in (layout.CEMETERY, *layout.PONDS):
        blob = fields.blob(east, north, radius, rng)
        graves = (east, north, radius) == layout.CEMETERY
        for part in polygons(blob.intersection(land), 60):
            yield Ground("grave" if graves else "pond", part, "NTD" if graves else "NTS")


def _field(shape: Polygon, rng: np.random.Generator) -> Iterator[Ground]:
    for piece in fields.blocks(shape, rng.uniform(17_000, 24_000), rng):
        if piece.kind != fields.PADDY:
            yield Ground(
                piece.kind, piece.shape, "DTL" if piece.kind == fields.DITCH else "DGT", line=piece.line
            )
            continue
        dry = rng.random() < 0.2
        for strip in fields.paddies(piece.shape, (11, 19), rng):
            yield Ground("dry" if dry else "paddy", strip)


def split_at(ground: Ground, regions: list[BaseGeometry]) -> list[Ground]:
    """A way or a water cut at the frames of the sheets, as draughtsmen cut what has no end on the sheet."""
    parts = [part for region in regions for part in polygons(ground.shape.intersection(region), 0.0)]
    return [replace(ground, shape=part) for part in parts]
