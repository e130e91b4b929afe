"""Batches of a layer as it is to batches of drafts, and what is wrong with single records.

A record without sheet or number is refused, not stored under an empty one: nobody could ask for it again, and the office
must say what it is (a column named by `--map`, or a corrected file). A number may be any text, also "0", as roads have it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.crs import ZONES
from geo.finding import Finding
from geo.tolerance import AREA_M2, area_tolerance_m2
from importers import clean, crs, texts, wkb
from importers.clean import Bad
from importers.columns import Columns
from importers.draft import DRAFT_SCHEMA
from importers.errors import EmptyFile, MissingColumn
from importers.legacy_columns import LegacyColumns

_TEXTS = ("map_set", "address", "house", "street", "hamlet", "postcode")


@dataclass(slots=True)
class Result:
    """A batch of drafts and what was found: `read` = rows of the batch + one finding that stops per refused record."""

    drafts: pa.RecordBatch
    findings: list[Finding]
    read: int


@dataclass(slots=True)
class Normaliser:
    """Everything known about one layer. `zone_of` answers for a commune code; `definition` is the file's CRS."""

    name: str
    columns: Columns
    definition: str | None
    wanted_crs: int | None
    commune: str | None
    zone_of: Callable[[str], int | None]
    ids: str | None = None
    source: crs.Source | None = None
    rows: int = 0
    _zones: dict[str, int | None] = field(default_factory=dict)
    _told: set[tuple[str, int]] = field(default_factory=set)
    _notes: Counter[str] = field(default_factory=Counter)
    _legacy: LegacyColumns = field(default_factory=LegacyColumns)

    def batch(self, batch: pa.RecordBatch, shapes: pa.Array, records: pa.Array | None) -> Result:
        """Drafts of one batch; `shapes` is WKB, `records` the feature ids (None: rows are counted).

        Raises: NoCrs, WrongCrs, SwappedAxes, MissingColumn (no commune).
        """
        n = batch.num_rows
        first = self.rows
        self.rows += n
        if records is None:
            records = pa.array(np.arange(first + 1, first + n + 1, dtype=np.int64))
        raw = clean.unpack(shapes)
        communes = self._communes(batch, n)
        source = self._source(raw, communes)
        stops: dict[int, Bad] = {}
        zones = self._zones_of(communes, source, stops)
        for row in np.flatnonzero(raw.flat.status != wkb.OK).tolist():
            stops.setdefault(row, Bad(row, *clean.REASONS[int(raw.flat.status[row])]))
        outside = ~crs.inside(source, raw.box) & (raw.flat.status == wkb.OK)
        for row in np.flatnonzero(outside).tolist():
            box = raw.box[row]
            where = f"x {box[0]:.6g}…{box[2]:.6g}, y {box[1]:.6g}…{box[3]:.6g}"
            stops.setdefault(
                row,
                Bad(
                    row,
                    "outside",
                    f"tọa độ nằm ngoài Việt Nam ({where})",
                    f"its coordinates are outside Vietnam ({where})",
                ),
            )
        fields = self._fields(batch, n)
        for name, vi in (("sheet", "số tờ bản đồ"), ("number", "số thứ tự thửa")):
            for row in np.flatnonzero(np.asarray(fields[name].is_null())).tolist():
                en = "sheet number" if name == "sheet" else "parcel number"
                stops.setdefault(
                    row,
                    Bad(
                        row,
                        f"no_{name}",
                        f"thiếu {vi}; nếu ở cột khác: --map {name}=TÊN_CỘT",
                        f"it has no {en}; if another column has it: --map {name}=COLUMN",
                    ),
                )
        places = clean.places(raw, list(stops), source) if stops else {}
        wanted = np.ones(n, np.bool_)
        wanted[list(stops)] = False
        clean.convert(raw, source, zones)
        scales = fields["scale"].to_pylist() if raw.repaired or fields["scale"].null_count < n else None

        def tolerance_m2(area_m2: float, row: int) -> float:
            scale = scales[row] if scales is not None else None
            return area_tolerance_m2(area_m2, scale if scale in AREA_M2 else None)

        cleaned, refused, mended = clean.finish(raw, zones, wanted, tolerance_m2)
        for bad in refused:
            stops.setdefault(bad.row, bad)
        findings = self._notes_of(batch, fields, source, zones, wanted)
        findings += [
            self._finding(b, "stops", records, fields, batch, places) for _, b in sorted(stops.items())
        ]
        findings += [self._finding(b, "note", records, fields, batch, places) for b in mended]
        drafts = self._drafts(fields, communes, zones, records, cleaned, n)
        if stops:
            keep = np.ones(n, np.bool_)
            keep[list(stops)] = False
            drafts = drafts.filter(pa.array(keep))
        return Result(drafts.cast(DRAFT_SCHEMA), findings, n)

    def _column(self, batch: pa.RecordBatch, field: str) -> pa.Array | None:
        name = self.columns.column_of.get(field)
        return None if name is None else batch.column(batch.schema.names.index(name))

    def _communes(self, batch: pa.RecordBatch, n: int) -> pa.Array:
        values = self._column(batch, "commune")
        constant = self.columns.constant_of.get("commune") or self.commune
        if values is None:
            if not constant:
                raise MissingColumn(
                    "Tệp không có cột mã xã. Hãy chỉ rõ: --commune MÃ_XÃ (5 số), hoặc --map commune=TÊN_CỘT.",
                    "The file has no column of commune codes. Say it: --commune CODE (5 digits), or --map commune=COLUMN.",
                    self.name,
                )
            return texts.commune(pa.repeat(pa.scalar(constant), n))
        told = texts.commune(values)
        if constant:
            told = pc.fill_null(told, texts.commune(pa.array([constant]))[0])
        return told

    def _source(self, raw: clean.Raw, communes: pa.Array) -> crs.Source:
        if self.source is not None:
            return self.source
        box = clean.middle_box(raw.box)
        source = crs.identify(self.definition, self.wanted_crs, self.name)
        if source is None:
            raise crs.missing(box, communes.unique().drop_null().to_pylist()[:100], self._zone, self.name)
        if box is not None:
            wrong = crs.contradiction(source, box, self.name)
            if wrong is not None:
                raise wrong
            self.source = source
        return source

    def _zone(self, commune: str) -> int | None:
        if commune not in self._zones:
            zone = self.zone_of(commune)
            self._zones[commune] = zone if zone in ZONES else None
        return self._zones[commune]

    def _zones_of(self, communes: pa.Array, source: crs.Source, stops: dict[int, Bad]) -> NDArray[np.int32]:
        """The zone of each record's coordinates (0: none); records of unknown communes are stopped."""
        coded = communes.dictionary_encode()
        names = coded.dictionary.to_pylist()
        zones = np.array([self._zone(name) or 0 for name in names] + [0], np.int32)
        index = pc.fill_null(coded.indices, len(names)).to_numpy(zero_copy_only=False)
        per_row = zones[index]
        for row in np.flatnonzero(per_row == 0).tolist():
            if index[row] == len(names):
                stops[row] = Bad(
                    row,
                    "no_commune",
                    "thiếu mã xã; có thể thêm --commune MÃ_XÃ",
                    "it has no commune code; --commune CODE can give it",
                )
            else:
                code = names[index[row]]
                stops[row] = Bad(
                    row,
                    "unknown_commune",
                    f"không biết mã xã “{code}”; hãy sửa mã, hoặc cập nhật danh mục: diachinh units import",
                    f'commune code "{code}" is not known; correct it, or update the list: diachinh units import',
                )
        if source.projected:
            per_row = np.where(per_row == 0, 0, source.epsg).astype(np.int32)
        return np.asarray(per_row, np.int32)

    def _fields(self, batch: pa.RecordBatch, n: int) -> dict[str, pa.Array]:
        fields: dict[str, pa.Array] = {}
        for name in ("sheet", "number", "land_use", *_TEXTS):
            fields[name] = self._text(batch, name, n)
        self._legacy.read(fields)
        fields["land_use"] = pc.utf8_upper(fields["land_use"])
        parts = (fields[name] for name in ("address", "house", "street", "hamlet"))
        fields["address"] = texts.address_line(*parts)
        scale = self._column(batch, "scale")
        constant = self.columns.constant_of.get("scale")
        fields["scale"] = (
            texts.scale(scale) if scale is not None
            else texts.scale(pa.repeat(pa.scalar(constant), n)) if constant
            else pa.nulls(n, pa.int32())
        )  # fmt: skip
        code = self._column(batch, "code")
        fields["code"] = pa.nulls(n, pa.string()) if code is None else texts.code(code)
        area = self._column(batch, "legal_area_m2")
        if area is None:
            fields["legal_area_m2"], fields["bad_area"] = pa.nulls(n, pa.float64()), pa.nulls(0, pa.bool_())
        else:
            value, bad = texts.number(area)
            negative = pc.fill_null(pc.less(value, 0), False)
            fields["legal_area_m2"] = pc.if_else(negative, pa.scalar(None, pa.float64()), value)
            fields["bad_area"] = pc.or_(bad, negative)
        return fields

    def _text(self, batch: pa.RecordBatch, name: str, n: int) -> pa.Array:
        values = self._column(batch, name)
        if values is not None:
            return texts.text(values)
        constant = self.columns.constant_of.get(name)
        return pa.repeat(pa.scalar(constant), n) if constant else pa.nulls(n, pa.string())

    def _drafts(
        self,
        fields: dict[str, pa.Array],
        communes: pa.Array,
        zones: NDArray[np.int32],
        records: pa.Array,
        shapes: pa.Array,
        n: int,
    ) -> pa.RecordBatch:
        made = {
            "file": pa.repeat(pa.scalar(self.name), n),
            "record": records.cast(pa.int64()),
            "epsg": pa.array(zones),
            "commune": communes,
            "shape": shapes,
        }
        columns = [made.get(f.name, fields.get(f.name)) for f in DRAFT_SCHEMA]
        return pa.RecordBatch.from_arrays(
            columns, schema=pa.schema([f.with_nullable(True) for f in DRAFT_SCHEMA])
        )

    def record(self, row: int, records: pa.Array, fields: dict[str, pa.Array], batch: pa.RecordBatch) -> str:
        """The record in the user's terms: `phuong.geojson #12 (OBJECTID 967812, 1/5)`; sheet/number at the end."""
        inner = []
        if self.ids is not None:
            value = batch.column(batch.schema.names.index(self.ids))[row].as_py()
            if value is not None:
                inner.append(f"{self.ids} {value}")
        sheet, number = fields["sheet"][row].as_py(), fields["number"][row].as_py()
        if sheet is not None or number is not None:
            inner.append(f"{sheet or '?'}/{number or '?'}")
        tail = f" ({', '.join(inner)})" if inner else ""
        return f"{self.name} #{records[row].as_py()}{tail}"

    def _finding(
        self,
        bad: Bad,
        severity: str,
        records: pa.Array,
        fields: dict[str, pa.Array],
        batch: pa.RecordBatch,
        places: dict[int, tuple[float, float]],
    ) -> Finding:
        lon, lat = (
            (bad.lon_deg, bad.lat_deg) if bad.lon_deg is not None else places.get(bad.row, (None, None))
        )
        record = self.record(bad.row, records, fields, batch)
        text_vi = bad.text_vi[0].upper() + bad.text_vi[1:] + "."
        text_en = bad.text_en[0].upper() + bad.text_en[1:] + "."
        return Finding(
            bad.rule, "stops" if severity == "stops" else "note", text_vi, text_en, record, lon, lat, bad.size
        )

    def _notes_of(
        self,
        batch: pa.RecordBatch,
        fields: dict[str, pa.Array],
        source: crs.Source,
        zones: NDArray[np.int32],
        wanted: NDArray[np.bool_],
    ) -> list[Finding]:
        """What was done to the file as a whole, once each; areas that are no number, per record."""
        notes: list[Finding] = []
        used = [int(z) for z in np.unique(zones[wanted])] if wanted.any() else []
        for zone in used:
            if source.projected or ("converted", zone) in self._told:
                continue
            self._told.add(("converted", zone))
            notes.append(self._note(
                "converted",
                f"Tọa độ {source.name} được chuyển một lần sang {ZONES[zone].name} (EPSG:{zone}), múi bản đồ của xã.",
                f"Coordinates in {source.name} were converted once into {ZONES[zone].name} (EPSG:{zone}), "
                    "the zone of the commune's maps.",
            ))  # fmt: skip
        if source.projected:
            usual = sorted({z for z in self._zones.values() if z is not None and z != source.epsg})
            if usual and ("zone", usual[0]) not in self._told:
                self._told.add(("zone", usual[0]))
                names = ", ".join(f"{ZONES[z].name} (EPSG:{z})" for z in usual)
                notes.append(self._note(
                    "zone",
                    f"Tệp ở {ZONES[source.epsg].name} (EPSG:{source.epsg}); bản đồ của xã thường ở {names}. Giữ theo tệp.",
                    f"The file is in {ZONES[source.epsg].name} (EPSG:{source.epsg}); "
                    f"the commune's maps are usually in {names}. Kept as in the file.",
                ))  # fmt: skip
            if source.by == "parameters" and ("parameters", 0) not in self._told:
                self._told.add(("parameters", 0))
                notes.append(self._note(
                    "matched_crs",
                    f"Hệ tọa độ “{source.name}” không có mã EPSG; tham số trùng với EPSG:{source.epsg}.",
                    f'The system "{source.name}" has no EPSG code; its parameters are those of EPSG:{source.epsg}.',
                ))  # fmt: skip
        for name, taken, left in self.columns.doubts:
            if (name + left, 0) not in self._told:
                self._told.add((name + left, 0))
                notes.append(self._note(
                    "column_left",
                    f"Cột “{taken}” được dùng cho {name}; cột “{left}” cũng có thể là {name} và không được dùng.",
                    f'Column "{taken}" was used for {name}; column "{left}" could be {name} too and was not used.',
                ))  # fmt: skip
        if self._legacy.encoding is not None and ("legacy_text", 0) not in self._told:
            self._told.add(("legacy_text", 0))
            name = self._legacy.encoding
            notes.append(self._note(
                "legacy_text",
                f"Chữ trong tệp theo bảng mã {name} và đã được đổi sang Unicode.",
                f"Texts of the file are in {name} and were read as Unicode.",
            ))  # fmt: skip
        if fields["bad_area"].true_count:
            told = texts.text(self._column(batch, "legal_area_m2"))
            for row in np.flatnonzero(fields["bad_area"].to_numpy(zero_copy_only=False)).tolist():
                value = told[row].as_py()
                records = pa.array(np.arange(self.rows - batch.num_rows + 1, self.rows + 1))
                notes.append(Finding(
                    "bad_area", "note",
                    f"Diện tích “{value}” không phải số không âm; để trống.",
                    f'Area "{value}" is not a number of zero or more; left empty.',
                    self.record(row, records, fields, batch),
                ))  # fmt: skip
        return notes

    def _note(self, rule: str, text_vi: str, text_en: str) -> Finding:
        return Finding(rule, "note", text_vi, text_en, self.name)

    def ended(self) -> None:
        """To be called after the last batch. Raises: EmptyFile where the layer had no record."""
        if self.rows == 0:
            raise EmptyFile("Tệp không có bản ghi nào.", "The file has no records.", self.name)
