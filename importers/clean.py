"""Shapes as they come in a batch to shapes as the register keeps them: 2-D, VN-2000, millimetres, valid."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo.crs import ZONES, from_wgs84, to_wgs84
from geo.shapes import mend
from importers import crs, wkb

MAX_POINTS = 100_000

Floats = NDArray[np.float64]

# status of `importers.wkb` → rule, Vietnamese, English
REASONS: dict[int, tuple[str, str, str]] = {
    wkb.NULL: ("no_shape", "không có hình thửa", "it has no shape"),
    wkb.EMPTY: ("empty_shape", "hình thửa rỗng", "its shape is empty"),
    wkb.NOT_POLYGON: (
        "not_polygon", "hình là điểm hoặc đường, không phải vùng", "its shape is a point or a line, not a polygon",
    ),
    wkb.COLLECTION: (
        "not_polygon", "tập hợp hình không chỉ gồm các vùng", "its collection does not hold polygons alone",
    ),
    wkb.CORRUPT: ("broken_shape", "hình thửa bị hỏng, không đọc được", "its shape is broken and cannot be read"),
    wkb.OPEN_RING: (
        "broken_shape", "đường ranh không khép kín và không tạo thành vùng", "its rings are open and make no polygon",
    ),
    wkb.NOT_FINITE: (
        "not_finite", "tọa độ không phải là số (NaN hoặc vô cực)", "a coordinate is not a number (NaN or infinite)",
    ),
    wkb.TOO_MANY: (
        "too_many_points", f"có hơn {MAX_POINTS} đỉnh; hãy chia nhỏ", f"it has more than {MAX_POINTS} points; split it",
    ),
    wkb.CURVED: (
        "curved", "ranh có cung tròn hoặc mặt 3 chiều; hãy xuất thành đoạn thẳng",
        "it has curves or 3-D surfaces; export it as straight lines",
    ),
}  # fmt: skip


@dataclass(slots=True)
class Bad:
    """Why one row cannot be kept, or what was done to it; `lon_deg`, `lat_deg` where known."""

    row: int
    rule: str
    text_vi: str
    text_en: str
    lon_deg: float | None = None
    lat_deg: float | None = None
    size: float | None = None


@dataclass(slots=True)
class Raw:
    """A batch of shapes as flat coordinates, before conversion; x, y boxes (n, 4) in the file's system."""

    flat: wkb.Flat
    box: Floats
    repaired: set[int] = field(default_factory=set)


def unpack(shapes: pa.Array) -> Raw:
    """Read the shapes; collections of polygons are taken apart, rings left open are closed."""
    flat = wkb.unpack(shapes, MAX_POINTS)
    odd = np.flatnonzero((flat.status == wkb.COLLECTION) | (flat.status == wkb.OPEN_RING))
    repaired: set[int] = set()
    if odd.size:
        values = shapes.to_pylist()
        for row in odd.tolist():
            closed = flat.status[row] == wkb.OPEN_RING
            better = _polygonal(values[row])
            if better is not None:
                values[row] = better
                if closed:
                    repaired.add(row)
        status = flat.status
        flat = wkb.unpack(pa.array(values, pa.binary()), MAX_POINTS)
        # Said of the file as it was, not of the attempt.
        still = flat.status[odd] != wkb.OK
        flat.status[odd[still]] = status[odd[still]]
    return Raw(flat, _boxes(flat), repaired)


def _polygonal(content: bytes) -> bytes | None:
    try:
        shape = shapely.from_wkb(content, on_invalid="fix")
    except (NotImplementedError, shapely.errors.GEOSException):
        return None
    if shape is None:
        return None
    parts = [shape]
    for _ in range(8):
        if not any(p.geom_type == "GeometryCollection" for p in parts):
            break
        parts = [
            q for p in parts for q in (shapely.get_parts(p) if p.geom_type == "GeometryCollection" else [p])
        ]
    parts = [q for p in parts for q in (shapely.get_parts(p) if p.geom_type == "MultiPolygon" else [p])]
    parts = [p for p in parts if not shapely.is_empty(p)]
    if not parts or any(p.geom_type != "Polygon" for p in parts):
        return None
    joined = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return bytes(shapely.to_wkb(shapely.force_2d(joined), byte_order=1))


def _boxes(flat: wkb.Flat) -> Floats:
    box = np.full((len(flat.status), 4), np.nan)
    starts = flat.point_at()
    rows = np.flatnonzero(starts[1:] > starts[:-1])
    if rows.size:
        first = starts[rows]
        box[rows, 0] = np.minimum.reduceat(flat.xy[:, 0], first)
        box[rows, 1] = np.minimum.reduceat(flat.xy[:, 1], first)
        box[rows, 2] = np.maximum.reduceat(flat.xy[:, 0], first)
        box[rows, 3] = np.maximum.reduceat(flat.xy[:, 1], first)
    return box


