"""What was drawn by hand: the main lines and the named spots of the invented place.

All coordinates are metres east and north of `ORIGIN_EAST_M, ORIGIN_NORTH_M`, a crossing of the kilometre grid of
EPSG:5899, so that the frames of the map sheets fall on round numbers. No line is taken from a real map.
"""

from dataclasses import dataclass
from typing import Final

ORIGIN_EAST_M: Final = 549_000.0
ORIGIN_NORTH_M: Final = 1_768_000.0

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Road:
    """A centre line with the width between its parcel edges, and the name on the street sign."""

    name: str
    width_m: float
    points: Points


@dataclass(frozen=True, slots=True)
class Spot:
    """A block given to one public use: the block that holds the point becomes parcels of `land_use`."""

    land_use: str
    name: str
    point: tuple[float, float]


# The middle of the river is the commune's edge.
RIVER_MIDDLE: Final[Points] = (
    (544, 547), (586, 432), (563, 302), (586, 166), (650, 29), (656, -115), (600, -274), (586, -374), (629, -547),
)  # fmt: skip
RIVER_HALF_WIDTH_M: Final = 62.0
DYKE_OFFSET_M: Final = 94.0
DYKE_WIDTH_M: Final = 7.5

OUTLINE: Final[Points] = (
    (-557, 403), (-425, 461), (-221, 429), (51, 469), (289, 439), (430, 474), (520, 462), (640, 470), (900, 480),
    (900, -470), (660, -462), (540, -448), (430, -436),
    (280, -455), (119, -425), (-68, -452), (-280, -421), (-442, -439), (-510, -302), (-625, -187), (-586, -65),
    (-636, 65), (-586, 209), (-614, 317),
)  # fmt: skip

CANAL: Final[Points] = (
    (-697, 108), (-586, 141), (-476, 216), (-366, 253), (-255, 272), (-144, 248), (-17, 238), (110, 270), (230, 289),
    (348, 253), (459, 253), (612, 302),
)  # fmt: skip
CANAL_WIDTH_M: Final = 9.0
CANAL_BANK_M: Final = 3.0

ROADS: Final[tuple[Road, ...]] = (
    Road("Trần Hưng Đạo", 15.0,
         ((-476, 533), (-384, 374), (-293, 252), (-183, 148), (-94, 79), (-17, 14), (75, -94), (140, -230),
          (223, -346), (280, -518))),
    Road("Nguyễn Trãi", 11.5,
         ((-731, -50), (-527, -32), (-340, 9), (-170, 1), (-17, 14), (136, 45), (289, 32), (425, 50), (568, 48))),
    Road("Phan Châu Trinh", 9.0,
         ((-187, 152), (-110, 141), (-17, 127), (94, 148), (212, 171), (332, 148), (425, 154), (507, 167))),
    Road("Hoàng Diệu", 8.5,
         ((236, 287), (223, 223), (219, 170), (240, 94), (243, 36), (274, -43), (253, -137), (201, -216), (167, -277))),
    Road("Lý Thường Kiệt", 8.0, ((60, 252), (78, 202), (88, 147), (76, 86), (88, 35))),
    Road("Phan Bội Châu", 8.5,
         ((-340, 9), (-299, -79), (-192, -150), (-76, -189), (34, -209), (134, -217))),
    Road("Huỳnh Thúc Kháng", 8.0, ((-175, 1), (-150, -65), (-128, -122), (-124, -171))),
    Road("Trưng Nữ Vương", 8.0, ((-463, -22), (-435, 50), (-371, 124), (-298, 170), (-246, 206))),
    Road("Lê Lợi", 7.5, ((-270, 6), (-255, 56), (-274, 115), (-311, 161))),
    Road("Bạch Đằng", 6.5,
         ((-270, 253), (-146, 229), (-19, 218), (107, 249), (223, 269), (342, 233), (442, 232), (515, 238))),
    Road("Ông Ích Khiêm", 7.0, ((34, -47), (94, -14), (170, -13), (270, -22), (366, -48), (476, -29), (575, -22))),
    Road("Bờ Đê Tây", 4.5, ((-384, 374), (-476, 333), (-544, 338), (-680, 310))),
    Road("Đường đồng Bàu Sen", 4.0, ((-150, 264), (-128, 324), (-150, 389), (-128, 504))),
    Road("Đường đồng Cây Gáo", 4.0, ((167, 291), (187, 360), (162, 418), (178, 504))),
    Road("Đường đồng Gò Mè", 4.0, ((459, 253), (429, 324), (400, 403), (408, 518))),
    Road("Thôn Trung Lương", 5.0, ((-299, -79), (-357, -151), (-366, -238), (-314, -324), (-340, -389), (-332, -504))),
    Road("Thôn Lỗ Giáng", 4.5, ((-366, -238), (-255, -268), (-144, -302), (-17, -324), (85, -317), (187, -299))),
    Road("Đường đồng Miếu", 3.5, ((-366, -216), (-450, -238), (-578, -216), (-680, -223))),
    Road("Đường đồng Bãi", 4.0, ((253, -137), (340, -167), (425, -158), (544, -180))),
    Road("Đường đồng Rộc", 3.5, ((-102, -311), (-76, -374), (-110, -490))),
    Road("Đường đồng Xoài", 3.5, ((201, -317), (306, -302), (400, -325), (544, -317))),
)  # fmt: skip

TOWN: Final[Points] = (
    (-400, 43), (-476, 0), (-510, -50), (-408, -72), (-323, -108), (-221, -173), (-85, -225), (51, -248),
    (128, -295), (183, -310), (255, -216), (306, -144), (357, -86), (442, -72), (489, -7), (502, 79), (463, 187),
    (425, 235), (340, 245), (223, 282), (107, 264), (-17, 232), (-146, 243), (-280, 268), (-340, 238), (-374, 158),
    (-425, 94),
)  # fmt: skip

HAMLET: Final[Points] = (
    (-416, -137), (-327, -122), (-316, -209), (-221, -245), (-94, -282), (34, -288), (51, -353), (-76, -344),
    (-212, -306), (-280, -317), (-280, -374), (-374, -378), (-408, -288), (-418, -202),
)  # fmt: skip

CENTRE: Final = (-17.0, 14.0)

SPOTS: Final[tuple[Spot, ...]] = (
    Spot("DCH", "Chợ Hòa Xuân", (27, 56)),
    Spot("DGD", "Trường Tiểu học Trần Quốc Toản", (162, 108)),
    Spot("TSC", "Uỷ ban nhân dân phường", (-76, -40)),
    Spot("TON", "Chùa Long Sơn", (-374, 58)),
    Spot("DKV", "Công viên Bờ Kênh", (-51, 189)),
    Spot("DYT", "Trạm y tế", (-212, 72)),
    Spot("DGD", "Trường Mầm non Hoa Mai", (-51, -137)),
    Spot("DTT", "Sân vận động", (357, 94)),
    Spot("DVH", "Nhà văn hoá", (174, -108)),
)

CEMETERY: Final = (-476.0, -338.0, 52.0)
SHRINE: Final = (-255.0, -338.0)
PONDS: Final[tuple[tuple[float, float, float], ...]] = (
    (-387.0, 66.0, 15.0), (-384.0, -193.0, 9.0), (-174.0, -279.0, 11.0), (400.0, -238.0, 24.0), (51.0, 360.0, 17.0),
    (-336.0, -284.0, 8.0), (-510.0, 274.0, 21.0), (442.0, -374.0, 19.0),
)  # fmt: skip
