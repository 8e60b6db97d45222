"""Evaluates rules: after windows are summed, and when it is time.

What is decided, and what is to be sent or done for it, is one transaction; the rest is steps.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import structlog
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError
from functions.kit.contract.measures.names import DIRECTIONS
from functions.kit.contract.models.registration import CHAMPION, Model
from functions.kit.contract.ports import Clock
from functions.kit.service.hints import Hints
from functions.monitoring.model.alerts import deciding, defaults, looking
from functions.monitoring.model.alerts import watch as watches
from functions.monitoring.model.alerts.conditions import Training, Worse
from functions.monitoring.model.alerts.deciding import Decision
from functions.monitoring.model.alerts.points import AGE, length
from functions.monitoring.model.alerts.rules import Rule, metric_of
from functions.monitoring.model.alerts.states import RuleState, Verdict
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.model.windows.measures import Point
from functions.monitoring.model.windows.window import Span
from functions.monitoring.service.alerts.ports import (
    Everybody,
    Registered,
    Series,
    Trained,
    Watches,
)

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two evaluations of a model by one replica, however often it is summed."""
SHOWN = dt.timedelta(minutes=5)
"""How old what a rule is shown to have seen may be."""
MOST_MODELS = 10_000
Points = dict[str, list[Point]]
"""By rule."""
Needed = dict[tuple[int | None, Span], tuple[int, set[str]]]
"""A version's span, how many of its last windows are needed, and which measures of them."""
Decide = Callable[..., Decision | None]
"""Takes a watch, and the channels that are everybody's."""


