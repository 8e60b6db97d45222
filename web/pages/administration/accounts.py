"""All accounts, for whoever runs the system: their plans, who is shut out, who may come in."""

from flask import Blueprint, Response, request, url_for

from web.client.errors import Conflict, Failure, Invalid, Refused
from web.client.functions import Functions
from web.forms.repeats import key_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.pages.best_effort import BestEffort
from web.pages.lists import list_view
from web.views.lists import Column

COLUMNS = (
    Column("Name", "name"),
    Column("E-mail address", "email"),
    Column("Plan", "plan"),
    Column("Workspaces"),
    Column("Made", "created_at", greatest_first=True),
)
IN_PLACE = (Refused, Conflict)
MODES = {
    "open": "anybody may make an account",
    "invitation": "whoever is invited may",
    "off": "the operator makes accounts",
}
SAID = {
    "plan": "The account has its new plan.",
    "disabled": "The account is shut out, and its keys and sessions with it.",
    "enabled": "The account may come in again.",
    "made": "The account is made.",
    "mode": "That counts from now on.",
}
MOST_PLANS = 100


class AccountsPages:
    """Handlers of all accounts."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return self._page()

    def make(self) -> Reply:
        """Make an account for somebody."""
        names = ("email", "name", "plan", "password")
        order = {name: request.form.get(name, "").strip() for name in names}
        try:
            if not order["email"] or not order["name"]:
                raise Invalid("Give an e-mail address and a name.")
            self._functions.system.make(
                {key: text for key, text in order.items() if text}, key_of(request.form)
            )
        except IN_PLACE as error:
            return self._page(error)
        return _said("made")

    def change_plan(self, account: str) -> Reply:
        """Give an account another plan."""
        self._functions.system.change(account, {"plan": request.form.get("plan", "")})
        return _said("plan")

    def disable(self, account: str) -> Reply:
        """Shut an account out."""
        self._functions.system.change(account, {"disabled": True})
        return _said("disabled")

    def enable(self, account: str) -> Reply:
        """Let an account in again."""
        self._functions.system.change(account, {"disabled": False})
        return _said("enabled")

    def set_sign_up(self) -> Reply:
        """Say who may make an account."""
        self._functions.system.set_sign_up(request.form.get("sign_up", ""))
        return _said("mode")

    def _page(self, error: Failure | None = None) -> Response:
        optional = BestEffort()
        plans = optional.get(lambda: self._functions.plans.page(MOST_PLANS))
        return render(
            "accounts/index.html",
            "list",
            error=error,
            list=list_view("accounts", self._functions.system.page, COLUMNS),
            plans=[plan.name for plan in plans.items] if plans else [],
            settings=optional.get(self._functions.system.settings),
            notes=optional.notes,
            modes=MODES,
            texts=request.form,
        )


def _said(what: str) -> Response:
    toasts.say(SAID[what])
    return see_other(url_for("accounts.index"))


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = AccountsPages(functions)
    blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "make", handlers.make, methods=["POST"])
    rule("/sign-up", "set_sign_up", handlers.set_sign_up, methods=["POST"])
    rule("/<account>/plan", "change_plan", handlers.change_plan, methods=["POST"])
    rule("/<account>/disable", "disable", handlers.disable, methods=["POST"])
    rule("/<account>/enable", "enable", handlers.enable, methods=["POST"])
    return blueprint
