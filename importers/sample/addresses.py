"""Street names and house numbers as they are in Đà Nẵng: odd and even sides, K12/5 in the alley (kiệt) beside house 12."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from importers.sample.bands import Array, Band
from importers.sample.ground import Ground

WAYS: Final = frozenset({"road", "street", "alley", "path", "dyke"})
HOMES: Final = frozenset({"lot", "public"})
REACH_M: Final = 60.0

STREET_NAMES: Final = (
    "Hoàng Hoa Thám", "Lê Quý Đôn", "Nguyễn Du", "Phan Đình Phùng", "Tôn Thất Thuyết", "Ngô Quyền", "Hàm Nghi",
    "Đinh Tiên Hoàng", "Nguyễn Công Trứ", "Bà Huyện Thanh Quan", "Hồ Xuân Hương", "Đoàn Thị Điểm", "Chu Văn An",
    "Lương Thế Vinh", "Mạc Đĩnh Chi", "Nguyễn Bỉnh Khiêm", "Phạm Ngũ Lão", "Yết Kiêu", "Dã Tượng", "Trần Quốc Toản",
    "Lê Văn Hưu", "Cao Bá Quát", "Tú Xương", "Nguyễn Khuyến", "Tản Đà", "Hàn Mặc Tử", "Xuân Diệu", "Nam Cao",
    "Ngô Tất Tố", "Vũ Trọng Phụng", "Thạch Lam", "Bùi Thị Xuân", "Thái Phiên", "Duy Tân", "Ỷ Lan", "Đặng Dung",
)  # fmt: skip
FIELD_NAMES: Final = (
    "Đồng Bàu Sen",
    "Đồng Cây Gáo",
    "Đồng Gò Mè",
    "Đồng Rộc",
    "Đồng Miếu",
    "Đồng Xoài",
    "Đồng Bãi Trên",
)


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a parcel's address (địa chỉ thửa đất); None where it has no such part."""

    house: str | None = None
    street: str | None = None
    hamlet: str | None = None


