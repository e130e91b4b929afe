"""Where a picture lies, told by control points, a world file or the picture itself, in this order; then its tiles.

Runs in the fenced process. What comes out is told whole: which transformation, which was proposed, how well each fits, the
residual of every point. Nothing is chosen silently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.georeference import KINDS, LEAST_POINTS, Fit, Kind, NoFitError, fits, proposed
from importers.errors import NoPlace, Refused, UnknownFormat, UnusablePoints
from importers.raster.ground import Ground, check_axes, ground_of
from importers.raster.picture import Picture, format_of, opened, pixels
from importers.raster.points_file import Controls, is_controls, read_controls, world_file
from importers.raster.write import tiling_of, write

Floats = NDArray[np.float64]
_EDGE_STEPS = 24
_DEGREE_M = 111_320.0
_FAR = 3.0


@dataclass(frozen=True, slots=True)
class _Place:
    """How pixels (n, 2) get to the plane of `ground` and back, and what is told of that."""

    ground: Ground
    forward: Any
    back: Any
    told: Mapping[str, Any]


def place(paths: list[Path], options: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Place a picture and write its tiles under `folder`. The answer is ready for JSON:

    path; method (control_points, world_file, picture); crs, epsg; transformation, proposed, fits, points; rms_px, rms_m;
    width, height; pixel_m (on the ground); outline (corners of what is shown: longitude, latitude); min_zoom, max_zoom;
    notes (rule, text_vi, text_en). Raises: Refused.
    """
    image, texts = _sorted_out(paths)
    controls, world = _companions(texts, options)
    with opened(image, image.name) as picture:
        found = _placed(picture, controls, world, options)
        notes = list(found.told.get("notes", []))
        size = (picture.width, picture.height)
        frame = _outline(found, _edge(*size), image.name)
        crop = _crop(found, options, image.name)
        shown = frame if crop is None else shapely.intersection(frame, crop)
        if shapely.area(shown) == 0:
            raise UnusablePoints(
                "Khung cắt không chạm ảnh: hãy kiểm tra điểm khống chế hoặc tờ bản đồ đã nêu.",
                "The frame to crop to does not touch the picture: check its points, or the sheet that was named.",
                image.name,
            )
        lat = float(_degrees(shapely.get_coordinates(frame)).mean(axis=0)[1])
        web_pixel_m = float(np.sqrt(shapely.area(frame) / (size[0] * size[1])))
        tiling = tiling_of(shown, web_pixel_m, image.name)
        kept = pixels(picture, folder)

    def to_pixels(web_m: Floats) -> Floats:
        return np.asarray(found.back(found.ground.from_web(web_m)))

    made = write(kept, to_pixels, frame, tiling, options["kind"], folder, crop)
    parts = shapely.get_parts(shown)
    largest = shapely.simplify(parts[np.argmax(shapely.area(parts))], web_pixel_m)
    corners = _degrees(shapely.get_coordinates(shapely.get_exterior_ring(largest)))
    return {
        **found.told,
        "notes": notes,
        "path": str(made),
        "crs": found.ground.name,
        "epsg": found.ground.epsg,
        "width": size[0],
        "height": size[1],
        "pixel_m": round(web_pixel_m * float(np.cos(np.radians(lat))), 6),
        "outline": np.round(corners, 9).tolist(),
        "max_zoom": tiling.zoom,
        "min_zoom": tiling.zoom - tiling.levels,
    }


def _sorted_out(paths: list[Path]) -> tuple[Path, list[Path]]:
    """The picture, and the texts beside it. Raises: UnknownFormat, NoPlace."""
    images: list[Path] = []
    texts: list[Path] = []
    for path in paths:
        with path.open("rb") as file:
            (images if format_of(file.read(4)) else texts).append(path)
    if len(images) != 1:
        names = ", ".join(p.name for p in (images or texts)[:5])
        raise UnknownFormat(
            f"Cần đúng một ảnh TIFF, PNG hoặc JPEG; có {len(images)} ({names}).",
            f"It takes just one TIFF, PNG or JPEG picture; there are {len(images)} ({names}).",
            names,
        )
    return images[0], texts


def _companions(
    texts: list[Path], options: Mapping[str, Any]
) -> tuple[Controls | None, tuple[float, ...] | None]:
    """Control points and world file among the texts. Raises: BrokenFile, TooMuch."""
    controls, world = None, None
    for path in texts:
        content = path.read_bytes()[: 2 << 20]
        if path.suffix.lower() in (".prj", ".xml"):
            continue
        if is_controls(content):
            controls = read_controls(content, path.name)
        else:
            world = world_file(content)
    if options.get("points"):
        controls = read_controls(options["points"].encode(), "points")
    return controls, world


