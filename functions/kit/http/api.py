"""A function's API: finds the route, checks the caller, decodes, calls, encodes, maps errors.

`Api.handle` is an HTTP function in the sense of functions-framework.
"""

import time
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Unpack
from urllib.parse import unquote

import prometheus_client
from flask import Request, Response

from functions.kit.adapters.calls.step_tokens import SCHEME
from functions.kit.adapters.tracing import tracing
from functions.kit.contract.access.identity import Caller, Right
from functions.kit.contract.telemetry import traces
from functions.kit.http import activity, metrics
from functions.kit.http.activity import Take
from functions.kit.http.requests import auth, bodies, rights
from functions.kit.http.requests.plain import Asked, PlainRequest
from functions.kit.http.responses import caching
from functions.kit.http.responses.answers import JSON, Answer
from functions.kit.http.responses.etags import Revalidating
from functions.kit.http.responses.failures import NO_OTHERS, ErrorAnswer, Failures
from functions.kit.http.responses.problems import Problem
from functions.kit.http.responses.replies import response_of
from functions.kit.http.responses.streaming import with_first_chunk
from functions.kit.http.routing.router import Router
from functions.kit.http.routing.routes import Handler, Options, Route, describe
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.kit.adapters import spans
    from functions.kit.http.routing import descriptions
else:
    descriptions = Lazy("functions.kit.http.routing.descriptions")

MAY_CALL = "/_/may-call"