def middle_box(box: Floats) -> tuple[float, float, float, float] | None:
    """The box of the middle half of the records: strays do not speak for the file. None without coordinates."""
    known = box[~np.isnan(box[:, 0])]
    if not known.size:
        return None
    low = np.quantile((known[:, :2] + known[:, 2:]) / 2, 0.25, axis=0)
    high = np.quantile((known[:, :2] + known[:, 2:]) / 2, 0.75, axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def convert(raw: Raw, source: crs.Source, zones: NDArray[np.int32]) -> None:
    """WGS84 or web mercator to east, north of each record's zone (n,), in place; VN-2000 stays as it is."""
    if source.projected:
        return
    starts = raw.flat.point_at()
    xy = raw.flat.xy
    if source.epsg == crs.WEB_MERCATOR:
        xy[:, 0], xy[:, 1] = crs.web_to_wgs84(xy[:, 0], xy[:, 1])
    for zone in np.unique(zones):
        if int(zone) not in ZONES:
            continue
        rows = zones == zone
        if rows.all():
            xy[:, 0], xy[:, 1] = from_wgs84(int(zone), xy[:, 0], xy[:, 1])
        else:
            points = np.repeat(rows, np.diff(starts))
            xy[points, 0], xy[points, 1] = from_wgs84(int(zone), xy[points, 0], xy[points, 1])


def finish(
    raw: Raw, zones: NDArray[np.int32], wanted: NDArray[np.bool_], tolerance_m2: Callable[[float, int], float]
) -> tuple[pa.Array, list[Bad], list[Bad]]:
    """Round, order and check the shapes of the wanted rows.

    `tolerance_m2` gives the area tolerance from an area in m² and the row. Returns: WKB (n,), null where refused or not
    wanted; the refusals; what was mended.
    """
    flat, verdict, _ = wkb.tidy(raw.flat)
    shapes = wkb.pack(flat)
    asked = np.flatnonzero((verdict == wkb.ASK) & wanted & (flat.status == wkb.OK))
    refused: list[Bad] = []
    mended: list[Bad] = []
    changes: dict[int, bytes | None] = {}
    if asked.size:
        doubtful = shapely.from_wkb(
            shapes.take(pa.array(asked)).to_numpy(zero_copy_only=False), on_invalid="ignore"
        )
        valid = shapely.is_valid(doubtful)
        for k in np.flatnonzero(~valid).tolist():
            row = int(asked[k])
            zone = int(zones[row])
            changes[row] = _mend(doubtful[k], row, zone, tolerance_m2, refused, mended)
    for row in sorted(raw.repaired):
        if wanted[row] and not any(b.row == row for b in refused) and not any(b.row == row for b in mended):
            at = flat.xy[flat.point_at()[row]]
            lon, lat = _degrees(int(zones[row]), float(at[0]), float(at[1]))
            mended.append(
                Bad(
                    row,
                    "mended",
                    "đường ranh chưa khép kín, đã khép lại",
                    "its ring was left open and was closed",
                    lon,
                    lat,
                )
            )
    if changes:
        values = shapes.to_pylist()
        for row, content in changes.items():
            values[row] = content
        shapes = pa.array(values, pa.binary())
    return shapes, refused, mended


def _mend(
    shape: shapely.Geometry | None,
    row: int,
    zone: int,
    tolerance_m2: Callable[[float, int], float],
    refused: list[Bad],
    mended: list[Bad],
) -> bytes | None:
    if shape is None:
        refused.append(
            Bad(row, "broken_shape", "hình thửa không tạo thành vùng", "its shape makes no polygon")
        )
        return None
    allowed = tolerance_m2(float(shapely.area(shapely.make_valid(shape))), row)
    done = mend(shape, allowed)
    if done is not None:
        lon, lat = _degrees(zone, done.fault.x, done.fault.y)
        mended.append(
            Bad(
                row,
                "mended",
                f"hình không hợp lệ ({done.fault.reason}), đã sửa; diện tích đổi {done.changed_m2:.3f} m²",
                f"its shape was invalid ({done.fault.reason}) and was made valid; the area changed by {done.changed_m2:.3f} m²",
                lon,
                lat,
                done.changed_m2,
            )
        )
        content: bytes = shapely.to_wkb(done.shape, byte_order=1)
        return content
    what, x, y = _fault(shape)
    lon, lat = _degrees(zone, x, y)
    refused.append(
        Bad(
            row,
            "invalid_shape",
            f"hình không hợp lệ ({what}) và không sửa được trong sai số diện tích "
            f"{allowed:.2f} m²; hãy sửa ranh tại điểm này",
            f"its shape is invalid ({what}) and cannot be mended within the area tolerance "
            f"of {allowed:.2f} m²; correct the boundary there",
            lon,
            lat,
        )
    )
    return None


def _fault(shape: shapely.Geometry) -> tuple[str, float, float]:
    from geo.shapes import fault

    found = fault(shape)
    return ("?", float("nan"), float("nan")) if found is None else (found.reason, found.x, found.y)


def _degrees(zone: int, east_m: float, north_m: float) -> tuple[float | None, float | None]:
    if zone not in ZONES or not (np.isfinite(east_m) and np.isfinite(north_m)):
        return None, None
    lon, lat = to_wgs84(zone, [east_m], [north_m])
    return float(lon[0]), float(lat[0])


def places(raw: Raw, rows: list[int], source: crs.Source) -> dict[int, tuple[float, float]]:
    """WGS84 longitude, latitude of the middle of the box of rows, in the file's system, before conversion."""
    told: dict[int, tuple[float, float]] = {}
    for row in rows:
        box = raw.box[row]
        if np.isnan(box[0]):
            box = np.concatenate((raw.flat.first[row], raw.flat.first[row]))
        x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        if source.epsg == crs.WGS84:
            told[row] = (x, y)
        elif source.epsg == crs.WEB_MERCATOR:
            lon, lat = crs.web_to_wgs84(np.array([x]), np.array([y]))
            told[row] = (float(lon[0]), float(lat[0]))
        elif bool(crs.inside(source, box[None, :])[0]):
            lon, lat = to_wgs84(source.epsg, [x], [y])
            told[row] = (float(lon[0]), float(lat[0]))
    return told
