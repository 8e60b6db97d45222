"""Times as the API writes them."""

from datetime import UTC, datetime, timedelta

from emulators.storage.model.errors import InvalidError


def text(moment: datetime) -> str:
    """Return a time in RFC 3339, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(value: object, name: str) -> datetime:
    """Return the time that a field tells.

    Raises:
        InvalidError: It tells none.
    """
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidError(f"Invalid value for {name}: {value!r} is no RFC 3339 time.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def after(moment: datetime, seconds: float) -> datetime:
    """Return the time some seconds later."""
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
