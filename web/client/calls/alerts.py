"""Calls to the function `monitoring` about rules, alerts and channels."""

from typing import Any

from web.client.alert_schemas import Alert, Channel, Notice, Rule, Tested
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint, Look, if_match, once, path


class Alerts:
    """Rules of models, the alerts that they came to, and the channels that are told."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Alert]:
        """Return one page of the alerts, newest first; `look` names model, state, severity."""
        return self._endpoint.page(Alert, "/alerts", limit, cursor, *look)

    def get(self, alert: str) -> Alert:
        """Return one alert."""
        return self._endpoint.call(Alert, "GET", path("alerts", alert))

    def acknowledge(self, alert: str) -> Alert:
        """Say that one has it in hand."""
        route = path("alerts", alert, "acknowledge")
        return self._endpoint.call(Alert, "POST", route, repeatable=True)

    def silence(self, alert: str, until: str | None) -> Alert:
        """Silence an alert's rule until a moment, as ISO 8601; None ends that."""
        route = path("alerts", alert, "silence")
        wanted = {"until": until}
        return self._endpoint.call(Alert, "POST", route, json=wanted, repeatable=True)

    def undo(self, alert: str, act: int) -> Alert:
        """Take back what an alert did by itself."""
        return self._endpoint.call(Alert, "POST", path("alerts", alert, "acts", act, "undo"))

    def notice(self, notice: str) -> Notice:
        """Return what a channel was told."""
        return self._endpoint.call(Notice, "GET", path("notices", notice))

    def rules(self, model: str) -> list[Rule]:
        """Return a model's rules, and how each stands."""
        return self._endpoint.call(Page[Rule], "GET", path("models", model, "rules")).items

    def rule(self, model: str, rule: str) -> Rule:
        """Return one rule."""
        return self._endpoint.call(Rule, "GET", path("models", model, "rules", rule))

    def make_rule(self, model: str, wanted: dict[str, Any], repeat: str) -> Rule:
        """Make a rule. `repeat` as in `Keys.make`."""
        route = path("models", model, "rules")
        return self._endpoint.call(Rule, "POST", route, json=wanted, headers=once(repeat))

    def change_rule(self, model: str, rule: str, wanted: dict[str, Any], revision: int) -> Rule:
        """Change a rule that is still at `revision`; else raise Stale."""
        route = path("models", model, "rules", rule)
        return self._endpoint.call(Rule, "PUT", route, json=wanted, headers=if_match(revision))

    def delete_rule(self, model: str, rule: str, revision: int) -> None:
        """Remove a rule that is still at `revision`; else raise Stale."""
        route = path("models", model, "rules", rule)
        self._endpoint.call(Any, "DELETE", route, headers=if_match(revision))

    def test_rule(self, model: str, rule: str) -> list[Notice]:
        """Send a test to each channel of a rule."""
        route = path("models", model, "rules", rule, "test")
        return self._endpoint.call(Tested, "POST", route).notices

    def channels(self) -> list[Channel]:
        """Return the channels."""
        return self._endpoint.call(Page[Channel], "GET", "/channels").items

    def channel(self, channel: str) -> Channel:
        """Return one channel."""
        return self._endpoint.call(Channel, "GET", path("channels", channel))

    def make_channel(self, wanted: dict[str, Any], repeat: str) -> Channel:
        """Make a channel. `repeat` as in `Keys.make`."""
        return self._endpoint.call(Channel, "POST", "/channels", json=wanted, headers=once(repeat))

    def change_channel(self, channel: str, wanted: dict[str, Any], revision: int) -> Channel:
        """Change a channel that is still at `revision`; else raise Stale."""
        route = path("channels", channel)
        return self._endpoint.call(Channel, "PUT", route, json=wanted, headers=if_match(revision))

    def delete_channel(self, channel: str, revision: int) -> None:
        """Remove a channel that is still at `revision`; else raise Stale."""
        self._endpoint.call(Any, "DELETE", path("channels", channel), headers=if_match(revision))

    def test_channel(self, channel: str) -> Notice:
        """Send a test to a channel."""
        return self._endpoint.call(Notice, "POST", path("channels", channel, "test"))
