"""Names of datasets, models, jobs and columns: one that there is not is told with the nearest."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from infra.local.calling.function_client import FunctionClient, RefusedError
from infra.local.errors import LocalError
from infra.local.nearest import advice

Kind = Literal["dataset", "model", "job"]
EITHER: tuple[Kind, ...] = ("dataset", "model")
LOOKED_AT = 1000  # names that a suggestion is looked for among


class Place(NamedTuple):
    """Where things of a kind are.

    Attributes:
        function: that has them.
        path: of their list.
        field: that names one.
        none: what to do where there is none yet.
    """

    function: str
    path: str
    field: str
    none: str


PLACES: Mapping[Kind, Place] = {
    "dataset": Place("datasets", "/datasets", "id", "There is none yet: ./mayfly import FILE"),
    "model": Place(
        "models", "/models", "name", "There is none yet: ./mayfly train DATASET --target COLUMN"
    ),
    "job": Place(
        "training", "/jobs", "id", "There is none yet: ./mayfly train DATASET --target COLUMN"
    ),
}


def path_of(kind: Kind, name: str, *rest: str | int) -> str:
    """Return the path of a thing, and of what is below it."""
    return "/".join([PLACES[kind].path, *(quote(str(one), safe="") for one in (name, *rest))])


def found(client: FunctionClient, kind: Kind, name: str) -> dict[str, Any]:
    """Return a thing; raises LocalError."""
    with named(client, kind, name):
        thing: dict[str, Any] = client.call("GET", PLACES[kind].function, path_of(kind, name))
        return thing


def kinds_of(client: FunctionClient, name: str) -> list[Kind]:
    """Return which go by a name, of a dataset and a model.

    Raises:
        LocalError: neither does.
    """
    there = [kind for kind in EITHER if _is_there(client, kind, name)]
    if not there:
        known = [one for kind in EITHER for one in _known(client, kind) or ()]
        said = f"There is no dataset or model {name!r}."
        raise LocalError(said, advice(name, known, PLACES["dataset"].none))
    return there


def _is_there(client: FunctionClient, kind: Kind, name: str) -> bool:
    try:
        client.call("GET", PLACES[kind].function, path_of(kind, name))
    except RefusedError as error:
        if error.status == 404:
            return False
        raise
    return True


@contextlib.contextmanager
def named(client: FunctionClient, kind: Kind, name: str) -> Iterator[None]:
    """Say what may have been meant, where a call in the block is told that there is no such thing.

    Raises:
        LocalError: there is none.
    """
    try:
        yield
    except RefusedError as error:
        known = _known(client, kind) if error.status == 404 else None
        if known is None or name in known:  # another thing is lacking, such as a version
            raise
        message = f"There is no {kind} {name!r}."
        raise LocalError(message, advice(name, known, PLACES[kind].none)) from error


def _known(client: FunctionClient, kind: Kind) -> list[str] | None:
    """Return the names that there are; None where the key may not list them."""
    function, path, field, _ = PLACES[kind]
    try:
        return [str(one[field]) for one in client.pages(function, path, {}, LOOKED_AT)]
    except LocalError:
        return None


def check_columns(names: Sequence[str], known: Sequence[str], place: str) -> None:
    """Refuse columns that there are not.

    Raises:
        LocalError: with the nearest that there is.
    """
    for name in names:
        if name not in known:
            raise LocalError(f"{place} has no column {name!r}.", advice(name, known))
