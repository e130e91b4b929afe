"""Lists of addresses without shapes: CSV rows that name their parcel by sheet and number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from importers import delimited, texts
from importers.columns import Columns, recognise
from importers.errors import NoGeometry, Refused
from importers.source import SourceFile

ADDRESS_SCHEMA = pa.schema(
    [pa.field(name, pa.string()) for name in ("record", "commune", "sheet", "number", "address", "postcode")]
)
_PARTS = ("address", "house", "street", "hamlet", "postcode")


@dataclass(frozen=True, slots=True)
class AddressList:
    """A recognised list: where its columns stand; `commune` for files without that column."""

    table: delimited.Delimited
    columns: Columns
    commune: str | None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Rows in ADDRESS_SCHEMA; the text of a row without one is put together from house, street and hamlet."""
        name = self.table.source.name
        for batch, _, records in self.table.batches():
            field = {key: self._field(batch, key) for key in (*_PARTS, "commune", "sheet", "number")}
            line = texts.address_line(*(field[key] for key in ("address", "house", "street", "hamlet")))
            rows = [f"{name}#{n}" for n in records.to_pylist()]
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array(rows, pa.string()),
                    texts.commune(field["commune"]),
                    field["sheet"],
                    field["number"],
                    line,
                    field["postcode"],
                ],
                schema=ADDRESS_SCHEMA,
            )

    def _field(self, batch: pa.RecordBatch, key: str) -> pa.Array:
        column = self.columns.column_of.get(key)
        if column is not None:
            return texts.text(batch.column(batch.schema.names.index(column)))
        constant = self.columns.constant_of.get(key, self.commune if key == "commune" else None)
        return pa.array([constant] * batch.num_rows, pa.string())


def recognised(source: SourceFile, mapping: Mapping[str, str], commune: str | None) -> AddressList | None:
    """`source` as an address list; None where it holds shapes, or no sheet, number and address."""
    if source.format != "csv" or "shape" in mapping:
        return None
    try:
        delimited.opened(source, None)
    except NoGeometry:
        pass
    except Refused:
        return None
    else:
        return None
    try:
        table = delimited.opened(source, None, shapes=False)
        columns = recognise(table.fields, mapping, source.name)
    except Refused:
        return None
    if not any(part in columns.column_of for part in _PARTS):
        return None
    return AddressList(table, columns, commune)
