"""Plans: what the reader's allows and how much of it is used; the operator changes them."""

from flask import Blueprint, Response, request, url_for

from web.client.errors import Conflict, Failure, Invalid, Refused
from web.client.functions import Functions
from web.forms.plans import BOUNDS, parse_bounds
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.pages.best_effort import BestEffort
from web.pages.lists import PAGE_SIZE

IN_PLACE = (Refused, Conflict)


class PlanPages:
    """Handlers of plans."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """Show what is used, and all plans."""
        return self._page()

    def put(self) -> Reply:
        """Make a plan, or change one."""
        name = request.form.get("name", "").strip()
        try:
            if not name:
                raise Invalid("Give the plan a name.")
            self._functions.plans.put(name, parse_bounds(request.form))
        except IN_PLACE as error:
            return self._page(error, name)
        toasts.say(f"The plan {name} is saved.")
        return see_other(url_for("plans.index"))

    def delete(self, plan: str) -> Reply:
        """Delete a plan that no account has."""
        try:
            self._functions.plans.delete(plan)
        except IN_PLACE as error:
            return self._page(error)
        toasts.say(f"The plan {plan} is deleted.")
        return see_other(url_for("plans.index"))

    def _page(self, error: Failure | None = None, edited: str = "") -> Response:
        cursor = request.args.get("cursor")
        optional = BestEffort()
        return render(
            "plans/index.html",
            "list",
            error=error,
            page=self._functions.plans.page(PAGE_SIZE, cursor),
            cursor=cursor,
            usage=optional.get(self._functions.plans.usage),
            notes=optional.notes,
            bounds=BOUNDS,
            edited=edited or request.args.get("edit", ""),
            texts=request.form,
        )


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = PlanPages(functions)
    blueprint = Blueprint("plans", __name__, url_prefix="/plans")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "put", handlers.put, methods=["POST"])
    rule("/<plan>/delete", "delete", handlers.delete, methods=["POST"])
    return blueprint
