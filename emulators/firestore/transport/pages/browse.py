"""The pages: databases, collections, the documents of a collection, one document."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, quote

from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError, NotFoundError
from emulators.firestore.model.protocol import Document
from emulators.firestore.service.listing import collection_ids
from emulators.firestore.transport.http import addresses
from emulators.firestore.transport.http.messages import Request, Response
from emulators.firestore.transport.http.rules import NOT_ENFORCED
from emulators.firestore.transport.pages import values
from emulators.firestore.transport.pages.rendering import STYLE, render

if TYPE_CHECKING:
    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.service.database import Database
    from emulators.firestore.transport.http.rules import SecurityRules

PREFIX = "/browse"
_PAGE_SIZE = 50
_LONGEST_SUMMARY = 120
_HTML = "text/html; charset=utf-8"
_SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Pages:
    """Answers /browse, /browse.css and /browse/projects/P/databases/D/documents/..."""

    def __init__(self, catalog: Catalog, rules: SecurityRules) -> None:
        self._catalog = catalog
        self._rules = rules

    def answer(self, request: Request) -> Response:
        """Answer a GET.

        Raises:
            FirestoreError: There is no such page.
        """
        if request.path == f"{PREFIX}.css":
            return Response(body=STYLE, kind="text/css; charset=utf-8")
        return Response(body=self._page(request), kind=_HTML, headers=dict(_SAFE))

    def _page(self, request: Request) -> bytes:
        rest = request.path.removeprefix(PREFIX).strip("/")
        if request.path == "/" or not rest:
            return self._databases()
        parts = addresses.parts(rest)
        database, segments = paths.split("/".join(parts))
        if any("/" in part for part in parts) or database not in self._catalog.names():
            raise NotFoundError(f'There is nothing to show at "{"/".join(parts)}".')
        paths.within("/".join(parts), database)
        held = self._catalog.get(database)
        if len(segments) % 2:
            return _collection(held, segments, _after(request))
        return _document(held, segments)

    def _databases(self) -> bytes:
        links = [_link(_title(name), name) for name in self._catalog.names()]
        return render(
            "databases.html",
            title="Databases",
            trail=[],
            databases=links,
            not_enforced=NOT_ENFORCED,
            ruled=sorted(self._rules.projects),
        )


class Link(NamedTuple):
    """What leads to another page."""

    label: str
    address: str


def _document(database: Database, segments: paths.Segments) -> bytes:
    """Show a document, or the root of a database, and the collections below."""
    snapshot = database.snapshot()
    key = paths.key(segments)
    body = snapshot.get(key) if segments else None
    below = collection_ids(snapshot, key)
    return render(
        "document.html",
        title=segments[-1] if segments else _title(database.name),
        trail=_trail(database.name, segments),
        is_root=not segments,
        document=None if body is None else _fields(body),
        collections=[_link(one, database.name, (*segments, one)) for one in below],
    )


def _fields(body: bytes) -> dict[str, Any]:
    document = Document.FromString(body)
    return {
        "created": document.create_time.ToJsonString(),
        "changed": document.update_time.ToJsonString(),
        "fields": [
            {"name": field, "kind": values.kind(value), "text": values.text(value)}
            for field, value in sorted(document.fields.items())
        ],
    }


def _collection(database: Database, segments: paths.Segments, after: bytes) -> bytes:
    """Show the documents of a collection by pages."""
    key = paths.key(segments)
    low = after + b"\x00" if after.startswith(key) else key
    scanned = database.snapshot().scan(key, (low, paths.successor(key)))
    found = list(islice(scanned, _PAGE_SIZE + 1))
    next_page = None
    if len(found) > _PAGE_SIZE:
        next_page = f"{_address(database.name, segments)}?after={found[_PAGE_SIZE - 1][0].hex()}"
    return render(
        "collection.html",
        title=segments[-1],
        trail=_trail(database.name, segments),
        documents=[_summary(database.name, *one) for one in found[:_PAGE_SIZE]],
        next_page=next_page,
    )


def _summary(database: str, key: bytes, body: bytes) -> dict[str, Any]:
    path = paths.segments_of(key)
    document = Document.FromString(body)
    fields = (f"{name}: {values.text(value)}" for name, value in sorted(document.fields.items()))
    return {
        "link": _link(path[-1], database, path),
        "summary": _shortened(", ".join(fields)),
        "changed": document.update_time.ToJsonString(),
    }


def _trail(database: str, segments: paths.Segments) -> list[Link]:
    links = [Link("Databases", PREFIX), _link(_title(database), database)]
    steps = (segments[:length] for length in range(1, len(segments) + 1))
    return links + [_link(step[-1], database, step) for step in steps]


def _link(text: str, database: str, segments: paths.Segments = ()) -> Link:
    return Link(text, _address(database, segments))


def _address(database: str, segments: paths.Segments) -> str:
    parts = (*database.split("/"), "documents", *segments)
    return "/".join((PREFIX, *(quote(part, safe="") for part in parts)))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SUMMARY else f"{text[:_LONGEST_SUMMARY]}…"


def _title(database: str) -> str:
    _, project, _, name = database.split("/")
    return f"{project} {name}"


def _after(request: Request) -> bytes:
    try:
        return bytes.fromhex(parse_qs(request.query, errors="strict").get("after", [""])[0])
    except ValueError as error:
        raise InvalidArgumentError("The page cannot be read from the address.") from error
