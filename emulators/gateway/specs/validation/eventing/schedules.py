"""Schedules of ping sources: cron's five fields, six with seconds, or ``@hourly`` and the like."""

_NAMED = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}), (0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, _MONTHS), (0, 6, _DAYS),
)  # fmt: skip


def wrong(text: str) -> str:
    """Return what is wrong with a schedule; empty where nothing is."""
    if text.startswith("@"):
        return "" if text in _NAMED else f"unrecognized descriptor: {text}"
    fields = text.split()
    if len(fields) not in (5, 6):
        return f"expected 5 to 6 fields, found {len(fields)}: [{' '.join(fields)}]"
    bounds = _FIELDS[-len(fields) :]
    found = (
        _wrong_range(part, *bound)
        for field, bound in zip(fields, bounds, strict=True)
        for part in field.split(",")
        if part
    )
    return next(filter(None, found), "")


def _wrong_range(text: str, low: int, high: int, named: dict[str, int]) -> str:
    span, *steps = text.split("/")
    first, *rest = span.split("-")
    free = first in {"*", "?"}
    if len(rest) > 1 and not free:
        return f"too many hyphens: {text}"
    if len(steps) > 1:
        return f"too many slashes: {text}"
    try:
        start = low if free else _number(first, named)
        end = high if free or (steps and not rest) else start
        if rest and not free:
            end = _number(rest[0], named)
        step = _number(steps[0], {}) if steps else 1
    except ValueError as error:
        return str(error)
    return _out_of_bounds(text, (start, end, step), low, high)


def _out_of_bounds(text: str, span: tuple[int, int, int], low: int, high: int) -> str:
    start, end, step = span
    if start < low:
        return f"beginning of range ({start}) below minimum ({low}): {text}"
    if end > high:
        return f"end of range ({end}) above maximum ({high}): {text}"
    if start > end:
        return f"beginning of range ({start}) beyond end of range ({end}): {text}"
    return "" if step else f"step of range should be a positive number: {text}"


def _number(text: str, named: dict[str, int]) -> int:
    found = named.get(text.lower())
    if found is not None:
        return found
    if not (text.isascii() and text.removeprefix("+").isdigit()):
        raise ValueError(
            f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax'
        )
    return int(text)
