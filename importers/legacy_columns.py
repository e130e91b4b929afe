"""Text columns of a layer in a legacy encoding, read as Unicode: one encoding for all of them, batch after batch."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from importers.legacy_text import decode_as, found_in

_ASKED = 2_000
_PROVEN = 200


@dataclass(slots=True)
class LegacyColumns:
    """`encoding` once it is proven (None until then); texts before the proof stay as they are."""

    encoding: str | None = None
    settled: bool = False

    def read(self, fields: dict[str, pa.Array]) -> bool:
        """Decodes columns (string arrays) in place; whether anything in them changed."""
        marked = {name: values for name, values in fields.items() if _has_marks(values)}
        if not marked:
            return False
        if not self.settled:
            texts = [
                t for values in marked.values() for t in values.unique().to_pylist() if t and not t.isascii()
            ]
            self.encoding = found_in(texts[:_ASKED])
            self.settled = self.encoding is not None or len(texts) >= _PROVEN
        changed = False
        if self.encoding is not None:
            for name, values in marked.items():
                coded = values.dictionary_encode()
                were = coded.dictionary.to_pylist()
                made = [decode_as(t, self.encoding) for t in were]
                if made != were:
                    fields[name] = pa.array(made, pa.string()).take(coded.indices)
                    changed = True
        return changed


def _has_marks(values: pa.Array) -> bool:
    """Whether any text is more than ASCII, at the cost of two sums."""
    if not pa.types.is_string(values.type):
        return False
    return bool(pc.sum(pc.binary_length(values)).as_py() != pc.sum(pc.utf8_length(values)).as_py())
