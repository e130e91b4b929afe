"""Paper and scales of plans: how large the frame of the map is, and which ground stands in it."""

from dataclasses import dataclass
from typing import Final, Literal

from geo.crs import ZONES
from importers.report.picture import UNIT, Window

Paper = Literal["a4", "a3"]
Orientation = Literal["portrait", "landscape"]
SCALES: Final = (200, 500, 1000, 2000, 5000, 10_000)
"""Those of cadastral maps (Circular 26/2024/TT-BTNMT, article 5)."""
_PAPERS_MM: Final[dict[Paper, tuple[int, int]]] = {"a4": (210, 297), "a3": (297, 420)}
_LEFT_MM, _TOP_MM, _RIGHT_MM = 17, 28, 10
_FOOT_MM: Final = 52
AROUND_MM: Final = 7
"""Room for coordinates round the frame."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of paper and the frame of the map on it, millimetres from its upper left corner."""

    paper: Paper
    orientation: Orientation

    @property
    def size_mm(self) -> tuple[int, int]:
        """Width and height of the paper."""
        short, long = _PAPERS_MM[self.paper]
        return (short, long) if self.orientation == "portrait" else (long, short)

    @property
    def corner_mm(self) -> tuple[int, int]:
        """The upper left corner of the frame."""
        return _LEFT_MM, _TOP_MM

    @property
    def frame_mm(self) -> tuple[int, int]:
        """Width and height of the frame."""
        width, height = self.size_mm
        return width - _LEFT_MM - _RIGHT_MM, height - _TOP_MM - _FOOT_MM

    def window(self, east_m: float, north_m: float, scale: int) -> Window:
        """The ground round a point of a VN-2000 zone that the frame shows at 1:scale."""
        width, height = self.frame_mm
        edge = AROUND_MM * UNIT
        return Window(east_m, north_m, scale, edge, edge, width * UNIT, height * UNIT)


SHEETS: Final = tuple(
    Sheet(paper, orientation) for paper in _PAPERS_MM for orientation in ("portrait", "landscape")
)


def nearest_zone(lon_deg: float) -> int:
    """EPSG code of the 3° zone of VN-2000 whose central meridian is nearest to a longitude."""
    near = [one for one in ZONES.values() if one.scale == 0.9999]
    return min(near, key=lambda one: abs(one.central_meridian_deg - lon_deg)).epsg
