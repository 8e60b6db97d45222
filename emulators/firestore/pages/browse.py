"""The pages: databases, collections, the documents of a collection, one document."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote

from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError, NotFoundError
from emulators.firestore.model.protocol import Document
from emulators.firestore.pages import values
from emulators.firestore.pages.html import STYLE, Markup, element, join, page
from emulators.firestore.service.listing import collection_ids
from emulators.firestore.transport.http import Request, Response

if TYPE_CHECKING:
    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.service.database import Database

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

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def answer(self, request: Request) -> Response:
        """Answers a GET.

        Raises:
            FirestoreError: there is no such page.
        """
        if request.path == f"{PREFIX}.css":
            return Response(body=STYLE, kind="text/css; charset=utf-8")
        return Response(body=self._page(request), kind=_HTML, headers=dict(_SAFE))

    def _page(self, request: Request) -> bytes:
        rest = request.path.removeprefix(PREFIX).strip("/")
        if request.path == "/" or not rest:
            return self._databases()
        parts = [_unquoted(part) for part in rest.split("/")]
        database, segments = paths.split("/".join(parts))
        if any("/" in part for part in parts) or database not in self._catalog.names():
            raise NotFoundError(f'There is nothing to show at "{"/".join(parts)}".')
        paths.within("/".join(parts), database)
        held = self._catalog.get(database)
        if len(segments) % 2:
            return _collection(held, segments, _after(request))
        return _document(held, segments)

    def _databases(self) -> bytes:
        names = self._catalog.names()
        if not names:
            return page("Databases", [], element("p", "Nothing has been written yet."))
        links = (element("li", _link(_title(name), name)) for name in names)
        return page("Databases", [], element("ul", join(links)))


def _document(database: Database, segments: paths.Segments) -> bytes:
    """Shows a document, or the root of a database, and the collections below."""
    snapshot = database.snapshot()
    key = paths.key(segments)
    below = [
        element("li", _link(one, database.name, (*segments, one)))
        for one in collection_ids(snapshot, key)
    ]
    content = [element("h2", "Collections"), element("ul", join(below))] if below else []
    if segments:
        body = snapshot.get(key)
        shown = element("p", "There is no such document.") if body is None else _fields(body)
        content = [shown, *content]
    elif not below:
        content = [element("p", "This database is empty.")]
    title = segments[-1] if segments else _title(database.name)
    return page(title, _trail(database.name, segments), *content)


def _fields(body: bytes) -> Markup:
    document = Document.FromString(body)
    rows = [
        _row(element("code", field), values.kind(value), element("code", values.text(value)))
        for field, value in sorted(document.fields.items())
    ]
    times = (
        f"Created {document.create_time.ToJsonString()}, "
        f"changed {document.update_time.ToJsonString()}."
    )
    return join([element("p", times), _table(("Field", "Kind", "Value"), rows)])


def _collection(database: Database, segments: paths.Segments, after: bytes) -> bytes:
    """Shows the documents of a collection by pages."""
    key = paths.key(segments)
    low = after + b"\x00" if after.startswith(key) else key
    scanned = database.snapshot().scan(key, (low, paths.successor(key)))
    found = list(islice(scanned, _PAGE_SIZE + 1))
    rows = []
    for one, body in found[:_PAGE_SIZE]:
        path = paths.segments_of(one)
        document = Document.FromString(body)
        fields = {name: values.text(value) for name, value in sorted(document.fields.items())}
        summary = ", ".join(f"{name}: {text}" for name, text in fields.items())
        rows.append(
            _row(
                _link(path[-1], database.name, path),
                element("code", _shortened(summary)),
                element("time", document.update_time.ToJsonString()),
            )
        )
    content = [_table(("Document", "Fields", "Changed"), rows)]
    if not rows:
        content = [element("p", "No documents here.")]
    if len(found) > _PAGE_SIZE:
        address = f"{_address(database.name, segments)}?after={found[_PAGE_SIZE - 1][0].hex()}"
        content.append(element("p", element("a", "Next page", href=address, rel="next")))
    return page(segments[-1], _trail(database.name, segments), *content)


def _trail(database: str, segments: paths.Segments) -> list[Markup]:
    links = [element("a", "Databases", href=PREFIX), _link(_title(database), database)]
    steps = (segments[:length] for length in range(1, len(segments) + 1))
    return links + [_link(step[-1], database, step) for step in steps]


def _link(text: str, database: str, segments: paths.Segments = ()) -> Markup:
    return element("a", text, href=_address(database, segments))


def _address(database: str, segments: paths.Segments) -> str:
    parts = (*database.split("/"), "documents", *segments)
    return "/".join((PREFIX, *(quote(part, safe="") for part in parts)))


def _table(columns: tuple[str, ...], rows: list[Markup]) -> Markup:
    heads = join(element("th", one, scope="col") for one in columns)
    return element("table", element("thead", element("tr", heads)), element("tbody", join(rows)))


def _row(*cells: str) -> Markup:
    return element("tr", join(element("td", cell) for cell in cells))


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


def _unquoted(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidArgumentError("The path is not UTF-8.") from error
