"""The map sheets an upload names: each distinct one once, found in the register or made."""

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from register.errors import NotFoundError, SheetZoneError
from register.statements import load
from register.units import settle_communes, settle_divided

Key = tuple[str, str, str, int | None, int]
_KEY_COLUMNS = ("commune", "sheet", "map_set", "scale", "epsg")


@dataclass(slots=True)
class Places:
    """Numbers for the distinct (commune code, sheet number, map set, scale, zone) seen so far."""

    numbers: dict[Key, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    left_to_default: list[tuple[str, str, str, str, int]] = field(default_factory=list)

    def number(self, batch: pa.RecordBatch) -> pa.Array:
        """int32 column: the place of each row."""
        codes = np.zeros(batch.num_rows, np.int64)
        dictionaries = []
        for name in _KEY_COLUMNS:
            column = batch.column(name)
            if name == "map_set":
                column = pc.fill_null(column, "")
            encoded = pc.dictionary_encode(column, null_encoding="encode")
            dictionaries.append(encoded.dictionary.to_pylist())
            codes = codes * len(dictionaries[-1]) + encoded.indices.to_numpy(zero_copy_only=False)
        distinct, where = np.unique(codes, return_inverse=True)
        numbers = np.array([self._of(self._key(int(c), dictionaries)) for c in distinct], np.int32)
        return pa.array(numbers[where])

    @staticmethod
    def _key(code: int, dictionaries: list[list[object]]) -> Key:
        values: list[object] = []
        for dictionary in reversed(dictionaries):
            code, at = divmod(code, len(dictionary))
            values.append(dictionary[at])
        return tuple(reversed(values))  # type: ignore[return-value]

    def _of(self, key: Key) -> int:
        with self.lock:
            return self.numbers.setdefault(key, len(self.numbers))

    def settle(self, conn: psycopg.Connection) -> None:
        """Fill `place`, resolve its communes, find or make its sheets.

        The sheet keeps the commune it was surveyed for; the parcel answers to today's (rules §3.5, §4.5). An old sheet that
        a reorganisation emptied into another one means that one.
        Raises: SheetZoneError.
        """
        sql = load("register", "places.sql")
        rows = [(n, *key) for key, n in self.numbers.items()]
        with conn.cursor() as cursor:
            cursor.executemany(sql["put"], rows)
        conn.execute(sql["analyze"])
        settle_communes(conn)
        unknown = conn.execute(sql["unknown"]).fetchone()
        if unknown is not None:
            raise NotFoundError(
                f"There is no commune {unknown[0]}, today or before: correct the code, or give it by --commune.",
                f"Không có xã nào mã {unknown[0]}, hiện nay hay trước đây: hãy sửa mã hoặc chỉ rõ bằng --commune.",
            )
        conn.execute(sql["make_sheets"])
        conn.execute(sql["find_sheets"])
        conn.execute(sql["follow_sheets"])
        wrong = conn.execute(sql["wrong_zone"]).fetchone()
        if wrong is not None:
            number, registered, given = wrong
            raise SheetZoneError(
                f"Sheet {number} is registered in EPSG:{registered}, the file says EPSG:{given}: name the right zone by --crs.",
                f"Tờ bản đồ {number} đã đăng ký ở EPSG:{registered}, tệp ghi EPSG:{given}: hãy chỉ đúng múi chiếu bằng --crs.",
                number, registered, given,
            )  # fmt: skip
        self.left_to_default = settle_divided(conn)