def _placed(
    picture: Picture, controls: Controls | None, world: tuple[float, ...] | None, options: Mapping[str, Any]
) -> _Place:
    wanted: int | None = options.get("crs")
    if controls is None and world is None and picture.gcps and picture.transform is None:
        numbers = np.array(picture.gcps)
        names = tuple(str(n + 1) for n in range(len(numbers)))
        controls = Controls(names, numbers[:, :2], numbers[:, 2:], picture.crs)
    if controls is not None:
        ground = ground_of(controls.crs or picture.crs, wanted, picture.name)
        return _fitted(controls, ground, options.get("transformation"), picture.name)
    if world is not None:
        a, d, b, e, c, f = world
        six = (
            a,
            b,
            c - a / 2 - b / 2,
            d,
            e,
            f - d / 2 - e / 2,
        )  # a world file names the middle of the first pixel
    elif picture.transform is not None:
        six = picture.transform
    else:
        raise NoPlace(
            "Ảnh không cho biết nó nằm ở đâu: hãy gửi kèm tệp world (.tfw, .jgw, .pgw) hoặc điểm khống chế (CSV, .points).",
            "The picture does not tell where it lies: send a world file (.tfw, .jgw, .pgw) or control points (CSV, .points) "
            "along.",
            picture.name,
        )
    ground = ground_of(picture.crs, wanted, picture.name)
    matrix = np.array([six[:3], six[3:], (0, 0, 1)], dtype=np.float64)
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-24:
        raise NoPlace(
            "Tệp world hoặc tọa độ trong ảnh có kích thước điểm ảnh bằng không.",
            "The world file, or what the picture says of its place, has pixels without size.",
            picture.name,
        )
    inverse = np.linalg.inv(matrix)
    told: dict[str, Any] = {
        "method": "picture" if world is None else "world_file",
        "transformation": "affine",
        "points": [],
        "fits": [],
    }
    return _Place(
        ground,
        lambda p: p @ matrix[:2, :2].T + matrix[:2, 2],
        lambda g: g @ inverse[:2, :2].T + inverse[:2, 2],
        told,
    )


def _fitted(controls: Controls, ground: Ground, chosen: str | None, name: str) -> _Place:
    """Control points, fitted in metres. Raises: UnusablePoints."""
    if len(controls.ground):
        check_axes(ground, controls.ground, name)
    scale = np.ones(2)
    if ground.degrees and len(controls.ground):  # so that residuals are metres, and both axes count the same
        scale = _DEGREE_M * np.array([np.cos(np.radians(controls.ground[:, 1].mean())), 1.0])
    try:
        found = fits(controls.pixels, controls.ground * scale)
    except NoFitError as error:
        raise _no_fit(error, controls, name) from None
    best = proposed(found)
    kind: Kind = best
    if chosen is not None:
        if chosen not in found:
            asked = next((k for k in KINDS if k == chosen), None)
            least = LEAST_POINTS[asked] if asked else 3
            raise UnusablePoints(
                f"Phép biến đổi {chosen} cần ít nhất {least} điểm khống chế không thẳng hàng, không gấp ảnh.",
                f"The transformation {chosen} takes at least {least} control points, not on one line, that do not fold the "
                "picture.",
                name,
            )
        kind = next(k for k in found if k == chosen)
    fit = found[kind]
    made = fit.transformation
    return _Place(
        ground,
        lambda p: made.to_ground(p) / scale,
        lambda g: made.to_pixels(g * scale),
        _told(controls, found, kind, best),
    )


def _told(controls: Controls, found: Mapping[Kind, Fit], kind: Kind, best: Kind) -> dict[str, Any]:
    fit = found[kind]
    return {
        "method": "control_points",
        "transformation": kind,
        "proposed": best,
        "rms_px": round(fit.rms_px, 4),
        "rms_m": round(fit.rms_m, 4),
        "fits": [
            {
                "transformation": one,
                "rms_px": round(f.rms_px, 4),
                "rms_m": round(f.rms_m, 4),
                "left_out_rms_px": _number(f.left_out_rms_px),
            }
            for one, f in found.items()
        ],
        "points": [
            {
                "name": name,
                "pixel": controls.pixels[i].tolist(),
                "ground": controls.ground[i].tolist(),
                "residual_px": np.round(fit.residuals_px[i], 4).tolist(),
                "residual_m": np.round(fit.residuals_m[i], 4).tolist(),
                "left_out_px": _number(float(fit.left_out_px[i])),
            }
            for i, name in enumerate(controls.names)
        ],
        "notes": _doubts(controls, found, kind),
    }


