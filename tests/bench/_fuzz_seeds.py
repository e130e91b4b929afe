"""What fuzzing begins with: small surveys in every format, written here, and real files where they lie beside."""

import io
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import shapely

from importers.sample.surveys.formats import FORMATS
from importers.sample.surveys.survey import Label, Lot, Survey, labelled
from tests.bench import _fuzz_edigeo
from tests.bench._fuzz_target import MAX_INPUT_BYTES, joined
from tests.importers.drawing.test_dgn import town
from tests.importers.parcels import DATA, squares, write

E0, N0 = 544_000.0, 1_777_000.0
_NAMES = {"dxf": "dxf", "points": "points", "gsi16": "gsi"}

NIKON = """CO,Nikon RAW data format V2.00
CO,Dist Units: Metres
CO,Angle Units: DDDMMSS
CO,Zero VA: Zenith
CO,Coord Order: NEZ
MP,1,,1777000.000,544000.000,5.250,TRAM
MP,2,,1777100.000,544000.000,5.250,
ST,1,,2,,1.430,0.0000,0.0000
F1,2,1.500,100.000,0.0000,90.0000,13:47:08
SS,11,1.500,28.284,45.0000,90.0000,14:00:04,R12
SS,12,1.500,20.986,107.9916,92.3376,14:00:51,R12
SS,13,1.500,37.706,150.4894,93.4372,14:01:30,R12 C
CP,14,,1.500,8.986,107.5959,92.3000,14:02:48,R12/R13
CO,the end
"""
RW5 = """JB,NMKHU1,DT01-01-2026,TM10:00:00
MO,AD0,UN1,SF1.00000000,EC0,EO0.0,AU0
OC,OP1,N 1777000.000,E 544000.000,EL5.250,--TRAM
--SP,PN9,N 1777010.000,E 544010.000,EL5.000,--R13
SP,PN2,N 1777100.000,E 544000.000,EL5.250,--SAU
LS,HI1.4300,HR1.5000
BK,OP1,BP2,BS0.00000,BC0.00000
SS,OP1,FP11,AR45.00000,ZE90.00017,SD28.2840,--R12
SS,OP1,FP12,AZ107.55521,VA2.30017,SD20.9860,--R12
SS,OP1,FP13,AL150.05521,HD37.7060,--R12 C
BD,OP1,FP2,AR0.00000,ZE90.00000,SD100.000,--
"""
GTS_POLAR = (
    "_'1_(TRAM_)1.540_+2_ ?+00100000m0900000+0000000d+00100000t**+00+00111_*SAU_,1.500"
    "_+11_ ?+00028284m0900017+0450000d+00028284t**+00+00099_*R12_,1.500"
    "_+12_ ?+00020986m0923000+1075521d+00020960t**+00+00099_*R12"
    "_+13_ ?+00037706m0970930+1500000g+00037530t**+00+00099_*R12 C_,1.500"
)
GTS_PLANE = (
    "_+1_ x+1777000000m_ y+544000000m_ z+5250m_*R12_+2_ x+1777000000_ y+544020000_ z+5250_*R12"
    "_+3_ x+1777030500_ y+544020000_ z+5250_*R12 C_+4_ x+1777030500f_ y+544000000f_*CD"
)
MOJXML = """<?xml version="1.0" encoding="UTF-8"?>
<地図 xmlns="http://www.moj.go.jp/MINJI/tizuxml" xmlns:zmn="http://www.moj.go.jp/MINJI/tizuzumen">
<version>ver1.0</version><地図名>A1-1</地図名><市区町村名>町</市区町村名><座標系>公共座標9系</座標系>
<空間属性>{points}{curves}<zmn:GM_Surface id="F1"><zmn:GM_Surface.patch><zmn:GM_Polygon><zmn:GM_Polygon.boundary>
<zmn:GM_SurfaceBoundary><zmn:GM_SurfaceBoundary.exterior><zmn:GM_Ring>{generators}</zmn:GM_Ring>
</zmn:GM_SurfaceBoundary.exterior></zmn:GM_SurfaceBoundary></zmn:GM_Polygon.boundary></zmn:GM_Polygon>
</zmn:GM_Surface.patch></zmn:GM_Surface></空間属性>
<主題属性><筆界点 id="H1"><点番名>K1</点番名><形状 idref="P1"/></筆界点>
<基準点 id="H2"><名称>B2</名称><形状 idref="P2"/></基準点>
<筆 id="H3"><大字名>字</大字名><丁目名>１丁目</丁目名><地番>１２－３</地番><形状 idref="F1"/></筆></主題属性>
<図郭 id="Z1"><縮尺分母>500</縮尺分母></図郭></地図>
"""