def addresses(grounds: Sequence[Ground], shapes: "NDArray[np.object_]") -> list[Address]:
    """One address per shape, in their order. Two parcels of one street never have the same house number."""
    result = [Address() for _ in grounds]
    names = _street_names(grounds)
    ways = [index for index, ground in enumerate(grounds) if ground.kind in WAYS]
    front = _fronts(grounds, shapes, ways)
    numbered: dict[int, str] = {}
    _along_streets(grounds, shapes, names, front, result, numbered)
    _along_alleys(grounds, shapes, names, front, result, numbered)
    for index, ground in enumerate(grounds):
        east, north = shapely.get_coordinates(shapes[index].centroid)[0]
        if ground.kind in WAYS:
            result[index] = Address(street=names.get(index) or result[index].street)
        elif ground.kind == "garden" or ground.name.startswith("Đình"):
            result[index] = Address(hamlet="Thôn Trung Lương" if east < -250 else "Thôn Lỗ Giáng")
        elif ground.kind in ("paddy", "dry", "bed", "pond", "grave"):
            angle = np.arctan2(north, east) / (2 * np.pi) + 0.5
            result[index] = Address(hamlet=FIELD_NAMES[int(angle * len(FIELD_NAMES)) % len(FIELD_NAMES)])
        elif result[index].street:
            group = 1 + int((east + 600) // 220) + 6 * int((north + 500) // 260)
            part = result[index]
            result[index] = Address(part.house, part.street, f"Tổ {group}")
    return result


def _street_names(grounds: Sequence[Ground]) -> dict[int, str]:
    """Names of the ways that have one; the parts of one drawn line bear the same name."""
    by_line: dict[bytes, str] = {}
    names = {}
    for index, ground in enumerate(grounds):
        if ground.name and ground.kind in WAYS:
            names[index] = ground.name if ground.kind == "road" else ""
        elif ground.kind == "street" and ground.line is not None:
            known = len(by_line)
            again, name = divmod(known, len(STREET_NAMES))
            new = STREET_NAMES[name] + (f" {again + 1}" if again else "")
            names[index] = by_line.setdefault(shapely.to_wkb(ground.line), new)
    return {index: name for index, name in names.items() if name}


def _fronts(
    grounds: Sequence[Ground], shapes: "NDArray[np.object_]", ways: list[int]
) -> dict[int, list[int]]:
    """For each parcel the ways it touches along more than 0.8 m, the longest front first."""
    lanes = shapes[ways]
    left, right = shapely.STRtree(lanes).query(shapes, predicate="intersects")
    keep = np.array(ways)[right] != left
    left, right = left[keep], np.array(ways)[right[keep]]
    shared = shapely.length(
        shapely.intersection(shapely.boundary(shapes[left]), shapely.boundary(shapes[right]))
    )
    touched: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for parcel, way, length in zip(left.tolist(), right.tolist(), shared.tolist(), strict=True):
        if length > 0.8:
            weight = 0.35 if grounds[way].kind in ("alley", "path") else 1.0
            touched[parcel].append((-length * weight, way))
    return {parcel: [way for _, way in sorted(found)] for parcel, found in touched.items()}


def _along_streets(
    grounds: Sequence[Ground],
    shapes: "NDArray[np.object_]",
    names: dict[int, str],
    front: dict[int, list[int]],
    result: list[Address],
    numbered: dict[int, str],
) -> None:
    """Homes on named streets: odd numbers on the left of the centre line, even on the right, from its start."""
    sides: dict[tuple[str, bool], list[tuple[float, int]]] = defaultdict(list)
    for index, ground in enumerate(grounds):
        way = next((way for way in front.get(index, ()) if way in names), None)
        if way is None or ground.kind not in (*HOMES, "alley"):
            continue
        line = grounds[way].line
        if line is None:
            continue
        at, left = _beside(line, shapes[index])
        sides[names[way], left].append((at, index))
        result[index] = Address(street=names[way])
    for (street, left), found in sides.items():
        number = 1 if left else 2
        for _, index in sorted(found):
            if grounds[index].kind == "alley":
                numbered[index] = str(max(number - 2, 1 if left else 2))
                continue
            numbered[index] = str(number)
            result[index] = Address(house=str(number), street=street)
            number += 2


def _along_alleys(
    grounds: Sequence[Ground],
    shapes: "NDArray[np.object_]",
    names: dict[int, str],
    front: dict[int, list[int]],
    result: list[Address],
    numbered: dict[int, str],
) -> None:
    """Homes that open on an alley: the number of the house at its mouth, then their own."""
    named = [index for index in numbered if grounds[index].kind != "alley"]
    tree = shapely.STRtree(shapes[named])
    behind: dict[int, list[int]] = defaultdict(list)
    for index, ground in enumerate(grounds):
        if ground.kind != "lot" or index in numbered:
            continue
        alley = next((way for way in front.get(index, ()) if grounds[way].kind == "alley"), -1)
        behind[alley].append(index)
    used: dict[tuple[str, str], int] = defaultdict(int)
    for alley, homes in sorted(behind.items()):
        axis = Band.of(shapes[alley]).axis if alley >= 0 else np.array([1.0, 0.0])
        places: Array = shapely.get_coordinates(shapely.centroid(shapes[homes])) @ axis
        for index in np.array(homes)[np.argsort(places, kind="stable")].tolist():
            gate = alley if alley in numbered else int(named[int(tree.nearest(shapes[index]))])
            street, mouth = str(result[gate].street), numbered[gate]
            used[street, mouth] += 1
            result[index] = Address(house=f"K{mouth}/{used[street, mouth]}", street=street)


def _beside(line: LineString, shape: Polygon) -> tuple[float, bool]:
    """How far along `line` the shape stands, and whether on its left."""
    centre = shape.centroid
    at = line.project(centre)
    foot, ahead = line.interpolate(at - 0.5), line.interpolate(at + 0.5)
    turn = (ahead.x - foot.x) * (centre.y - foot.y) - (ahead.y - foot.y) * (centre.x - foot.x)
    return float(at), bool(turn > 0)
