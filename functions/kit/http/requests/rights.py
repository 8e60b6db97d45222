"""Whether a caller who is known may make a call of a route."""

from collections.abc import Callable, Mapping

from functions.kit.contract.access.identity import Caller, IdentitiesAway
from functions.kit.http.requests import auth
from functions.kit.http.responses.problems import Problem
from functions.kit.http.routing.routes import Route


def check(route: Route, caller: Caller, parameters: Mapping[str, str]) -> None:
    """Refuse what the caller may not do; raises Problem (403, 404)."""
    if route.access == "open" or caller.kind == "step":
        return
    if route.needs is not None:
        auth.check_right(caller, route.needs)
    auth.check_subject(caller, parameters, filters=route.filters)


def still_may(
    admit: Callable[[], Caller], route: Route, parameters: Mapping[str, str], caller: Caller
) -> bool:
    """Tell whether the caller's call would be let in now, to the same workspace."""
    try:
        now = admit()
        check(route, now, parameters)
    except (Problem, IdentitiesAway):
        return False
    return now.workspace == caller.workspace
