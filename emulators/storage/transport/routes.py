"""Which handler an address leads to."""

from collections.abc import Callable, Mapping
from urllib.parse import unquote

from emulators.storage.model.errors import NoRouteError
from emulators.storage.transport.call import Call
from emulators.storage.transport.http.messages import Response

Handler = Callable[[Call], Response]
Names = Mapping[str, str]
# The longest comes first. Node's client leaves the last one out where STORAGE_EMULATOR_HOST has no
# path; no bucket can be called "b", so that nothing else has such an address.
PREFIXES = (
    "/resumable/upload/storage/v1/",
    "/upload/storage/v1/",
    "/download/storage/v1/",
    "/storage/v1/",
    "/",
)
UPLOADS = frozenset(PREFIXES[:2])
_ROOTS = frozenset(("b", "projects"))


class Routes:
    """The routes of the JSON API.

    Args:
        table: Handlers by method and pattern, such as "POST b/{bucket}/o"; those of uploads have
            the pattern "upload ...".
    """

    def __init__(self, table: Mapping[str, Handler]) -> None:
        self._by_length: dict[tuple[str, int], list[tuple[list[str], Handler]]] = {}
        for key, handler in table.items():
            method, pattern = key.split(" ", 1)
            parts = pattern.split("/")
            self._by_length.setdefault((method, len(parts)), []).append((parts, handler))

    def find(self, method: str, path: str) -> tuple[Handler, Names]:
        """Return the handler for an address, and the names in it.

        Raises:
            NoRouteError: There is none.
        """
        prefix = next(one for one in PREFIXES if path.startswith(one))
        parts = path[len(prefix) :].split("/")
        if prefix in UPLOADS:
            parts[0] = f"upload {parts[0]}"
        for pattern, handler in self._by_length.get((method, len(parts)), ()):
            if all(one[0] == "{" or one == part for one, part in zip(pattern, parts, strict=True)):
                return handler, _names(pattern, parts)
        raise NoRouteError(f"There is no route {method} {path[:200]!r}.")


def is_api(path: str) -> bool:
    """Tell whether an address is one of the JSON API's, not of a bucket."""
    if any(path.startswith(prefix) for prefix in PREFIXES[:-1]):
        return True
    return path[1:].partition("/")[0] in _ROOTS


def _names(pattern: list[str], parts: list[str]) -> Names:
    return {
        one[1:-1]: unquote(part) for one, part in zip(pattern, parts, strict=True) if one[0] == "{"
    }
