"""Which addresses are pages of the same kind: one picture of each kind is enough."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

COLLECTIONS = frozenset(
    {
        *("datasets", "jobs", "models", "versions", "functions", "records", "api", "aliases"),
        *("batches", "imports", "alerts", "channels", "rules"),
    }
)
"""What stands behind one of these names one thing of many."""
PLACES = frozenset({"new", "compare", "search"})
"""But for these, which are pages of their own."""
NO_PAGES = re.compile(
    r"/(static|sign-out|healthz|favicon\.ico)(/|$)|/(live|log|events|watch)$|\.\w{2,5}$"
)


def shape(address: str) -> str:
    """Return an address with a star for each name: `/models/*/versions/*`."""
    parts = urlsplit(address).path.strip("/").split("/")
    named = [
        "*" if before in COLLECTIONS and part not in PLACES else part
        for before, part in zip(["", *parts], parts, strict=False)
    ]
    return "/" + "/".join(named)


def file_name(shape: str, width: int, theme: str) -> str:
    """Return the name of a page's picture."""
    words = shape.strip("/").replace("*", "one").replace("/", "-") or "home"
    return f"{re.sub('[^a-z0-9-]', '-', words)}-{width}-{theme}.png"


def new_pages(links: Iterable[str], origin: str, known: Iterable[str]) -> dict[str, str]:
    """Return the links that lead to kinds of pages of `origin` that are not known, by shape."""
    seen, found = set(known), dict[str, str]()
    for link in links:
        if link != origin and not link.startswith(f"{origin}/"):
            continue
        if NO_PAGES.search(urlsplit(link).path):
            continue
        found.setdefault(shape(link), link.partition("#")[0])
    return {kind: link for kind, link in found.items() if kind not in seen}
