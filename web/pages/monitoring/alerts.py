"""Alerts: what is off, who has it in hand, what was done by itself and can be undone."""

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request, url_for

from web.client.alert_schemas import Alert
from web.client.errors import NotFound
from web.client.functions import Functions
from web.client.schemas import Page
from web.forms.channels import HOURS, until_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.toasts import Undo
from web.pages.at_once import at_once
from web.pages.best_effort import BestEffort
from web.pages.lists import Params, list_view
from web.views.lists import Column
from web.views.moments import is_ahead

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = (
    Column("Alert"),
    Column("Model"),
    Column("State"),
    Column("It looks for"),
    Column("Since"),
    Column("Until"),
)
FILTERS = {
    "state": {"firing": "Open", "resolved": "Over"},
    "severity": {"critical": "Critical", "warning": "Warnings", "info": "Good to know"},
}
MOST_NOTICES = 20


class AlertPages:
    """Handlers of alerts."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them, the newest first."""
        chosen = _chosen()
        return render(
            "alerts/index.html",
            "list",
            list=list_view("alerts", partial(self._page, chosen), COLUMNS, chosen),
            chosen=chosen,
            FILTERS=FILTERS,
            HOURS=HOURS,
        )

    def show(self, alert: str) -> Reply:
        """Show one: what happened, who was told, what was done."""
        found, optional = self._functions.alerts.get(alert), BestEffort()
        functions = self._functions.alerts
        fetches: list[Callable[[], Any]] = [
            lambda: optional.get(lambda: functions.rule(found.model, found.rule)),
            lambda: optional.get(functions.channels),
            *(
                partial(optional.get, partial(functions.notice, one))
                for one in found.notices[-MOST_NOTICES:]
            ),
        ]
        rule, channels, *notices = at_once(fetches)
        return render(
            "alerts/show.html",
            alert=found,
            rule=rule,
            channels={one.id: one.title for one in channels or ()},
            notices=[one for one in notices if one],
            told_unknown=channels is None or (None in notices and bool(optional.notes)),
            silenced=rule is not None and is_ahead(rule.silenced_until),
            notes=optional.notes,
            HOURS=HOURS,
        )

    def acknowledge(self, alert: str) -> Reply:
        """Take one in hand."""
        found = self._functions.alerts.acknowledge(alert)
        toasts.say(f"{found.acknowledged_by or 'Somebody'} has {found.name} in hand.")
        return see_other(_back(alert))

    def silence(self, alert: str) -> Reply:
        """Let nobody hear of its rule for some time, or end that."""
        until = until_of(request.form)
        found = self._functions.alerts.silence(alert, until)
        if until is None:
            toasts.say(f"{found.name} is heard again.")
        else:
            for_long = HOURS[request.form["hours"]]
            undo = Undo(url_for("alerts.silence", alert=alert), {"hours": "0"})
            toasts.say(f"Nobody hears of {found.name} for {for_long}, and nothing is done.", undo)
        return see_other(_back(alert))

    def undo(self, alert: str, act: int) -> Reply:
        """Take back what it did."""
        found = self._functions.alerts.undo(alert, act)
        if act >= len(found.acts):
            raise NotFound("The alert did no such thing.")
        toasts.say(found.acts[act].said or "It is as it was before.")
        return see_other(url_for("alerts.show", alert=alert))

    def _page(
        self, chosen: dict[str, str], limit: int, cursor: str | None, _: Params
    ) -> Page[Alert]:
        return self._functions.alerts.page(limit, cursor, tuple(chosen.items()))


def _chosen() -> dict[str, str]:
    """Return which alerts the address asks for."""
    found = {name: request.args.get(name, "") for name in FILTERS}
    chosen = {name: text for name, text in found.items() if text in FILTERS[name]}
    model = request.args.get("model", "")[:200]
    return chosen | ({"model": model} if model else {})


def _back(alert: str) -> str:
    """Return the page that a form was on: the list, or the alert's own."""
    if request.form.get("back") == "list":
        kept: dict[str, Any] = {**_chosen()}
        return url_for("alerts.index", **kept)
    return url_for("alerts.show", alert=alert)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = AlertPages(functions)
    blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("/<alert>", "show", handlers.show)
    rule("/<alert>/acknowledge", "acknowledge", handlers.acknowledge, methods=["POST"])
    rule("/<alert>/silence", "silence", handlers.silence, methods=["POST"])
    rule("/<alert>/acts/<int:act>/undo", "undo", handlers.undo, methods=["POST"])
    return blueprint