class Evaluation:
    """Evaluates the rules of models.

    Args:
        watches: rules, and how they stand.
        series: what was measured.
        registered: the models.
        everybody: the channels that are told where a rule names none.
        hints: has notices sent, and acts done.
        clock: tells the time.
    """

    def __init__(
        self,
        watches: Watches,
        series: Series,
        registered: Registered,
        everybody: Everybody,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._watches = watches
        self._series = series
        self._registered = registered
        self._everybody = everybody
        self._hints = hints
        self._clock = clock
        self._looked: dict[Place, float] = {}

    def after(self, models: Sequence[Place]) -> None:
        """Evaluate models whose windows were summed, each now and then; never fails.

        A model that is asked for the first time gets its rules.
        """
        for model in models:
            if not self._is_time(model):
                continue
            try:
                self.evaluate(model, soon=True)
            except DomainError as error:  # the next batch, or the schedule, has it evaluated
                log.warning("rules not evaluated", model=model.name, error=str(error))

    def evaluate(self, model: Place, *, soon: bool = False) -> None:
        """Evaluate a model's rules; `soon`: it is being asked. Raises Away."""
        watch = self._watches.find(model)
        if watch is None and not soon:
            return
        known = self._registered.model(model)
        if known is None:
            self._put_to_sleep(model, watch)
            return
        is_new = watch is None or (soon and not watch.uid)
        if watch is None or is_new or not _is_of(watch, known):
            watch = self._begin(model, known)
        points = self._points(watch, known)
        verdicts = self._verdicts(watch, known, points)

        def decide(found: Watch | None, everybody: Sequence[str] = ()) -> Decision | None:
            if found is None or not _is_of(found, known):
                return None
            now = self._clock.now()
            decision = deciding.decide(found, verdicts, now, everybody)
            at = looking.next_look(decision.watch, points, now, soon=soon)
            decision.watch = replace(decision.watch, next_at=at)
            return decision

        self._apply(model, watch, decide)

    def _apply(self, model: Place, watch: Watch, decide: Decide) -> None:
        """Write a decision; what changes nothing costs no transaction."""
        first = decide(watch)
        if first is None or (first.is_quiet and _is_same(watch, first.watch, self._clock.now())):
            return
        everybody = () if first.is_quiet else self._everybody(model.workspace)
        self.tell(self._watches.change(model, lambda found: decide(found, everybody)))

    def tell(self, decision: Decision) -> None:
        """Have what a decision made due looked at."""
        self._hints.send(decision.steps())

    def _begin(self, model: Place, known: Model) -> Watch:
        """Give a model its rules; one that took the place of another is watched anew by them."""
        now, everybody = self._clock.now(), self._everybody(model.workspace)

        def decide(found: Watch | None) -> Decision:
            watch = found or watches.new(model, now)
            decision = Decision(watch, now, everybody)
            if not watch.uid:
                rules = {**defaults.rules(known.task, now), **watch.rules}
                decision.watch = replace(watch, rules=rules)
            elif not _is_of(watch, known):
                for rule in watch.rules.values():
                    decision.reset(rule, "another model has the name now")
            decision.watch = replace(decision.watch, uid=known.uid)
            return decision.complete()

        made = self._watches.change(model, decide)
        self.tell(made)
        return made.watch

    def _put_to_sleep(self, model: Place, watch: Watch | None) -> None:
        """End the alerts of a model that is no more; its rules stay for when it comes back."""
        if watch is None or (watch.next_at is None and not watch.states):
            return
        everybody = self._everybody(model.workspace)

        def decide(found: Watch | None) -> Decision | None:
            if found is None:
                return None
            decision = Decision(found, self._clock.now(), everybody)
            for rule in found.rules.values():
                decision.reset(rule, "the model is no more")
            decision.watch = replace(decision.watch, next_at=None)
            return decision.complete()

        self.tell(self._watches.change(model, decide))

    def _points(self, watch: Watch, known: Model) -> Points:
        """Return the points that each rule goes by; the windows of several are read once."""
        rules = [one for one in watch.rules.values() if one.enabled]
        windows = {
            (version, span): self._series.windows(watch.place, version, span, last, measures)[1]
            for (version, span), (last, measures) in _needed(rules, known).items()
        }
        found: Points = {}
        for rule in rules:
            if rule.measure == AGE:
                found[rule.id] = self._age(watch.place, known)
            else:
                read = windows[version_of(rule, known), rule.span]
                points = (one.point(rule.measure) for one in read)
                found[rule.id] = [one for one in points if one is not None]
        return found

    def _age(self, model: Place, known: Model) -> list[Point]:
        """Return the days since the newest version was made, as a window of the last hour."""
        newest = self._registered.version(model, max(known.versions, default=0))
        if newest is None:
            return []
        now = self._clock.now()
        days = (now - newest.made_at).total_seconds() / 86_400
        hour = now.replace(minute=0, second=0, microsecond=0)
        return [Point(hour - length("hour"), hour, 1, days, None, None, alarm=False)]

    def _verdicts(
        self, watch: Watch, known: Model, points: Points
    ) -> Mapping[str, Sequence[Verdict]]:
        now, scores = self._clock.now(), _Scores(self._registered, watch.place, known)
        return {
            ident: looking.verdicts(watch.rules[ident], found, scores.of(watch.rules[ident]), now)
            for ident, found in points.items()
        }

    def _is_time(self, model: Place) -> bool:
        now = self._clock.monotonic()
        if now - self._looked.get(model, -EVERY) < EVERY:
            return False
        if len(self._looked) >= MOST_MODELS:
            self._looked.clear()
        self._looked[model] = now
        return True


def _needed(rules: Sequence[Rule], known: Model) -> Needed:
    found: Needed = {}
    for rule in rules:
        if rule.measure != AGE:
            key = version_of(rule, known), rule.span
            last, measures = found.get(key, (0, set()))
            last = max(last, looking.windows_needed(rule))
            found[key] = last, {*measures, rule.measure}
    return found


def version_of(rule: Rule, model: Model) -> int | None:
    """Return the version that a rule looks at: the champion, unless it names another."""
    return rule.version or model.aliases.get(CHAMPION)


class _Scores:
    """What versions measured in training, each read once."""

    def __init__(self, registered: Registered, model: Place, known: Model) -> None:
        self._registered = registered
        self._model = model
        self._known = known
        self._read: dict[int, Trained | None] = {}

    def of(self, rule: Rule) -> Training | None:
        """Return what a rule compares with; None where it does not, or nothing is known."""
        metric = metric_of(rule.measure)
        if metric is None or not isinstance(rule.condition, Worse):
            return None
        version = version_of(rule, self._known)
        if version is None or not self._known.has(version):
            return None
        if version not in self._read:
            self._read[version] = self._registered.version(self._model, version)
        found = self._read[version]
        value = found and found.metrics.get(metric)
        if found is None or not isinstance(value, (int, float)):
            return None
        direction = DIRECTIONS[found.task].get(metric)
        return None if direction is None else Training(float(value), direction)


def _is_of(watch: Watch, model: Model) -> bool:
    """Tell whether a watch is of the model that has the name now, or of none yet."""
    return watch.uid in {"", model.uid}


def _is_same(before: Watch, after: Watch, now: dt.datetime) -> bool:
    """Tell whether nothing needs to be written: all is as it was, and looked at soon enough.

    Windows that turned nothing need not be noted: who walks over them again turns nothing, either.
    That they were seen is noted now and then, for who looks at the rule.
    """
    if before.rules != after.rules or before.uid != after.uid:
        return False
    known = before.states.keys() | after.states.keys()
    if not all(_is_as_good(before.state(one), after.state(one)) for one in known):
        return False
    at, wanted = before.next_at, after.next_at
    if at is None or at <= now:
        return at == wanted
    return wanted is None or at <= wanted


def _is_as_good(before: RuleState, after: RuleState) -> bool:
    if before == after:
        return True
    if before.seen is None or after.seen is None or after.seen - before.seen >= SHOWN:
        return False
    return before == replace(after, seen=before.seen, value=before.value, run=before.run)
