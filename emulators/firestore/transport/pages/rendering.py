"""The templates of the pages: every text is escaped, so that no name can break out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent
STYLE = (_FOLDER / "browse.css").read_bytes()
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: Any) -> bytes:
    """Return a whole page.

    Raises:
        jinja2.UndefinedError: A value that the template shows is missing.
    """
    return _TEMPLATES.get_template(template).render(values).encode()