class Api:
    """The routes of one function.

    Args:
        name: the function's name.
        summary: one sentence for the API description.
        guard: recognises callers.
        max_json_bytes: the largest JSON body.
        base_path: what callers put before its paths; empty where it has a host of its own.
        note: takes a note of each request; None for nobody.

    Attributes:
        describe_more: what the description has beside the routes, for each caller; or None.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        guard: auth.Access,
        max_json_bytes: int,
        base_path: str = "",
        note: Take | None = None,
    ) -> None:
        self.name = name
        self.summary = summary
        self.base_path = base_path
        self.routes: list[Route] = []
        self.describe_more: descriptions.Ask | None = None
        self._guard = guard
        self._limit = max_json_bytes
        self._note = note
        self._tracing = tracing()
        self._router: Router[Route] = Router()
        self._failures = Failures()
        self._add_own_routes()

    def route(
        self, method: str, path: str, **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        """Register the decorated handler under `method` and `path`.

        Its annotations describe it. One that reads its request or writes its response itself
        says what they are: `takes` and `gives` are each a type of JSON, a media type, or a tuple
        of media types; `asks` is the Struct of a query string that it reads itself. `also` are
        further statuses of a success, `problems` those of errors that the handler raises; what the
        kit answers itself is known.

        `needs` is the right that a caller must have, None for any caller; usually to read for a
        GET, and to write for the rest. A key that is for one thing is refused where the path does
        not name it (as `{model}` or `{dataset}`), but where the handler itself `filters`.
        Requests are activity unless they are not to be `noted`. A handler is `plain` that needs no
        more of its request than Asked has, and gives an Answer: then Flask has no part in most.
        """

        def register(handler: Handler) -> Handler:
            route = describe(method, path, handler, **options)
            self.routes.append(route)
            self._router.add(method, path, route)
            return handler

        return register

    def also_note(self, take: Take) -> None:
        """Have `take` be given the notes of requests, too."""
        self._note = activity.both(self._note, take)

    def answer_errors_below(
        self, prefix: str, answer: ErrorAnswer, shape: Any, statuses: Mapping[int, int] = NO_OTHERS
    ) -> None:
        """Let `answer` shape the errors of all paths below `prefix` (a protocol's own form).

        For the API description, `shape` is the type of their JSON, and `statuses` those that it
        answers instead of others.
        """
        self._failures.answer_below(prefix, answer, shape, statuses)

    def error_shape(self, path: str) -> Any:
        """Return the type of the JSON that a route's errors are."""
        return self._failures.shape(path)

    def error_status(self, path: str, status: int) -> int:
        """Return the status that an error has on a route."""
        return self._failures.status(path, status)

    def look(self, path: str, token: str) -> None:
        """Carry out the step at `path`, as if it had been called with the step token.

        Raises:
            Problem: 404, it is no step of ours; 401, the token does not open it.
        """
        route, parameters = self._find("POST", path)
        if route.access != "step":
            raise Problem(404, f"{self.name} has no step {path[:200]}.")
        shown = {auth.AUTHORIZATION: f"{SCHEME} {token}"}
        self._guard.admit(shown, "POST", path, route.access)
        route.handler(**parameters)

    def caller_of(self, credential: str, right: Right, **things: str) -> Caller:
        """Return whose a credential is that came in a body: brokers pass no Authorization on.

        Args:
            credential: an API key, or a session's token.
            right: what its owner must be allowed.
            things: what the call is about, by kind.

        Raises:
            Problem: 401, it is nobody's; 403 or 404, it is not good for this.
        """
        shown = {auth.AUTHORIZATION: f"Bearer {credential}"}
        caller = self._guard.admit(shown, "POST", "/", "caller")
        auth.check_right(caller, right)
        auth.check_subject(caller, things, filters=False)
        return caller

    def handle(self, request: Request) -> Response:
        """Answer one request; never raises."""
        began = time.perf_counter()
        span = self.begin(request.environ)
        route, found = self._respond(request)
        response = found.response() if isinstance(found, Answer) else found
        caching.keep_apart(request, response)
        status = response.status_code
        label = self._observe(route, status, began)
        if span is not None:
            span.end(request.method, label, status)
        if self._note is not None and (route is None or route.noted):
            activity.note(self._note, request, label, response, began)
        return response

    def answer(self, request: PlainRequest) -> Answer | None:
        """Answer one request as `handle` does, or return None where no route takes plain ones."""
        began = time.perf_counter()
        found = self._router.find(request.method, request.path)
        if found is None or not found[0].plain:
            return None
        route, parameters = found
        span = self.begin(request.environ)
        try:
            answer: Answer = self._call(route, request, parameters)
        except Exception as error:  # noqa: BLE001 - as in _respond
            answer = self._failures.answer(error, request, step=route.access == "step")
        if span is not None:
            span.end(request.method, route.path, answer.status)
        self.tell(route, request, answer.status, began)
        return answer

    def admit(self, route: Route, request: Asked, parameters: Mapping[str, str]) -> Caller:
        """Return who calls a route, and may; raises Problem, IdentitiesAway."""
        caller = request.environ[activity.CALLER] = self._guard.check(request, route.access)
        rights.check(route, caller, parameters)
        return caller

    def recognise(self, call: Asked) -> Caller:
        """Return who calls, by a key or a session; raises Problem, IdentitiesAway."""
        return self._guard.check(call, "caller")

    def tell(self, route: Route, request: Asked, status: int, began: float) -> None:
        """Count and note a call whose answer is there, which began at `time.perf_counter()`."""
        label = self._observe(route, status, began)
        if self._note is not None and route.noted:
            activity.note_now(self._note, request, label, status, began)

    def begin(self, environ: Mapping[str, Any]) -> "spans.RequestSpan | None":
        """Let what follows belong to the request's trace; return its span, where there are any."""
        field = environ.get("HTTP_TRACEPARENT", "")
        traces.came_with.set(field)
        return self._tracing.request(field) if self._tracing.on else None

    def _observe(self, route: Route | None, status: int, began: float) -> str:
        """Count an answer; return what its route is called."""
        label = route.path if route else "unknown"
        metrics.observe(label, status, time.perf_counter() - began)
        return label

    def _respond(self, request: Request) -> tuple[Route | None, Answer | Response]:
        route = None
        try:
            route, parameters = self._asked(request)
            found = self._call(route, request, parameters)
            return route, found if type(found) is Answer else with_first_chunk(found, request)
        except Exception as error:  # noqa: BLE001 - the one place that turns errors into answers
            step = route is not None and route.access == "step"
            return route, self._failures.answer(error, request, step=step)

    def _asked(self, request: Request) -> tuple[Route, dict[str, Any]]:
        """Return the route of a request; who does not say who asks hears of none that is not."""
        try:
            return self._find(request.method, request.path)
        except Problem:
            self._guard.check(request, "any")
            raise

    def _find(self, given: str, path: str) -> tuple[Route, dict[str, Any]]:
        # A HEAD is a GET whose body the server leaves out.
        method = "GET" if given == "HEAD" else given
        found = self._router.find(method, path)
        if found is not None:
            return found
        allowed = ", ".join(self._router.methods(path))
        if allowed:
            detail = f"{given} is not for {path}; it takes {allowed}."
            raise Problem(405, detail, headers={"Allow": allowed})
        raise Problem(404, f"{self.name} has no route {path}; /openapi.json lists them.")

    def _call(self, route: Route, request: Any, parameters: dict[str, Any]) -> Any:
        """Call a route's handler; `request` is Asked, and Flask's where the route is not plain."""
        caller = self.admit(route, request, parameters)
        arguments = parameters | route.arguments(request, caller)
        if "still_may" in route.wants:
            again = partial(self._guard.check, request, route.access)
            arguments["still_may"] = partial(rights.still_may, again, route, parameters, caller)
        if route.body is not None:
            arguments["body"] = bodies.decode(bodies.read_json(request, self._limit), route.body)
        if route.query is not None:
            arguments["query"] = bodies.query_values(request, route.query)
        given = route.handler(**arguments)
        return given if type(given) is Answer else response_of(given, route.status)

    @cached_property
    def _descriptions(self) -> "descriptions.Descriptions":
        return descriptions.Descriptions(self)

    def _add_own_routes(self) -> None:
        def health() -> dict[str, str]:
            """Tell that the function runs."""
            return {"status": "ok"}

        def description(request: Revalidating, caller: Caller) -> Response:
            """Describe what the caller may do here (OpenAPI 3.1)."""
            return self._descriptions.answer(request, caller, self.describe_more)

        def scrape() -> Response:
            """Give this replica's metrics, of all workspaces (Prometheus)."""
            text = prometheus_client.generate_latest()
            return Response(text, content_type=prometheus_client.CONTENT_TYPE_LATEST)

        def may_call(request: Request) -> None:
            """Tell whether the caller may make the call that two of its fields name.

            A gateway asks so before it puts a call on its queue (204, or why not).
            """
            method = request.headers.get("X-Original-Method", "GET")
            path = unquote(request.headers.get("X-Original-URI", "/").partition("?")[0])
            route, parameters = self._find(method, path)
            rights.check(
                route,
                self._guard.admit(request.environ, method, path, route.access),
                parameters,
            )

        self.route("GET", MAY_CALL, access="open", hidden=True)(may_call)
        self.route("GET", "/_/health", access="open", hidden=True, noted=False)(health)
        self.route("GET", "/_/ready", access="open", hidden=True, noted=False)(health)
        told: Any = {"needs": None, "filters": True, "gives": JSON, "also": (304,)}
        self.route("GET", "/openapi.json", **told)(description)
        self.route("GET", "/metrics", needs="operate", hidden=True, noted=False)(scrape)
