"""Plans on paper: what is drawn has its true size, at every scale and on every paper; what cannot be drawn is said."""

from collections.abc import Iterator
from io import BytesIO

import httpx
import numpy as np
import pytest
from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream, DictionaryObject

from api import plans
from geo import crs
from tests.api.asked import Asked, asking, problem_in
from tests.conftest import Clone, Serve
from tests.register.handed_in import EAST, EPSG, NORTH

MM = 72 / 25.4
TRUE = 0.003
SIZES = {"a4": (210, 297), "a3": (297, 420)}
Box = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def office(clone: Clone, serve: Serve) -> Iterator[Asked]:
    with asking(clone, serve) as asked:
        yield asked


def place(east: float, north: float) -> list[float]:
    """Degrees of a point so many metres from the corner of the street."""
    lon, lat = crs.to_wgs84(EPSG, [EAST + east], [NORTH + north])
    return [float(lon[0]), float(lat[0])]


def plan(office: Asked, **asked: object) -> httpx.Response:
    return office.client.post(
        "/api/v1/plans", json={"center": place(10, 15), "scale": 200, **asked}, timeout=120
    )


def page_of(answer: httpx.Response) -> PageObject:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    (page,) = PdfReader(BytesIO(answer.content)).pages
    return page


def outlines(page: PageObject) -> list[Box]:
    """West, south, east, north of each closed outline on the page, in millimetres of paper."""
    found: list[Box] = []
    waiting = [(page.get_contents(), page["/Resources"].get_object(), np.eye(3))]
    while waiting:
        content, resources, now = waiting.pop()
        kept: list[np.ndarray] = []
        points: list[tuple[float, float]] = []
        for operands, operator in ContentStream(content, None).operations:
            if operator == b"q":
                kept.append(now)
            elif operator == b"Q":
                now = kept.pop()
            elif operator == b"cm":
                now = matrix(operands) @ now
            elif operator in (b"m", b"l"):
                points = [*(points if operator == b"l" else []), tuple(map(float, operands))]  # type: ignore[list-item]
            elif operator == b"h" and points:
                paper = np.column_stack((points, np.ones(len(points)))) @ now / MM
                found.append((*paper[:, :2].min(axis=0), *paper[:, :2].max(axis=0)))
            elif operator == b"Do":
                form = resources["/XObject"][operands[0]].get_object()
                if form["/Subtype"] == "/Form":
                    inner = matrix(form.get("/Matrix", [1, 0, 0, 1, 0, 0])) @ now
                    waiting.append((form, form.get("/Resources", DictionaryObject()).get_object(), inner))
    return found


def matrix(values: object) -> np.ndarray:
    a, b, c, d, e, f = map(float, values)  # type: ignore[call-overload]
    return np.array([[a, b, 0], [c, d, 0], [e, f, 1]])


def has(boxes: list[Box], wide_mm: float, high_mm: float) -> list[Box]:
    """Those that are so large, to three thousandths."""
    return [
        box
        for box in boxes
        if box[2] - box[0] == pytest.approx(wide_mm, rel=TRUE)
        and box[3] - box[1] == pytest.approx(high_mm, rel=TRUE)
    ]


@pytest.mark.parametrize(("scale", "paper", "orientation"), [
    (200, "a4", "portrait"), (500, "a4", "landscape"), (1000, "a3", "landscape"), (2000, "a4", "portrait"),
])  # fmt: skip
def test_a_known_distance_has_its_true_length_on_paper(
    office: Asked, scale: int, paper: str, orientation: str
) -> None:
    center = place(70, 30) if scale == 1000 else place(10, 15) if scale < 1000 else place(70, 40)
    page = page_of(plan(office, scale=scale, paper=paper, orientation=orientation, center=center))
    short, long = SIZES[paper]
    size = (short, long) if orientation == "portrait" else (long, short)
    assert (float(page.mediabox.width) / MM, float(page.mediabox.height) / MM) == pytest.approx(
        size, abs=0.01
    )
    boxes = outlines(page)
    per_m = 1000 / scale
    assert has(boxes, 15 * per_m, 2 * per_m)  # the road
    lots = has(boxes, 5 * per_m, 20 * per_m)
    assert len(lots) >= 3
    if scale >= 1000:  # the field lies a hundred metres east of the street's corner
        (field,) = {tuple(np.round(box, 3)) for box in has(boxes, 40 * per_m, 60 * per_m)}
        west = min(box[0] for box in lots)
        assert field[0] - west == pytest.approx(100 * per_m, rel=TRUE)


