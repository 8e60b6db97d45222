"""Calls to the function `datasets` about imports: new rows into a table that is there."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

import httpx
import msgspec
from msgspec.structs import replace

from web.client.import_schemas import Import, ImportAsked
from web.client.plain_words import plain
from web.client.schemas import Page
from web.client.table_schemas import Refusal
from web.client.transport.endpoint import Endpoint, if_match, once, path
from web.client.transport.forms import form_of
from web.client.transport.time_limits import LONG

CHECKED_FIRST = {"dry_run": True, "bad_rows": "separate"}
"""Every import waits after its check, which tells of bad rows instead of ending at them."""


class Imports:
    """Imports into tables."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, dataset: str, limit: int, cursor: str | None = None) -> Page[Import]:
        """Return one page of a table's imports, the newest first; the last is what made it."""
        return self._endpoint.page(Import, path("datasets", dataset, "imports"), limit, cursor)

    def get(self, dataset: str, number: str) -> Import:
        """Return one, with what is wrong with its rows in words."""
        found = self._endpoint.call(Import, "GET", _one(dataset, number))
        if found.report is None:
            return found
        told = [_in_words(flaw) for flaw in found.report.flaws]
        return replace(found, report=replace(found.report, flaws=told))

    def begin(
        self, dataset: str, asked: ImportAsked, file: Iterable[bytes], name: str, repeat: str
    ) -> Import:
        """Stream a file whose rows are checked, and then wait; the same `repeat` is the same."""
        content, kind = form_of(file, name)
        return self._endpoint.call(
            Import,
            "POST",
            path("datasets", dataset, "imports"),
            params=[
                ("mode", asked.mode),
                *(("key", one) for one in asked.key),
                *(("dry_run", "true"), ("bad_rows", "separate")),
            ],
            content=content,
            headers=kind | once(repeat),
            timeout=LONG,
        )

    def fetch(self, dataset: str, asked: ImportAsked, url: str, repeat: str) -> Import:
        """Have rows fetched from an address; else as `begin`."""
        body = msgspec.to_builtins(asked) | CHECKED_FIRST | {"source": {"url": url}}
        route = path("datasets", dataset, "imports")
        return self._endpoint.call(Import, "POST", route, json=body, headers=once(repeat))

    def go_on(self, dataset: str, number: str, revision: int) -> Import:
        """Write what was checked; raise Stale where `revision` is no longer the table's last."""
        route, headers = f"{_one(dataset, number)}/resume", if_match(revision)
        return self._endpoint.call(Import, "POST", route, headers=headers)

    def check_again(self, dataset: str, number: str) -> Import:
        """Check one that waits against the table as it is now."""
        route = f"{_one(dataset, number)}/resume"
        return self._endpoint.call(Import, "POST", route, params=[("dry_run", "true")])

    def resume(self, dataset: str, number: str) -> Import:
        """Have one that seems to stand still looked at now."""
        return self._endpoint.call(Import, "POST", f"{_one(dataset, number)}/resume")

    def cancel(self, dataset: str, number: str) -> Import:
        """End one: the table stays as it was."""
        route = f"{_one(dataset, number)}/cancel"
        return self._endpoint.call(Import, "POST", route)

    def bad_rows(self, dataset: str, number: str) -> AbstractContextManager[httpx.Response]:
        """Open the rows that were not taken as CSV, each with its number and the reasons."""
        return self._endpoint.open("GET", f"{_one(dataset, number)}/bad-rows.csv", timeout=LONG)


def _in_words(flaw: Refusal) -> Refusal:
    return replace(flaw, reason=plain(flaw.reason))


def _one(dataset: str, number: str) -> str:
    return path("datasets", dataset, "imports", number)
