"""A model's rules: when somebody hears of it, and what is done by itself."""

from flask import Blueprint, Response, request, url_for

from web.client.alert_schemas import Rule
from web.client.errors import Conflict, Failure, Refused, Stale
from web.client.functions import Functions
from web.forms.preconditions import expected_version
from web.forms.repeats import key_of
from web.forms.rules import ACTS, CONDITIONS, SEVERITIES, parse_rule, texts_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.readers import require
from web.pages.best_effort import BestEffort
from web.views.monitoring.words import SPANS, measure_words

IN_PLACE = (Refused, Conflict, Stale)
PLAIN = ("drift", "drift:prediction", "coverage", "calls", "p50", "p95", "p99", "age")


class RulePages:
    """Handlers of rules."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self, model: str) -> Reply:
        """List them, and how each stands."""
        found, optional = self._functions.models.get(model), BestEffort()
        rules = self._functions.alerts.rules(model)
        channels = optional.get(self._functions.alerts.channels)
        return render(
            "rules/index.html",
            model=found,
            rules=rules,
            channels={one.id: one.title for one in channels or ()},
            everybody=[one.title for one in channels or () if one.everybody],
            channels_unknown=channels is None,
            notes=optional.notes,
        )

    def form(self, model: str) -> Reply:
        """Show the form of a new one."""
        require("write")
        return self._form(model, None)

    def edit(self, model: str, rule: str) -> Reply:
        """Show the form of one that there is."""
        require("write")
        return self._form(model, self._functions.alerts.rule(model, rule))

    def make(self, model: str) -> Reply:
        """Make one."""
        try:
            wanted = parse_rule(request.form, *_ticked())
            made = self._functions.alerts.make_rule(model, wanted, key_of(request.form))
        except IN_PLACE as error:
            return self._form(model, None, error)
        toasts.say(f"{made.name} looks after {model} from now on.")
        return see_other(url_for("rules.index", model=model))

    def change(self, model: str, rule: str) -> Reply:
        """Change one, if it is still as it was shown."""
        revision = expected_version(request.form, "revision", "the rule it changes")
        found = self._functions.alerts.rule(model, rule)
        try:
            wanted = parse_rule(request.form, *_ticked(), before=found)
            self._functions.alerts.change_rule(model, rule, wanted, revision)
        except IN_PLACE as error:
            return self._form(model, found, error)
        toasts.say(f"{wanted['name']} is changed.")
        return see_other(url_for("rules.index", model=model))

    def delete(self, model: str, rule: str) -> Reply:
        """Remove one, if it is still as it was shown."""
        revision = expected_version(request.form, "revision", "the rule it removes")
        self._functions.alerts.delete_rule(model, rule, revision)
        toasts.say("The rule is removed; an alert of it is over.")
        return see_other(url_for("rules.index", model=model))

    def test(self, model: str, rule: str) -> Reply:
        """Send a test to each channel of a rule."""
        notices = self._functions.alerts.test_rule(model, rule)
        count = "1 channel is" if len(notices) == 1 else f"{len(notices)} channels are"
        toasts.say(f"{count} told that this is a test.")
        return see_other(url_for("rules.index", model=model))

    def _form(self, model: str, rule: Rule | None, error: Failure | None = None) -> Response:
        optional = BestEffort()
        channels = optional.get(self._functions.alerts.channels)
        if error:
            texts: dict[str, str] = {**request.form}
            ticked, acts = _ticked()
        else:
            texts = texts_of(rule)
            ticked = (rule.channels if rule else None) or []
            acts = [str(one.get("do")) for one in rule.acts] if rule else []
        return render(
            "rules/form.html",
            error=error,
            model=model,
            rule=rule,
            texts=texts,
            ticked=ticked,
            acts=acts,
            channels=channels or [],
            channels_unknown=channels is None,
            measures=self._measures(model, optional),
            notes=optional.notes,
            SPANS=SPANS,
            CONDITIONS=CONDITIONS,
            SEVERITIES=SEVERITIES,
            ACTS=ACTS,
        )

    def _measures(self, model: str, optional: BestEffort) -> dict[str, str]:
        """Return the measures that there are: those of each model, and those of its windows."""
        found = optional.get(lambda: self._functions.monitoring.windows(model, "day", 1))
        live = [key for one in (found.windows if found else ()) for key in one.measures]
        names = dict.fromkeys([*PLAIN, *live])
        return {name: measure_words(name) for name in names if not name.startswith("psi:")}


def _ticked() -> tuple[list[str], list[str]]:
    """Return the channels and the acts that are ticked."""
    return request.form.getlist("channels"), request.form.getlist("acts")


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = RulePages(functions)
    blueprint = Blueprint("rules", __name__, url_prefix="/models/<model>/rules")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "make", handlers.make, methods=["POST"])
    rule("/new", "form", handlers.form)
    rule("/<rule>/edit", "edit", handlers.edit)
    rule("/<rule>", "change", handlers.change, methods=["POST"])
    rule("/<rule>/delete", "delete", handlers.delete, methods=["POST"])
    rule("/<rule>/test", "test", handlers.test, methods=["POST"])
    return blueprint
