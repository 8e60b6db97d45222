"""What the gateway answers itself: access, then the APIs' routes."""

import base64
import hmac
import re
from collections.abc import Awaitable, Callable

import msgspec

from emulators.gateway.errors import Forbidden, NotAllowed, NotFound, Unauthenticated
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.kubernetes_status import failure
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.routing import by_page

Handler = Callable[..., Awaitable[Answer]]
KUBERNETES = ("/api", "/openapi/")
GUARDED = ("/system/", "/ui/", *KUBERNETES)


class Admin:
    """A table of routes with basic auth before the guarded ones.

    Args:
        user: Name for basic auth.
        password: Password for basic auth.
    """

    def __init__(self, user: str, password: str) -> None:
        self._expected = base64.b64encode(f"{user}:{password}".encode())
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, methods: str, pattern: str, handler: Handler) -> None:
        """Add a route.

        Args:
            methods: One or more methods, separated by spaces.
            pattern: A path with ``{name}`` for a part that the handler gets; else a regular
                expression.
            handler: Gets the request and the named parts.
        """
        regex = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))
        for method in methods.split():
            self._routes.append((method, regex, handler))

    async def handle(self, incoming: Incoming) -> Answer:
        """Answer a request, or raise what is wrong with it."""
        path = incoming.path
        if path.startswith(GUARDED):
            if by_page(incoming.request):
                raise Forbidden("no page may call this", "use a client, or type the address")
            refused = self._refusal(incoming)
            if refused is not None:
                return refused
        allowed = []
        method = "GET" if incoming.method == "HEAD" else incoming.method
        for wanted, pattern, handler in self._routes:
            match = pattern.fullmatch(path)
            if match and wanted == method:
                return await handler(incoming, **match.groupdict())
            if match:
                allowed.append(wanted)
        if allowed:
            raise NotAllowed(f"{incoming.method} {path}", "use " + ", ".join(allowed))
        raise NotFound(f"nothing answers {path}", "functions are at /function/<name>/")

    def knows(self, incoming: Incoming) -> bool:
        """Tell whether a request carries the name and the password, and no page makes it.

        A browser that knows them adds them by itself, whoever wrote the page.
        """
        given = incoming.request.get(b"authorization") or b""
        return self.accepts(given) and not by_page(incoming.request)

    def accepts(self, credential: bytes) -> bool:
        """Tell whether the value of an ``Authorization`` is the name and the password."""
        kind, _, given = credential.partition(b" ")
        return kind.lower() == b"basic" and hmac.compare_digest(given.strip(), self._expected)

    def _refusal(self, incoming: Incoming) -> Answer | None:
        if self.knows(incoming):
            return None
        header = (b"www-authenticate", b'Basic realm="Restricted"')
        status = status_of(Unauthenticated)
        if incoming.path.startswith(KUBERNETES):
            told = msgspec.json.encode(failure(Unauthenticated("Unauthorized")))
            return Answer(status, told, headers=[header])
        return Answer(status, b"invalid credentials", "text/plain", [header])
