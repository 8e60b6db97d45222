"""A version that is a function: asked over the network, in the same words as a file."""

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.own_models import OwnModels
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away, Failed, Flaw, NotFound
from functions.kit.contract.models.features import Array, Inputs, column_encoder, encoder
from functions.kit.contract.models.registration import Version
from functions.kit.contract.records.columns import Column
from functions.prediction.model.certain import Certain
from functions.prediction.model.describing import Describer, Predicted
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.reading import Reading
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import Rows, Table, TableReader

SIZE = 64 * 1024
"""Bytes of memory that what is compiled of a signature takes, about."""
ROWS_A_CALL = 4096
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Remotes:
    """Makes functions that are models ready to answer; they share connections.

    Args:
        secret: what keys are made of.
        addresses: where functions are called.
    """

    def __init__(self, secret: str, addresses: FunctionAddresses) -> None:
        self._own = OwnModels(secret, addresses)

    def opened(self, model: Place, version: Version) -> "RemotePredictor":
        """Return a version that is a function; raises Unloadable."""
        if version.function is None:
            raise Unloadable("it has neither a file nor a function")
        function = Place(model.workspace, version.function)
        return RemotePredictor(version, lambda records: self._asked(function, records))

    def _asked(self, function: Place, records: list[dict[str, Any]]) -> list[list[float]]:
        try:
            return self._own.predict(function, records)
        except NotFound as error:  # the model is there; it is its function that is not
            raise Away(error.detail) from error


class RemotePredictor:
    """A Predictor that asks a function; nothing is asked before the first row.

    Args:
        version: what the registry says of it.
        ask: records → the outputs of each; raises Away or Failed.

    Attributes:
        uid: of the model, which tells those of one name apart.
    """

    uid = ""

    def __init__(
        self, version: Version, ask: Callable[[list[dict[str, Any]]], list[list[float]]]
    ) -> None:
        signature = version.signature
        self.version = version
        self.certain = Certain(signature)
        self.reader = Reader(signature.columns, self.certain.fault)
        self.describe = Describer(signature, self.certain)
        self.tables = TableReader(signature)
        self.reading = Reading(signature.columns, self.reader, self.tables)
        self.size = SIZE
        self.is_double = signature.task == "regression"
        self._encode_records = encoder(signature)
        self._encode_columns = column_encoder(signature)
        self._columns = [(one.name, _reading(one)) for one in signature.columns]
        self._width = len(signature.labels) or 1
        self._ask = ask

    def encode(self, rows: Rows) -> Inputs:
        """Return the values of rows, by column, each [rows, 1]."""
        if isinstance(rows, Table):
            return self._encode_columns(rows.rows, rows.columns)
        return self._encode_records(rows)

    def predict(self, rows: Rows) -> Predicted:
        """Return what the function gives for rows; raises as `run`."""
        inputs = self.encode(rows)
        return Predicted(inputs, self.run(inputs), None)

    def run(self, inputs: Inputs) -> Array:
        """Return probabilities [rows, labels], or values [rows, 1].

        Raises:
            Away: the function does not answer.
            Failed: it cannot, or what it gives is not what its schema says.
        """
        columns = [[*map(read, inputs[name].ravel().tolist())] for name, read in self._columns]
        names = [name for name, _ in self._columns]
        records = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        outputs: list[list[float]] = []
        for begin in range(0, len(records), ROWS_A_CALL):
            part = records[begin : begin + ROWS_A_CALL]
            outputs += self._checked(self._ask(part), len(part), begin)
        dtype = np.float64 if self.is_double else np.float32
        return np.array(outputs, dtype).reshape(-1, self._width)

    def _checked(self, given: list[list[float]], rows: int, begin: int) -> list[list[float]]:
        if len(given) != rows:
            raise self._failed(f"gives {len(given)} outputs for {rows} records")
        for row, output in enumerate(given, begin + 1):
            if len(output) != self._width:
                reason = f"gives {len(output)} numbers for a record, not {self._width}"
                raise self._failed(reason, row)
            if fault := self._fault(output):
                raise self._failed(fault, row)
        return given

    def _fault(self, output: list[float]) -> str:
        """Return what is wrong with the numbers for a record; empty for nothing."""
        if not self.version.signature.labels:
            return "" if math.isfinite(output[0]) else "gives what is no finite number"
        fits = all(0 <= one <= 1 for one in output)
        return "" if fits else "gives a probability that is not within 0 and 1"

    def _failed(self, reason: str, row: int | None = None) -> Failed:
        which = f"Version {self.version.version} of '{self.version.model}'"
        flaws = [] if row is None else [Flaw(f"The function {reason}", row=row)]
        return Failed(
            f"{which} cannot answer: its function '{self.version.function}' {reason}.", *flaws
        )


def _reading(column: Column) -> Callable[[Any], Any]:
    """Return what makes a column's encoded value what a record says, None where there is none."""
    match column.kind:
        case "number":
            return lambda value: None if math.isnan(value) else value
        case "integer":
            return lambda value: None if math.isnan(value) else int(value)
        case "boolean":
            return lambda value: None if math.isnan(value) else bool(value)
        case "datetime" | "date":
            return lambda value: None if math.isnan(value) else _said(value, column.kind)
        case _:
            return lambda value: value or None


def _said(seconds: float, kind: str) -> str:
    moment = _EPOCH + dt.timedelta(seconds=seconds)
    return moment.date().isoformat() if kind == "date" else moment.isoformat()