@pytest.mark.parametrize("scale", [5000, 10000])
def test_small_scales_are_true_too(office: Asked, scale: int) -> None:
    page = page_of(plan(office, scale=scale, center=place(100, 50)))
    per_m = 1000 / scale
    lefts = sorted({round(box[0], 3) for box in has(outlines(page), 40 * per_m, 60 * per_m)})
    assert len(lefts) == 1
    holes = [box for box in outlines(page) if abs(box[0] - lefts[0] - 40 * per_m) < 0.02]
    assert holes  # the next field begins where this one ends


def test_the_plan_of_a_parcel_says_which_and_how_long_its_sides_are(office: Asked) -> None:
    code = office.codes["1", "1"]
    page = page_of(plan(office, code=code.upper(), center=place(2.5, 10)))
    said = page.extract_text()
    for words in (code[:4], "Tờ bản đồ", "100,0", "100,5", "12 Đường Trần Phú", "5,00", "20,00", "VN-2000"):
        assert words in said, words
    assert f"1:{200}" in said
    assert "THỬA ĐẤT SỐ 1, TỜ BẢN ĐỒ SỐ 1" in said
    assert "Đất ở" in said  # the key
    english = page_of(plan(office, code=code, lang="en", center=place(2.5, 10))).extract_text()
    assert "PARCEL 1, MAP SHEET 1" in english
    assert "100.5" in english


def test_the_grid_s_coordinates_stand_at_the_frame(office: Asked) -> None:
    said = page_of(plan(office, scale=500, center=place(10, 15))).extract_text().replace("\u00a0", " ")
    round_east = f"{round((EAST + 10) / 50) * 50:,}".replace(",", " ")
    assert round_east in said


def test_a_title_is_words_and_nothing_else(office: Asked) -> None:
    title = '#set page("a0") $x$ *đậm* \\ <a> "”'
    said = page_of(plan(office, title=title)).extract_text()
    assert '#set page("a0") $x$ *đậm*' in said


def test_where_no_parcel_is_there_is_a_plan_all_the_same(office: Asked) -> None:
    page = page_of(plan(office, center=[107.0, 11.0], scale=5000))
    assert "107°00′" in page.extract_text()


def test_as_of_a_day(office: Asked) -> None:
    before = page_of(plan(office, as_of="2020-01-01"))
    assert not has(outlines(before), 25, 100)
    assert "Bản đồ tại 2020-01-01" in before.extract_text()


def test_too_many_parcels_are_refused_in_a_sentence(office: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_PARCELS", 3)
    problem = problem_in(plan(office))
    assert problem["status"] == 413
    assert "hơn 3 thửa" in problem["detail_vi"]


@pytest.mark.parametrize("asked", [
    {"scale": 300}, {"center": [0, 0]}, {"center": [108.2]}, {"paper": "a0"}, {"title": "x" * 121},
    {"as_of": "yesterday"}, {"code": "nonsense"}, {"more": 1}, {"center": ["nan", 16]},
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(office: Asked, asked: dict[str, object]) -> None:
    assert problem_in(plan(office, **asked))["status"] == 422


def test_a_look_there_is_not(office: Asked) -> None:
    assert problem_in(plan(office, look="gold"))["status"] == 404


def test_the_choices_tell_papers_scales_and_the_zone(office: Asked) -> None:
    told = office.json("/api/v1/plans", at=",".join(map(str, place(10, 15))))
    assert told["scales"] == [200, 500, 1000, 2000, 5000, 10000]
    assert told["zone"]["epsg"] == EPSG
    assert {(one["paper"], one["orientation"]) for one in told["papers"]} == {
        (paper, way) for paper in SIZES for way in ("portrait", "landscape")
    }
    assert office.json("/api/v1/plans", at="105.1,21")["zone"]["epsg"] == 5897
