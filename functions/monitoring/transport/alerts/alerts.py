"""The routes of alerts."""

import datetime as dt
from typing import Annotated

from flask import Request, Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.errors import Flaw, Unreadable, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.routing.routes import Header, StillMay
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.moments import in_utc
from functions.monitoring.service.alerts.acting import Acting
from functions.monitoring.service.alerts.alerts import AlertService, Wanted
from functions.monitoring.transport.alerts import events
from functions.monitoring.transport.alerts.views import (
    AlertsQuery,
    AlertView,
    EventsQuery,
    Silence,
    view,
)

ALERT = "/alerts/{alert}"
LONGEST_NUMBER = 3


def add(api: Api, service: AlertService, acting: Acting, clock: Clock) -> None:
    """Register the routes."""
    _add_lists(api, service, clock)
    _add_changes(api, service, acting)


def _add_lists(api: Api, service: AlertService, clock: Clock) -> None:
    @api.route("GET", "/alerts", filters=True)
    def list_alerts(query: AlertsQuery, caller: Caller) -> Page[AlertView]:
        """List alerts, newest first; with `since`, those that changed after it, in that order.

        A page may be short before the end. The last one has no `next`.
        """
        wanted = Wanted(query.model, query.state, query.severity)
        if query.since is not None:
            since = _aware(query.since)
            found = service.changed(caller, wanted, since, query.limit)
            return Page([view(one) for one in found])
        page = service.page(caller, wanted, query.limit, query.after, count=query.count)
        return page.each(view)

    @api.route("GET", "/alerts/events", filters=True, gives="text/event-stream", noted=False)
    def watch_alerts(
        query: EventsQuery,
        request: Annotated[Request, Header(events.LAST)],
        caller: Caller,
        still_may: StillMay,
    ) -> Response:
        """Follow alerts: server-sent events named `alert`, each an alert that changed, as JSON."""
        wanted = Wanted(query.model)
        last = request.headers.get(events.LAST)
        since = events.since_of(last, query.since, clock.now())

        def changed(after: dt.datetime, most: int) -> list[Alert]:
            return service.changed(caller, wanted, after, most)

        return Response(
            events.stream(changed, since, still_may, clock),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    @api.route("GET", ALERT, filters=True)
    def get_alert(alert: str, caller: Caller) -> AlertView:
        """Show an alert: what happened to it, who was told, what was done."""
        return view(service.get(caller, alert))


def _add_changes(api: Api, service: AlertService, acting: Acting) -> None:
    @api.route("POST", f"{ALERT}/acknowledge", filters=True, problems=(507,))
    def acknowledge_alert(alert: str, caller: Caller) -> AlertView:
        """Say that one has an alert in hand; the first who does stays."""
        return view(service.acknowledge(caller, alert))

    @api.route("POST", f"{ALERT}/silence", filters=True, problems=(422, 507))
    def silence_alert(alert: str, body: Silence, caller: Caller) -> AlertView:
        """Silence an alert's rule until a time: nobody hears of it, and nothing is done."""
        return view(service.silence(caller, alert, body.until))

    @api.route("POST", f"{ALERT}/acts/{{act}}/undo", filters=True, problems=(409, 422, 507))
    def undo_act(alert: str, act: str, caller: Caller) -> AlertView:
        """Take back what an alert did by itself; 409 where somebody changed the same since."""
        if not act.isascii() or not act.isdecimal() or len(act) > LONGEST_NUMBER:
            raise not_found("act", act[:100], f"the alert '{alert}'")
        return view(acting.undo(caller, alert, int(act)))


def _aware(since: dt.datetime) -> dt.datetime:
    if in_utc(since) is None:
        detail = "`since` is a moment with its offset: 2026-01-31T12:00:00Z."
        raise Unreadable(detail, Flaw("Expected an offset", column="since"))
    return since
