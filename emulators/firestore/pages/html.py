"""HTML as values: every text is escaped when it is put together, so no name can break out."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = {"meta", "link"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Markup:
    """Returns an element; children that are no markup are escaped, as are all attributes."""
    given = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    if tag in _VOID:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{join(children)}</{tag}>")


def join(children: Iterable[str]) -> Markup:
    """Returns texts and markup one after the other."""
    return Markup("".join(one if isinstance(one, Markup) else escape(one) for one in children))


def page(title: str, trail: list[Markup], *content: str) -> bytes:
    """Returns a whole page.

    Args:
        title: of the window.
        trail: links to what is above.
        content: of the page.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("link", rel="stylesheet", href="/browse.css"),
        element("title", f"{title} - Firestore emulator"),
    )
    links = join(element("li", one) for one in trail)
    header = element("nav", element("ol", links), **{"aria-label": "Path"})
    body = element("body", header, element("main", element("h1", title), *content))
    return f"<!doctype html>{element('html', head, body, lang='en')}".encode()


STYLE = b"""\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; overflow-wrap: anywhere; }
nav ol { display: flex; flex-wrap: wrap; gap: .25rem .75rem; list-style: none; padding: 0; }
nav li + li::before { content: "/"; margin-inline-end: .75rem; opacity: .5; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8885; padding: .3rem .6rem; text-align: start;
  vertical-align: top; }
th, time { white-space: nowrap; }
td { min-width: 7rem; }
@media (max-width: 40rem) { time { white-space: normal; } td { min-width: 4rem; } }
code { font: .9em ui-monospace, monospace; white-space: pre-wrap; }
a { color: LinkText; }
a:focus-visible { outline: 3px solid; outline-offset: 2px; }
"""