TITLED = """Thửa đất số: 12, tờ bản đồ số 5
1 1777000.000 544000.000
2 1777000.000 544020.000
3 1777030.500 544020.000
"""
CODED = """1,1777000.000,544000.000,5.2,R12
2,1777000.000,544020.000,5.2,R12/R13
3,1777030.500,544020.000,5,R12 C
"""
LOCAL = """STT;A;B
1;100,25;200,5
2;100,25;240,5
3;130,75;240,5
"""


# The oldest DXF, which is read fastest: pairs of code and value; XY stands for the place 0 0.
DXF = """0 SECTION|2 BLOCKS|0 BLOCK|8 0|2 B|70 0|XY|0 LINE|8 0|XY|11 9|21 0|0 ATTDEF|8 0|XY|40 1|1 q|2 T|0 ENDBLK|0 ENDSEC
0 SECTION|2 ENTITIES|0 LINE|8 10|XY|11 20|21 0|0 POLYLINE|8 10|66 1|70 1|0 VERTEX|8 10|XY|42 0.5|0 VERTEX|8 10|10 20|20 0
0 VERTEX|8 10|10 20|20 30|0 SEQEND|8 10|0 ARC|8 10|XY|40 5|50 0|51 90|0 CIRCLE|8 10|XY|40 5|0 TEXT|8 13|10 5|20 5|40 1|1 12/610
0 INSERT|8 13|66 1|2 B|XY|41 2|50 30|70 2|71 2|44 9|45 9|0 ATTRIB|8 13|XY|40 1|1 13|2 T|0 SEQEND|8 13|0 POINT|8 1|XY
0 SOLID|8 1|XY|11 1|21 0|12 1|22 1|13 0|23 1|0 ENDSEC|0 EOF"""


def lots() -> tuple[Lot, ...]:
    """Four plots in a row, 20 m by 30.5 m: a plain one, one with a hole, one of two parts, one with a notch."""
    plain = [shapely.box(E0 + 20 * i, N0, E0 + 20 * i + 20, N0 + 30.5) for i in range(4)]
    holed = shapely.Polygon(
        plain[1].exterior, [shapely.box(E0 + 25, N0 + 5, E0 + 30, N0 + 10).exterior.coords]
    )
    notched = shapely.Polygon(
        [(E0 + 60, N0), (E0 + 80, N0), (E0 + 80, N0 + 30.5), (E0 + 70, N0 + 12.25), (E0 + 60, N0 + 30.5)]
    )
    made = (plain[0], holed, plain[2], notched)
    return tuple(
        labelled(Lot(str(n), "7", shape, "ODT", 500, 610.0, round(shape.area, 1), f"1.20207.{n}", "Tổ 3, phường Cửa Ông"))
        for n, shape in enumerate(made, 12)
    )  # fmt: skip


def surveys() -> list[Survey]:
    """A plain survey, and one with all that surveyors do wrong and all that a format can hold."""
    plain = Survey(lots()[:2])
    east = shapely.box(E0 + 100, N0, E0 + 120, N0 + 30.5)
    parted = shapely.MultiPolygon([lots()[2].shape, east])  # type: ignore[list-item]
    odd = (
        replace(lots()[0], open=True),
        replace(lots()[1], number=None),
        replace(lots()[2], shape=parted),
        replace(lots()[3], unknown_corner=True),
    )
    line = np.array([[E0, N0 + 12], [E0 + 19.8, N0 + 12]])
    return [
        plain,
        Survey(
            odd,
            (Label(13, "99/610.0", (E0 - 30, N0)), Label(13, "Đất ở", (E0 + 5, N0 + 5))),
            (line,),
            (((E0 + 80, N0), (E0 + 80, N0 + 30.5), 0.4),),
            (line + 40,),
            (("M1", E0, N0), ("M2", E0 + 20, N0)),
            encoding="tcvn3",
        ),
        Survey((Lot("1", "7", None, None), Lot("2", "7", shapely.box(0, 0, 1, 1).reverse(), "CLN+ONT"))),
    ]


def _written(name: str) -> Iterator[bytes]:
    """The sample generator's files of a reader."""
    of = [f for f in FORMATS.values() if f.name == name or _NAMES.get(f.name.split("_")[0]) == name]
    for form in of:
        for survey in surveys():
            with tempfile.TemporaryDirectory() as folder:
                try:
                    yield form.write(Path(folder) / form.file, survey).read_bytes()
                except (AttributeError, TypeError, ValueError):
                    continue  # not every format holds everything


