"""What columns are called: by the file, by who uploads it, and where the file is silent."""

from collections.abc import Iterator, Mapping, Sequence

from functions.datasets.model import limits
from functions.datasets.model.detection.roles import ROW_NAME


def named(sources: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Return the names of the columns that a file calls `sources`.

    A blank first header, as pandas and R write it, stands for the names of the rows.
    """
    header = [names.get(source, source) for source in sources]
    if len(header) > 1 and not header[0]:
        header[0] = _free(ROW_NAME, header)
    return header


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def name_flaws(header: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Yield why columns cannot be called so, and which."""
    if len(header) > limits.COLUMNS:
        many = f"the file has {len(header):,} columns, the limit is {limits.COLUMNS:,}"
        yield f"{many}; leave some out", None
        return
    seen: dict[str, int] = {}
    for place, name in enumerate(header, 1):
        reason = _name_flaw(name)
        if name and name in seen:
            reason = f"columns {seen[name]} and {place} have the same name; rename one"
        if reason:
            yield reason, name or f"(column {place})"
        seen.setdefault(name, place)


def _name_flaw(name: str) -> str | None:
    if not name:
        return "the column has no name; give it one in the header"
    if len(name) > limits.NAME_LENGTH:
        return f"the column's name is longer than {limits.NAME_LENGTH} characters; shorten it"
    if name.startswith("__") and name.endswith("__"):
        return "a column's name cannot begin and end with two underscores; rename it"
    if "\0" in name:  # neither a Parquet file nor a program in C keeps what comes after it
        return "a column's name cannot hold NUL; rename it"
    return None
