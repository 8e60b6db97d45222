"""From what was predicted to the CloudEvents that tell of it: one each, while nobody waits.

Thousands come a second, so what the events of a call have in common is encoded once, and each
event is that with its own id, inputs and output between; those of all rows are encoded at once.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import msgspec
import structlog
from cachetools import FIFOCache

from functions.kit.contract.access.workspaces import path
from functions.kit.contract.models.features import Array
from functions.kit.contract.records import sensitive
from functions.kit.contract.records.columns import Column, are_plain
from functions.kit.contract.telemetry.predictions import LOST, MADE, Output
from functions.kit.lazy import Lazy
from functions.prediction.model.describing import FEW, probabilities_by_label
from functions.prediction.model.responses import chooser, column_chooser
from functions.prediction.model.tables import Rows, Table
from functions.prediction.service.ports import Made, Predictor

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

log = structlog.get_logger()

Hide = Callable[[str, str, Any], Any]
"""Workspace, column and value → what is told in the value's place; UNSET to leave it out."""
MOST_CALLERS = 1_000
"""Callers of a version for whom what their events have in common is held."""
_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines


def hiding(step_secret: str, *, leave_out: bool) -> Hide:
    """Return what hides values of sensitive columns."""

    def hide(workspace: str, column: str, value: Any) -> Any:
        if leave_out:
            return msgspec.UNSET
        return sensitive.hashed(sensitive.secret_of(step_secret, workspace), column, value)

    return hide


class Teller:
    """Makes events.

    Args:
        hide: what is told of sensitive values.
    """

    def __init__(self, hide: Hide) -> None:
        self._hide = hide
        self._known: WeakKeyDictionary[Predictor, _Version] = WeakKeyDictionary()

    def batch(self, calls: Sequence[Made], lost: int) -> list[bytes]:
        """Return the events of calls, and of how many predictions were lost, each as JSON.

        What cannot be told is logged, and counted as lost: it keeps nothing else back.
        """
        events: list[bytes] = []
        for made in calls:
            try:
                events += self.events(made)
            except Exception as error:  # noqa: BLE001 - one call's fault is not the others'
                lost += len(made.rows)
                log.warning("predictions not told", id=made.id, error=repr(error))
        if lost:
            events.append(_lost(lost))
        return events

    def events(self, made: Made) -> list[bytes]:
        """Return the events of a call, each as JSON; raises what is wrong with it."""
        predictor = made.chosen.predictor
        found = self._known.get(predictor)
        if found is None:
            found = self._known[predictor] = _Version(predictor)
        before, after = found.said(made)
        if found.sensitive:
            inputs = _lines(self._hidden(made.caller.workspace, found, made.rows))
        else:
            inputs = found.inputs(made.rows)
        outputs = found.outputs(made.output, made.spread)
        told = enumerate(zip(inputs, outputs, strict=True))
        return [
            b'%b%b,"output":%b%b%d"}' % (before, given, output, after, place)
            for place, (given, output) in told
        ]

    def _hidden(self, workspace: str, found: "_Version", rows: Rows) -> Iterator[dict[str, Any]]:
        for given in found.by_column(rows):
            hidden = {
                name: self._hide(workspace, name, given.get(name)) for name in found.sensitive
            }
            told = given | hidden
            yield {name: value for name, value in told.items() if value is not msgspec.UNSET}


def array(events: Sequence[bytes]) -> bytes:
    """Return events as CloudEvents' batched content mode has them: a JSON array."""
    return b"[" + b",".join(events) + b"]"


def parts(events: Sequence[bytes], most: int) -> Iterator[Sequence[bytes]]:
    """Yield events in parts of at most so many bytes, but that none is parted itself."""
    begun, size = 0, 0
    for place, event in enumerate(events):
        size += len(event)
        if size > most and place > begun:
            yield events[begun:place]
            begun, size = place, len(event)
    yield events[begun:]


class _Classified(msgspec.Struct, gc=False):
    """An `Output` whose probabilities are of any kind."""

    label: str
    probability: float
    probabilities: Any


