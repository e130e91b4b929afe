"""One fault of each rule of plots, drawn, with what the surveyor must be told of it; and the same plots without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.affinity import translate

from geo.codes import mint
from importers.plots import Plot
from tests.importers.check.sheet import EPSG, SHAPES, at, name, plots, registered, ring

Point = tuple[float, float]


@dataclass(frozen=True)
class Fault:
    """Plots with a fault, and without. said: the fields of the finding, numbers to the millionth. place: a point on its extent,
    by its distance from the corner of the sheet. words: what the Vietnamese text says."""

    rule: str
    plots: Sequence[Plot]
    said: Mapping[str, Any]
    place: Point | None
    words: str
    clean: Sequence[Plot] = field(default_factory=plots)


def code_of(letter: str) -> str:
    return str(mint(np.array([SHAPES[letter]], dtype=object), EPSG).codes[0], "ascii")


def b_to(east_m: float, low_m: float = 20.1, high_m: float = 39.9) -> dict[str, Any]:
    """Plot b with its west side, on a, brought there but for its ends: 20 m is where it belongs."""
    west = dict.fromkeys([(20, 40), (east_m, high_m), (east_m, low_m), (20, 20)])
    return {"shape": ring((40, 20), (40, 40), *west)}


def e_corner(east_m: float, north_m: float) -> Sequence[Plot]:
    """The corner in the middle of a, b, d and e, at 20, 20, brought there in all four."""
    x, y = at(20, 20)
    there = at(east_m, north_m)

    def brought(xy: np.ndarray) -> np.ndarray:
        return np.where((xy == (x, y)).all(axis=1)[:, None], there, xy)

    return plots(**{letter: {"shape": shapely.transform(SHAPES[letter], brought)} for letter in "abde"})


STRIP = {"size": 0.398, "width_m": 2 * 0.398 / (20 + 19.8 + 2 * float(np.hypot(0.1, 0.02)))}
"""Two centimetres wide, 19.8 m long on the one side and 20 m on the other."""

ALONE = (
    Fault("no_shape", plots(b={"shape": None}), {"record": name("b")}, None, "không có ranh"),
    Fault(
        "invalid_shape", plots(a={"shape": ring((0, 20), (20, 40), (20, 20), (0, 40))}), {"record": name("a")},
        (10, 30), "gần đỉnh",
    ),
    Fault(
        "zero_area", plots(a={"shape": ring((0, 20), (20, 20), (5, 20))}), {"record": name("a")}, (0, 20),
        "không có diện tích",
    ),
    Fault(
        "repeated_vertex", plots(a={"shape": ring((0, 20), (20, 20), (20, 40), (0, 40), (0, 30), (0, 29.997))}),
        {"record": name("a")}, (0, 30), "đỉnh 5",
        plots(a={"shape": ring((0, 20), (20, 20), (20, 40), (0, 40), (0, 30), (0, 29.98))}),
    ),
    Fault(
        "spike", plots(a={"shape": ring((0, 20), (20, 20), (20, 40), (0, 40), (0, 30), (-1.5, 30), (0, 29.99))}),
        {"record": name("a")}, (-1.5, 30), "dài 1,500 m ở đỉnh 6",
        plots(a={"shape": ring((0, 20), (20, 20), (20, 40), (0, 40), (0, 30), (-1.5, 30), (0, 29))}),
    ),
    Fault(
        "sliver", plots(a={"shape": ring((0, 20), (0.2, 20), (0.2, 40), (0, 40))}),
        {"record": name("a"), "size": 4.0, "width_m": 0.2}, (0.1, 30), "rộng trung bình 0,200 m",
        plots(a={"shape": ring((0, 20), (0.3, 20), (0.3, 40), (0, 40))}),
    ),
    Fault(
        "several_parts", plots("ab", a={"shape": shapely.union_all([SHAPES["a"], translate(SHAPES["a"], -30, 0)])}),
        {"record": name("a"), "size": 400.0}, None, "gồm 2 mảnh rời",
    ),
    Fault(
        "written_area", plots(a={"told_area_m2": 410.3}), {"record": name("a"), "size": 10.3}, (10, 30),
        "là 410,3 m², tính theo ranh là 400,0 m²: lệch 10,3 m² (cho phép 2,21 m² ở 1:500)",
        plots(a={"told_area_m2": 400.06}),
    ),
    Fault(
        "legal_area", plots(a={"legal_area_m2": 397.0}), {"record": name("a"), "size": 3.0}, (10, 30),
        "là 397,0 m², tính theo ranh là 400,0 m²: lệch 3,00 m² (cho phép 2,21 m² ở 1:500)",
        plots(a={"legal_area_m2": 402.2}),
    ),
    Fault("no_number", plots(b={"number": None}), {"record": "#2 (tờ 12)"}, (30, 30), "thiếu số thửa"),
    Fault("no_sheet", plots(b={"sheet": None}), {"record": "#2 (thửa 2)"}, (30, 30), "thiếu số tờ bản đồ"),
    Fault("no_land_use", plots(b={"land_use": None}), {"record": name("b")}, (30, 30), "thiếu mã loại đất"),
    Fault(
        "number_form", plots(b={"number": "2a"}), {"record": "#2 (tờ 12, thửa 2a)"}, (30, 30), "“2a”",
        plots(b={"number": "002"}),
    ),
    Fault(
        "duplicate_number", plots(b={"number": "01"}), {"record": "#2 (tờ 12, thửa 01)", "other": name("a")}, (30, 30),
        "đã dùng ở [#1]", plots(b={"sheet": "13", "number": "1"}),
    ),
    Fault("unknown_land_use", plots(b={"land_use": "ODT+XYZ"}), {"record": name("b")}, (30, 30), "“XYZ”",
          plots(b={"land_use": "ODT+CLN"})),
    Fault("old_land_use", plots(b={"land_use": "BHK"}), {"record": name("b")}, (30, 30), "nay là HNK",
          plots(b={"land_use": "HNK"})),
    Fault("homestead", plots(b={"land_use": "ONT+CLN"}), {"record": name("b")}, (30, 30), "Mã ONT không dùng ở phường"),
    Fault("wrong_code", plots(b={"code": code_of("c")}), {"record": name("b")}, (30, 30), f"{code_of('c')} của thửa 2",
          plots(b={"code": code_of("b")})),
)  # fmt: skip

BESIDE = (
    Fault(
        "duplicate_shape", [*plots(), *plots("a", a={"record": "#9", "number": "7"})],
        {"record": "#9 (tờ 12, thửa 7)", "other": name("a"), "size": 400.0}, (10, 30), "thửa 1",
    ),
    Fault(
        "overlap", plots(b=b_to(19.98)),
        {"record": name("a"), "other": name("b"), **STRIP},
        (19.99, 30), "Thửa 1 và thửa 2 chồng lên nhau 0,398 m², rộng 0,020 m", plots(b=b_to(20)),
    ),
    Fault(
        "gap", plots(b=b_to(20.02)),
        {"record": name("a"), "other": name("b"), **STRIP},
        (20.01, 30), "Giữa thửa 1 và thửa 2 có khe hở 0,398 m², rộng 0,020 m", plots(b=b_to(20)),
    ),
    Fault(
        "loose_corner", plots(b=b_to(20.03, 30, 30)),
        {"record": name("b"), "other": name("a"), "size": 0.3, "width_m": 0.03}, (20.03, 30),
        "của thửa 2 cách ranh thửa 1 0,030 m (hở 0,300 m²)", plots(b=b_to(20.001, 30, 30)),
    ),
)  # fmt: skip

REGISTER = (
    Fault(
        "overlap_register", plots("b", b=b_to(19.98)),
        {"record": name("b"), "other": registered("a"), **STRIP},
        (19.99, 30), "chồng lên thửa 1 tờ 12 trong sổ 0,398 m², rộng 0,020 m", plots("b"),
    ),
    Fault(
        "gap_register", plots("b", b=b_to(20.02)),
        {"record": name("b"), "other": registered("a"), **STRIP},
        (20.01, 30), "Giữa thửa 2 và thửa 1 tờ 12 trong sổ có khe hở 0,398 m²", plots("b"),
    ),
    Fault(
        "moved_corner", e_corner(20.3, 20.4), {"record": name("a"), "other": registered("a"), "width_m": 0.5}, (20.3, 20.4),
        "cách đỉnh cũ chung với thửa 1 tờ 12 0,500 m (cho phép 0,070 m)", e_corner(20.04, 20.05),
    ),
    Fault(
        "edge_length", plots("a", a={"shape": ring((-0.2, 20), (20, 20), (20, 40), (-0.2, 40))}),
        {"record": name("a"), "other": registered("a"), "width_m": 0.2}, (9.9, 20),
        "dài 20,2 m, trong sổ là 20,0 m: lệch 0,200 m (cho phép 0,084 m)",
        plots("a", a={"shape": ring((-0.08, 20), (20, 20), (20, 40), (-0.08, 40))}),
    ),
    Fault(
        "registered_area", plots("a", a={"shape": ring((-0.2, 20), (20, 20), (20, 40), (-0.2, 40))}),
        {"record": name("a"), "other": registered("a"), "size": 4.0}, (9.9, 30),
        "đo được 404,0 m², trong sổ là 400,0 m²: lệch 4,00 m² (cho phép 2,21 m²)",
        plots("a", a={"shape": ring((-0.1, 20), (20, 20), (20, 40), (-0.1, 40))}),
    ),
    Fault(
        "number_taken", plots(b={"number": "6"}), {"record": "#2 (tờ 12, thửa 6)", "other": registered("f")}, (30, 30),
        "Số thửa 6 tờ 12 là của thửa khác", plots(b={"number": "7"}),
    ),
    Fault(
        "outside_commune", [*plots(), *plots("f", f={"number": "7", "shape": translate(SHAPES["f"], 100, 0)})],
        {"record": "#6 (tờ 12, thửa 7)", "size": 400.0}, (150, 10), "nằm ngoài Phường Thử, đến 70,0 m",
        [*plots(), *plots("f", f={"number": "7", "shape": translate(SHAPES["f"], 30, 0)})],
    ),
)  # fmt: skip

FAULTS = (*ALONE, *BESIDE, *REGISTER)
