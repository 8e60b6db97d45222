"""What commands do to the rows of a dataset, and tell of it."""

from collections.abc import Sequence
from typing import Any

import click

from infra.local.calling.names import check_columns, named, path_of
from infra.local.calling.waiting import until
from infra.local.commands.progress import Meter
from infra.local.commands.signed import Caller, Json
from infra.local.errors import LocalError

FUNCTION = "datasets"
BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def of_rows(
    caller: Caller,
    dataset: Json,
    method: str,
    filters: Sequence[str],
    *,
    whole: bool,
    body: Json | None = None,
) -> Json:
    """Change or remove rows; return the change, once it is done.

    Args:
        caller: who wants that.
        dataset: whose rows.
        method: PATCH or DELETE.
        filters: which rows, such as `age>=30`.
        whole: whether all of them are meant, where no filter is.
        body: what they get.

    Raises:
        click.UsageError: nothing says which rows, or two things do.
        LocalError: it is refused, or came to nothing.
    """
    if bool(filters) == whole:
        raise click.UsageError("Say which rows: --filter 'age>=30', or --all of them.")
    query: Json = {"filter": list(filters)} if filters else {"all": "true"}
    path = path_of("dataset", dataset["id"], "records")
    options = {} if body is None else {"json": body}
    made = caller.client.call(method, FUNCTION, path, params=query, **options)
    return _done(caller, dataset["id"], made)


def asked(caller: Caller, dataset: str, act: str, body: Json) -> Json:
    """Undo or restore; return the change that this is, once it is done; raises LocalError."""
    with named(caller.client, "dataset", dataset):
        made = caller.client.call("POST", FUNCTION, path_of("dataset", dataset, act), json=body)
    return _done(caller, dataset, made)


def values_of(dataset: Json, given: Sequence[str]) -> Json:
    """Return values by column, of texts such as `city=Berlin`.

    Raises:
        click.UsageError: one of them is no such text, or no value of its column.
        LocalError: there is no such column.
    """
    parts = [text.partition("=") for text in given]
    for name, sign, _ in parts:
        if not (name and sign):
            raise click.UsageError(f"{name!r} says no value: write {name or 'city'}=VALUE.")
    kinds = {column["name"]: column["kind"] for column in dataset["columns"]}
    check_columns([name for name, _, _ in parts], list(kinds), f"Dataset {dataset['id']!r}")
    return {name: _value(name, kinds[name], text) for name, _, text in parts}


def tell(caller: Caller, dataset: str, made: Json) -> None:
    """Say what was done, and how it is taken back."""
    rows = "1 row" if made["records"] == 1 else f"{made['records']:,} rows"
    caller.tell(
        made,
        f"{dataset}: {made['summary']}: {rows}, revision {made['revision']}",
        f"to take it back: ./mayfly datasets undo {dataset} {made['revision']}",
    )


def standing(dataset: Json) -> str:
    """Return how large a dataset is, and how it stands, in a line."""
    return (
        f"dataset {dataset['id']} is {dataset['state']}: {dataset['rows']:,} rows, "
        f"{len(dataset['columns'])} columns, revision {dataset['revision']}"
    )


def _value(name: str, kind: str, text: str) -> Any:
    if not text:
        return None
    try:
        if kind in {"integer", "number"}:
            return int(text) if kind == "integer" else float(text)
        return BOOLEANS[text.lower()] if kind == "boolean" else text
    except (KeyError, ValueError) as error:
        wanted = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
        raise click.UsageError(f"{name} takes {wanted[kind]}, not {text!r}.") from error


def _done(caller: Caller, dataset: str, made: Json) -> Json:
    """Wait for a change that goes on in steps; return it as it ended; raises LocalError."""
    path = path_of("dataset", dataset, "changes", made["revision"])
    with Meter() as meter:
        ended = made
        if made["state"] == "running":
            ended = until(
                lambda: caller.client.call("GET", FUNCTION, path),
                lambda seen: seen["state"] != "running",
                lambda seen: meter.tell(f"{dataset}: rows", seen["written"], seen["total"]),
            )
    if ended["state"] != "done":
        reason = ended.get("failure") or "no reason is given"
        raise LocalError(f"The change of {dataset} {ended['state']}: {reason}")
    return dict(ended)
