"""What people do with rules: make, change, remove, try."""

import uuid
from collections.abc import Callable

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Flaw, not_found, refused
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.conditions import IfMatch, check_match
from functions.kit.contract.requests.idempotency import other_request
from functions.kit.service.hints import Hints
from functions.monitoring.model.alerts import rules
from functions.monitoring.model.alerts import watch as watches
from functions.monitoring.model.alerts.deciding import Decision
from functions.monitoring.model.alerts.due import send_step
from functions.monitoring.model.alerts.notices import Line, Notice
from functions.monitoring.model.alerts.rules import MOST_RULES, Rule, RuleSpec
from functions.monitoring.model.alerts.states import RuleState
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.service.alerts.channel_tests import LimitedTests
from functions.monitoring.service.alerts.ports import Channels, Everybody, NoticeStore, Watches
from functions.monitoring.service.known_models import KnownModels


class RuleView(Rule, frozen=True, kw_only=True):
    """A rule, and how it stands."""

    model: str
    state: RuleState


class RuleService:
    """Keeps rules.

    Args:
        watches: where they are.
        channels: that rules may name.
        notices: where notices are.
        everybody: the channels that are told where a rule names none.
        known: which models there are.
        limited: counts tests of channels.
        hints: has notices sent.
        clock: tells the time.
    """

    def __init__(
        self,
        watches: Watches,
        channels: Channels,
        notices: NoticeStore,
        everybody: Everybody,
        known: KnownModels,
        limited: LimitedTests,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._watches = watches
        self._channels = channels
        self._notices = notices
        self._everybody = everybody
        self._known = known
        self._limited = limited
        self._hints = hints
        self._clock = clock

    def all(self, model: Place) -> list[RuleView]:
        """Return a model's rules, by id; raises NotFound."""
        watch = self._watch(model)
        return [_view(watch, rule) for _, rule in sorted(watch.rules.items())]

    def get(self, model: Place, ident: str) -> RuleView:
        """Return a rule; raises NotFound."""
        watch = self._watch(model)
        return _view(watch, watch.rule(ident))

    def create(
        self, model: Place, spec: RuleSpec, caller: Caller, ident: str | None = None
    ) -> RuleView:
        """Add a rule; where there is one of this id (`idempotency.id_of`) already, that one.

        Raises:
            NotFound: there is no such model.
            Invalid: it cannot be.
            Conflict: the model has too many, or the id is of another rule.
        """
        self._check(model, spec)
        now = self._clock.now()
        made = rules.made(spec, ident or uuid.uuid4().hex, caller.name, now)

        def decide(watch: Watch) -> Decision | None:
            known = watch.rules.get(made.id)
            if known is not None:
                if rules.spec_of(known) != spec:
                    raise other_request()
                return None
            if len(watch.rules) >= MOST_RULES:
                raise Conflict(f"The model '{model.name}' has {MOST_RULES} rules, the most it may.")
            decision = Decision(watch, now)
            decision.put(made)
            return decision

        return self._changed(model, decide, made.id)

    def replace(
        self, model: Place, ident: str, spec: RuleSpec, caller: Caller, if_match: IfMatch
    ) -> RuleView:
        """Change a rule; raises NotFound, Invalid, Stale."""
        self._check(model, spec)
        now = self._clock.now()

        def decide(watch: Watch) -> Decision:
            rule = watch.rule(ident)
            check_match(if_match, rule.revision, f"The rule '{rule.name}'")
            decision = Decision(watch, now, self._everybody(model.workspace))
            decision.put(rules.changed(rule, spec, caller.name, now))
            return decision

        return self._changed(model, decide, ident)

    def remove(self, model: Place, ident: str, if_match: IfMatch) -> None:
        """Remove a rule; its alert ends. Raises NotFound, Stale."""
        self._watch(model)

        def decide(watch: Watch) -> Decision:
            rule = watch.rule(ident)
            check_match(if_match, rule.revision, f"The rule '{rule.name}'")
            decision = Decision(watch, self._clock.now(), self._everybody(model.workspace))
            decision.drop(rule)
            return decision

        self._decide(model, decide)

    def test(self, model: Place, ident: str, caller: Caller) -> list[Notice]:
        """Have each channel of a rule told that this is a test; return the notices.

        Raises:
            NotFound: there is no such rule.
            Conflict: it has no channel to tell.
            OverQuota: there were too many tests of one of them of late.
        """
        rule = self._watch(model).rule(ident)
        names = rule.channels
        channels = self._everybody(model.workspace) if names is None else names
        if not channels:
            raise Conflict(f"The rule '{rule.name}' has no channel to tell; make one first.")
        self._limited.take(caller, channels)
        notices = [self._test(model, rule, channel) for channel in channels]
        for one in notices:
            self._notices.create(one)
        self._hints.send([send_step(one.place) for one in notices])
        return notices

    def notice(self, place: Place, caller: Caller) -> Notice:
        """Return a notice; raises NotFound."""
        found = self._notices.find(place)
        if found is None or not caller.sees("model", found.model):
            raise not_found("notice", place.name)
        return found

    def _test(self, model: Place, rule: Rule, channel: str) -> Notice:
        now = self._clock.now()
        line = Line(
            alert="",
            rule=rule.id,
            name=rule.name,
            measure=rule.measure,
            looks_for=rule.told,
            severity=rule.severity,
            change="test",
            value=None,
            at=now,
        )
        return Notice(
            id=uuid.uuid4().hex,
            workspace=model.workspace,
            model=model.name,
            channel=channel,
            lines=[line],
            created_at=now,
        )

    def _check(self, model: Place, spec: RuleSpec) -> None:
        self._known.check(model)
        rules.check(spec)
        known = {one.id for one in self._channels.all(model.workspace)} if spec.channels else ()
        missing = [name for name in spec.channels or () if name not in known]
        if missing:
            flaws = [
                Flaw("there is no such channel", column="channels", value=name) for name in missing
            ]
            raise refused("The rule was refused", *flaws, noun="field")

    def _changed(
        self, model: Place, decide: Callable[[Watch], Decision | None], ident: str
    ) -> RuleView:
        watch = self._decide(model, decide).watch
        return _view(watch, watch.rule(ident))

    def _decide(self, model: Place, decide: Callable[[Watch], Decision | None]) -> Decision:
        """Change a watch; a rule that is new or other is looked at soon."""
        now = self._clock.now()

        def change(watch: Watch | None) -> Decision | None:
            decision = decide(watch or watches.new(model, now))
            if decision is not None:
                decision.watch = msgspec.structs.replace(decision.watch, next_at=now)
                decision.complete()
            return decision

        decision = self._watches.change(model, change)
        self._hints.send(decision.steps())
        return decision

    def _watch(self, model: Place) -> Watch:
        found = self._watches.find(model)
        if found is None:
            self._known.check(model)
            return watches.new(model, self._clock.now())
        return found


def _view(watch: Watch, rule: Rule) -> RuleView:
    fields = msgspec.structs.asdict(rule)
    return RuleView(**fields, model=watch.model, state=watch.state(rule.id))