def _doubts(controls: Controls, found: Mapping[Kind, Fit], kind: Kind) -> list[dict[str, str]]:
    off = found[kind].left_out_px
    if not np.isfinite(off).any():
        return [
            {
                "rule": "unchecked",
                "text_vi": "Số điểm khống chế vừa đủ: không có điểm nào để kiểm tra, sai sót sẽ không lộ ra.",
                "text_en": "There are just enough control points: none is left to check by, a mistake would not show.",
            }
        ]
    worst = int(np.argmax(np.where(np.isfinite(off), off, -1)))
    rest = np.delete(off, worst)
    if len(off) > 4 and off[worst] > _FAR * max(1.0, float(np.median(rest))):
        name, far = controls.names[worst], off[worst]
        return [
            {
                "rule": "blunder",
                "text_vi": f"Điểm {name} lệch {far:.1f} điểm ảnh so với các điểm khác: hãy xem lại điểm này.",
                "text_en": f"Point {name} is {far:.1f} pixels off what the others say: look at it again.",
            }
        ]
    return []


def _no_fit(error: NoFitError, controls: Controls, name: str) -> Refused:
    n = len(controls.names)
    vi, en = {
        "few": (
            f"Có {n} điểm khống chế; cần ít nhất 3 điểm không thẳng hàng.",
            f"There are {n} control points; it takes at least 3, not on one line.",
        ),
        "line": (
            "Các điểm khống chế nằm trên một đường thẳng: hãy thêm điểm ở góc khác của tờ.",
            "The control points lie on one line: add one at another corner of the sheet.",
        ),
        "many": ("Quá nhiều điểm khống chế.", "There are too many control points."),
    }.get(error.reason, ("Các điểm khống chế mâu thuẫn nhau.", "The control points contradict each other."))
    if error.reason == "repeated":
        one, two = (controls.names[i] for i in error.points)
        vi = f"Điểm {one} và {two} trùng một chỗ: hãy bỏ một điểm."
        en = f"The points {one} and {two} are one place: leave one out."
    return UnusablePoints(vi, en, name)


def _edge(width: int, height: int) -> Floats:
    """Points along the border of a picture."""
    ring = np.array([(0, 0), (width, 0), (width, height), (0, height), (0, 0)], dtype=np.float64)
    return _along(ring)


def _along(ring: Floats) -> Floats:
    steps = np.linspace(0, 1, _EDGE_STEPS, endpoint=False)[:, None]
    sides = [a + (b - a) * steps for a, b in pairwise(ring)]
    return np.vstack([*sides, ring[-1:]])


def _outline(found: _Place, ring: Floats, name: str) -> shapely.Geometry:
    """What a ring of pixels encloses, EPSG:3857. Raises: UnusablePoints."""
    try:
        there = found.ground.to_web(np.asarray(found.forward(ring)))
    except NoFitError:
        there = np.full((1, 2), np.nan)
    if not np.isfinite(there).all() or np.abs(there).max() > 20037508.4:
        raise UnusablePoints(
            "Với vị trí này, một phần ảnh rơi ra ngoài mặt đất hoặc bị gấp: hãy kiểm tra điểm khống chế và hệ tọa độ.",
            "Placed so, a part of the picture folds over, or lies nowhere on the ground: check its points and its "
            "coordinate system.",
            name,
        )
    polygon = shapely.Polygon(there)
    return polygon if polygon.is_valid else shapely.make_valid(polygon)


def _crop(found: _Place, options: Mapping[str, Any], name: str) -> shapely.Geometry | None:
    corners = options.get("crop_pixels") or ()
    if corners:
        ring = np.array([*corners, corners[0]], dtype=np.float64)
        if len(corners) < 3 or shapely.Polygon(ring).area < 1:
            raise UnusablePoints(
                "Khung cắt cần ít nhất ba góc.", "A frame to crop to has at least three corners.", name
            )
        return _outline(found, _along(ring), name)
    return shapely.from_wkb(bytes.fromhex(options["crop_web"])) if options.get("crop_web") else None


def _degrees(web_m: Floats) -> Floats:
    from importers.crs import web_to_wgs84

    return np.stack(web_to_wgs84(web_m[:, 0], web_m[:, 1]), axis=1)


def _number(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