def _made(name: str) -> Iterator[bytes]:
    """Those made by hand here."""
    if name == "dxf":
        pairs = DXF.replace("\n", "|").replace("XY", "10 0|20 0").split("|")
        yield "".join(f"{code}\n{value}\n" for code, value in (pair.split(" ", 1) for pair in pairs)).encode()
    elif name == "dgn":
        yield town().bytes()
        yield town().arc((E0, N0), 5.0, 10.0, 120.0).text(b"Th\xf6a", (E0, N0), 2).bytes()
    elif name == "nikon":
        yield NIKON.encode()
    elif name == "rw5":
        yield RW5.encode()
    elif name == "gts":
        for text in (GTS_POLAR, GTS_PLANE):
            blocks = [text[i : i + 119] for i in range(0, len(text), 119)]
            yield b"\r\n".join(b"\x02%s%04d\x03" % (b.encode(), n) for n, b in enumerate(blocks))
            yield text.encode()
    elif name == "mojxml":
        yield _mojxml().encode()
    elif name == "edigeo":
        yield joined(_fuzz_edigeo.parts())
    elif name == "points":
        yield TITLED.encode()
        yield CODED.encode()
        yield LOCAL.encode("utf-16")
    elif name in ("shp", "fgb", "gpkg", "gml", "geojson"):
        yield from _by_gdal(name)


def _mojxml() -> str:
    corners = [(-42247.0, 25917.0), (-42247.0, 25937.0), (-42217.0, 25937.0), (-42217.0, 25917.0)]
    at = "<zmn:DirectPosition><zmn:X>{}</zmn:X><zmn:Y>{}</zmn:Y></zmn:DirectPosition>"
    points = "".join(
        f'<zmn:GM_Point id="P{n}"><zmn:GM_Point.position>{at.format(*p)}</zmn:GM_Point.position></zmn:GM_Point>'
        for n, p in enumerate(corners, 1)
    )
    ref = (
        '<zmn:GM_PointArray.column><zmn:GM_Position.indirect><zmn:GM_PointRef.point idref="P{}"/>'
        "</zmn:GM_Position.indirect></zmn:GM_PointArray.column>"
    )
    curves = "".join(
        f'<zmn:GM_Curve id="C{n}"><zmn:GM_Curve.segment><zmn:GM_LineString>{ref.format(n)}{ref.format(n % 4 + 1)}'
        "</zmn:GM_LineString></zmn:GM_Curve.segment></zmn:GM_Curve>"
        for n in range(1, 5)
    )
    generators = "".join(f'<zmn:GM_CompositeCurve.generator idref="C{n}"/>' for n in range(1, 5))
    return MOJXML.format(points=points, curves=curves, generators=generators)


def _by_gdal(name: str) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / f"a.{name}", squares(2), kind="Polygon")
        yield _parts(path) if name == "shp" else path.read_bytes()


def _parts(path: Path) -> bytes:
    kept = (".shp", ".shx", ".dbf", ".prj", ".cpg")
    return joined(
        [(p.name, p.read_bytes()) for p in sorted(path.parent.glob(f"{path.stem}.*")) if p.suffix in kept]
    )


_REAL = {
    "dxf": ("malformed_samples/*.dxf", "vn_danphuong_dxf/*.dxf"),
    "points": ("survey_instrument_files/*.csv", "vn_projection_tests/*.csv", "malformed_samples/*.csv"),
    "gsi": ("survey_instrument_files/*.gsi",),
    "sdr33": ("survey_instrument_files/sokkia*",),
    "gts": ("survey_instrument_files/topcon*",),
    "nikon": ("survey_instrument_files/nikon*",),
    "rw5": ("survey_instrument_files/*.rw5",),
    "landxml": ("survey_instrument_files/*.xml", "au_nsw_landxml/*.xml"),
    "mojxml": ("jp_moj_mapxml/*.zip",),
    "edigeo": ("fr_edigeo_25354/*AB01*",),
    "gml": ("malformed_samples/*.gml", "es_canarias_gpkg/*.gml", "vn_vlis_gml/*.gml"),
    "geojson": ("malformed_samples/*.json", "es_canarias_gpkg/*.geojson", "vn_danphuong_dxf/*quy_hoach.geojson"),
    "gpkg": ("es_canarias_gpkg/*.gpkg",),
    "shp": ("malformed_samples/*.shp", "malformed_samples/qgis*.zip"),
    "wkt": ("malformed_samples/*.csv",),
}  # fmt: skip


def _real(name: str) -> Iterator[bytes]:
    """Real files, those that are too long cut to what libFuzzer takes."""
    for path in chain.from_iterable(sorted(DATA.glob(pattern)) for pattern in _REAL.get(name, ())):
        if path.suffix == ".shp":
            yield _parts(path)
        elif path.suffix == ".bz2":
            with tarfile.open(path) as archive:
                files = [(m.name, archive.extractfile(m)) for m in archive if m.isreg()]
                yield joined([(n, f.read()[:20_000]) for n, f in files if f is not None])
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                inside = [(m, archive.read(m)) for m in archive.namelist()]
            yield inside[0][1][:MAX_INPUT_BYTES] if name == "mojxml" else joined(inside)
        else:
            yield path.read_bytes()[:MAX_INPUT_BYTES]


def seeds(name: str) -> Iterator[bytes]:
    """The inputs a reader's fuzzing begins with."""
    for data in chain(_written(name), _made(name), _real(name)):
        yield data
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield joined([(m, archive.read(m)) for m in archive.namelist()])
