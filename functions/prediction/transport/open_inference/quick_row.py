"""One row of raw tensors, read without numpy: what the usual way takes longer for than the model.

Whatever is not plain is left to that way (`mapping.rows`), which says what is wrong with it.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from functions.kit.contract.models.signature import Signature
from functions.prediction.transport.open_inference import mapping
from functions.prediction.transport.open_inference.messages import InputTensor
from functions.prediction.transport.open_inference.tensors import BYTES, DTYPES

SHAPES = ([1, 1], [1])
_LENGTH = 4
# By numpy's names, without the order of their bytes.
_CODES = {
    "?": "?", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "i1": "b", "i2": "h", "i4": "i",
    "i8": "q", "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip

Read = Callable[[bytes], Any]


class QuickRow:
    """Reads a row of raw tensors for one signature.

    Args:
        signature: of the model.
        names: what an input may be called → its column (`TableReader.names`).
    """

    def __init__(self, signature: Signature, names: dict[str, str]) -> None:
        columns = {column.name: column for column in signature.columns}
        self._reads: dict[tuple[str, str], tuple[str, Read]] = {
            (name, datatype): (column, _reading(datatype, mapping.converter(columns[column])))
            for name, column in names.items()
            for datatype in (*DTYPES, BYTES)
        }

    def read(
        self, given: Sequence[InputTensor], raws: Sequence[bytes | None]
    ) -> list[dict[str, Any]] | None:
        """Return the record that the inputs hold, as `mapping.rows` does, or None."""
        record: dict[str, Any] = {}
        try:
            for tensor, raw in zip(given, raws, strict=True):
                found = self._reads.get((tensor.name, tensor.datatype))
                if found is None or raw is None or tensor.shape not in SHAPES:
                    return None
                column, read = found
                record[column] = read(raw)
        except (struct.error, ValueError):
            return None
        # An input that is there twice is not here twice.
        return [record] if record and len(record) == len(given) else None


def _reading(datatype: str, convert: Callable[[Any], Any]) -> Read:
    if datatype == BYTES:
        return lambda raw: convert(_text(raw))
    unpack = struct.Struct("<" + _CODES[DTYPES[datatype].lstrip("<")]).unpack
    return lambda raw: convert(unpack(raw)[0])


def _text(raw: bytes) -> str:
    """Return the one element of a tensor; raises ValueError where there is not just one."""
    if int.from_bytes(raw[:_LENGTH], "little") != len(raw) - _LENGTH:
        raise ValueError
    return raw[_LENGTH:].decode()
