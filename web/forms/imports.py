"""New rows for a table: how they are brought, and from where, as a form says it."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from web.client.errors import Flaw
from web.client.import_schemas import ImportAsked, Mode

MODES: dict[Mode, tuple[str, str]] = {
    "append": ("Add its rows", "behind those that are there"),
    "upsert": ("Change and add", "a row of the same key gets the file's values, others are added"),
    "replace": ("Replace all rows", "those that are there leave, the file's come in their place"),
}


class ImportForm(NamedTuple):
    """What was chosen.

    Attributes:
        mode: one of MODES, or what was sent instead.
        key: the column that tells rows apart, for an upsert.
        url: where rows are fetched; empty for a file.
    """

    mode: str = "append"
    key: str = ""
    url: str = ""

    @classmethod
    def sent(cls, fields: Mapping[str, str]) -> "ImportForm":
        """Return what a form holds."""
        return cls(*(fields.get(name, "").strip() for name in cls._fields))


def parse_import(
    form: ImportForm, filename: str, columns: list[str]
) -> tuple[ImportAsked | None, list[Flaw]]:
    """Return how rows are brought, or what of the choices does not do.

    Args:
        form: as it was sent.
        filename: of the file; empty where none was chosen.
        columns: of the table.
    """
    mode = next((one for one in MODES if one == form.mode), None)
    flaws = [*_flaws(form, filename, columns)]
    if mode is None or flaws:
        return None, flaws or [Flaw("Choose what is done with the rows.", column="mode")]
    return ImportAsked(mode, [form.key] if mode == "upsert" else []), []


def _flaws(form: ImportForm, filename: str, columns: list[str]) -> list[Flaw]:
    found = []
    if form.mode == "upsert" and form.key not in columns:
        found.append(Flaw("Choose the column that tells rows apart, such as an id.", column="key"))
    if filename and form.url:
        found.append(Flaw("Choose a file or give an address, not both.", column="url"))
    elif not filename and not form.url:
        found.append(Flaw("Choose a file first, or give an address.", column="file"))
    elif form.url and urlsplit(form.url).scheme not in {"http", "https"}:
        found.append(Flaw("An address begins with https:// or http://.", column="url"))
    return found