class _Version:
    """What is compiled of a version, once."""

    def __init__(self, predictor: Predictor) -> None:
        version = predictor.version
        self._version = version
        self._uid = predictor.uid
        self._columns = version.signature.columns
        self._names = [column.name for column in self._columns]
        fields = [f"c{place}" for place in range(len(self._columns))]
        self._get: Callable[[Any], tuple[Any, ...]] = (
            attrgetter(*fields) if len(fields) > 1 else lambda row: (getattr(row, fields[0]),)
        )
        self._is_plain = are_plain(self._columns)
        names = dict(zip(fields, self._names, strict=True)) if self._is_plain else None
        self._row = msgspec.defstruct("Row", fields, rename=names, gc=False)
        self._labels = version.signature.labels
        self._choose = chooser(version.signature)
        self._choose_of_many = column_chooser(version.signature)
        self._probabilities = probabilities_by_label(self._labels)
        self._common: FIFOCache[tuple[str, ...], bytes] = FIFOCache(MOST_CALLERS)
        self.sensitive = [column.name for column in self._columns if column.sensitive]

    def said(self, made: Made) -> tuple[bytes, bytes]:
        """Return what an event says before its inputs, and between its output and its place."""
        caller, chosen = made.caller, made.chosen
        known = (caller.workspace, chosen.alias, chosen.told, caller.name, caller.account)
        common = self._common.get(known)
        if common is None:
            common = self._common[known] = self._said_of(*known)
        before = b'%b%d,"inputs":' % (common, int(made.seconds * 1e6))
        at = dt.datetime.fromtimestamp(made.at, dt.UTC).isoformat(timespec="microseconds")
        return before, f'}},"time":"{at}","id":"{made.id}-'.encode()

    def _said_of(self, workspace: str, alias: str, why: str, name: str, account: str) -> bytes:
        version = self._version
        source = path(workspace, "models", version.model, "versions", str(version.version))
        data = {
            "workspace": workspace,
            "model": version.model,
            "version": version.version,
            "alias": alias,
            "why": why,
            "caller": name,
            "account": account,
            "uid": self._uid,
            "elapsed": 0,
        }
        event = {"specversion": "1.0", "type": MADE, "source": f"/{source}", "data": data}
        return _encode(event).removesuffix(b"0}}")

    def by_column(self, rows: Rows) -> Iterator[dict[str, Any]]:
        """Yield each row's values by column."""
        given: Iterable[tuple[Any, ...]]
        if isinstance(rows, Table):
            given = zip(*self._lists(rows), strict=True)
        else:
            given = map(self._get, rows)
        for values in given:
            yield dict(zip(self._names, values, strict=True))

    def inputs(self, rows: Rows) -> list[bytes]:
        """Return the JSON of each row's values by column."""
        if not self._is_plain:
            return _lines(self.by_column(rows))
        if isinstance(rows, Table):
            return _lines(map(self._row, *self._lists(rows)))
        return _lines(rows)  # in JSON, their fields are called as the columns

    def outputs(self, output: Array, spread: Array | None = None) -> list[bytes]:
        """Return the JSON of what the model gave for each row, as `Output` has it."""
        if self._labels:
            return _lines(self._few(output) if len(output) <= FEW else self._many(output))
        values = output.ravel().tolist()
        if spread is None:
            return _lines(Output(value=value) for value in values)
        pairs = zip(values, spread.ravel().tolist(), strict=True)
        return _lines(Output(value=value, spread=wide) for value, wide in pairs)

    def _few(self, output: Array) -> Iterator[Output]:
        labels = self._labels
        for row in output.tolist():
            place = self._choose(row)
            yield Output(labels[place], row[place], dict(zip(labels, row, strict=True)))

    def _many(self, output: Array) -> Iterator[_Classified]:
        places = self._choose_of_many(output)
        chosen = output[np.arange(len(output)), places].tolist()
        names = map(self._labels.__getitem__, places.tolist())
        return map(_Classified, names, chosen, self._probabilities(output.T.tolist()))

    def _lists(self, table: Table) -> list[list[Any]]:
        """Return a table's columns as records would hold their values."""
        held, nothing = table.columns, [None] * table.rows
        return [
            _plain(held[one.name], one) if one.name in held else nothing for one in self._columns
        ]


def _lines(values: Iterable[Any]) -> list[bytes]:
    """Return the JSON of each; none has a line's end in it."""
    return _encode_lines(values).split(b"\n")[:-1]


def _plain(values: Array, column: Column) -> list[Any]:
    match column.kind:
        case "integer":
            return [None if one != one else int(one) for one in values.tolist()]  # noqa: PLR0124 - NaN alone
        case "boolean":
            return [None if one != one else bool(one) for one in values.tolist()]  # noqa: PLR0124 - as above
        case "number":
            return values.tolist()  # type: ignore[no-any-return] # NaN is null in JSON
        case _:
            return [one or None for one in values.tolist()]


def _lost(count: int) -> bytes:
    event = {
        "specversion": "1.0",
        "type": LOST,
        "source": "/",
        "time": dt.datetime.now(dt.UTC).isoformat(),
        "id": uuid4().hex,
        "data": {"predictions": count},
    }
    return _encode(event)
