"""What an evaluation decides: states, alerts, notices and acts, all at once; pure.

Ids follow from what they are of, and from when: by late labels a rule may fire by one window twice,
and what was told and done the first time stays as it was.
"""

import datetime as dt
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.steps import Step
from functions.monitoring.model.alerts import alert as alerts
from functions.monitoring.model.alerts import measure_words
from functions.monitoring.model.alerts import watch as watches
from functions.monitoring.model.alerts.acts import ActRun
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.due import due_of_alert, due_of_notice
from functions.monitoring.model.alerts.notices import Change, Line, Notice
from functions.monitoring.model.alerts.rules import Rule
from functions.monitoring.model.alerts.states import RuleState, Turn, Verdict, advance
from functions.monitoring.model.alerts.watch import Watch

Edit = Callable[[Alert], Alert]
_DIGITS = 24
_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)


class Decision:
    """A watch as it shall be, and all that goes with it in the same transaction.

    Args:
        watch: before.
        now: the time.
        everybody: the ids of the channels that are told where a rule names none.

    Attributes:
        watch: as it shall be.
        opened: new alerts.
        edits: what happens to those that are there, by id.
        written: all of these as they became, once the store has written them.
    """

    def __init__(self, watch: Watch, now: dt.datetime, everybody: Sequence[str] = ()) -> None:
        self.watch = watch
        self.opened: dict[str, Alert] = {}
        self.edits: dict[str, list[Edit]] = {}
        self.written: list[Alert] = []
        self._now = now
        self._everybody = everybody
        self._lines: dict[str, list[Line]] = {}

    @property
    def notices(self) -> list[Notice]:
        """One for each channel: of all that turned at once."""
        return [self._notice(channel, lines) for channel, lines in self._lines.items()]

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to write but the watch."""
        return not (self.opened or self.edits or self._lines)

    def edited(self, alert: Alert) -> Alert:
        """Return an alert that was there with all that happens to it."""
        for edit in self.edits.get(alert.id, ()):
            alert = edit(alert)
        return alert

    def steps(self) -> list[Step]:
        """Return the steps that are due now for what was written."""
        due = [one for notice in self.notices for one in due_of_notice(notice)]
        due += [one for alert in self.written for one in due_of_alert(alert)]
        return [one.step for one in due if one.at is None]

    def evaluate(self, rule: Rule, verdicts: Sequence[Verdict]) -> None:
        """Let a rule's state follow what its last windows say."""
        before = self.watch.state(rule.id)
        after, turns = advance(before, verdicts, rule.for_windows, rule.clear_windows, self._now)
        for turn in turns:
            after = self._turn(rule, after, turn)
        if after.is_firing and not after.is_told:
            after = self._tell(rule, after)
        if after != before:
            self.watch = self.watch.with_state(rule.id, after)

    def complete(self) -> "Decision":
        """Have each alert know the notices that say something of it."""
        for notice in self.notices:
            for line in notice.lines:
                self._edit(line.alert, functools.partial(alerts.with_notice, notice=notice.id))
        return self

    def put(self, rule: Rule) -> None:
        """Add a rule, or change one: one that looks at something else by now begins anew."""
        old = self.watch.rules.get(rule.id)
        if old is not None and old.looks_at != rule.looks_at:
            self.reset(old, "the rule was changed" if rule.enabled else "the rule was turned off")
        self.watch = replace(self.watch, rules={**self.watch.rules, rule.id: rule})

    def drop(self, rule: Rule) -> None:
        """Remove a rule; its alert ends."""
        self.reset(rule, "the rule was removed")
        kept = {ident: one for ident, one in self.watch.rules.items() if ident != rule.id}
        self.watch = replace(self.watch, rules=kept)

    def reset(self, rule: Rule, why: str) -> None:
        """Forget how a rule stands; its alert ends."""
        state = self.watch.state(rule.id)
        if state.alert:
            self._close(rule, state, why)
        kept = {ident: one for ident, one in self.watch.states.items() if ident != rule.id}
        self.watch = replace(self.watch, states=kept)

    def _turn(self, rule: Rule, state: RuleState, turn: Turn) -> RuleState:
        if turn.after == "firing":
            opened = self._new(rule, turn)
            self.opened[opened.id] = opened
            state = replace(state, alert=opened.id, is_told=False)
            return self._tell(rule, state, first=True)
        if turn.before == "firing":
            self._close(rule, state, "")
            return replace(state, alert="", is_told=False)
        return state

    def _new(self, rule: Rule, turn: Turn) -> Alert:
        point = turn.by.point
        parts = (self.watch.workspace, self.watch.model, self.watch.uid, rule.id)
        ident = _digest(*parts, point.end.isoformat(), self._now.isoformat())
        made = Alert(
            id=ident,
            workspace=self.watch.workspace,
            model=self.watch.model,
            rule=rule.id,
            name=rule.name,
            measure=rule.measure,
            looks_for=rule.told,
            severity=rule.severity,
            value=point.value,
            window=(point.start, point.end),
            started_at=point.start - (turn.run - 1) * (point.end - point.start),
            fired_at=self._now,
            changed_at=self._now,
        )
        found = measure_words.found(rule.measure, point.value)
        return alerts.noted(made, f"firing: {found}", self._now)

    def _close(self, rule: Rule, state: RuleState, why: str) -> None:
        now = self._now
        self._edit(state.alert, lambda one: alerts.resolved(one, now, why))
        if state.is_told:
            self._say(rule, state, "resolved")

    def _tell(self, rule: Rule, state: RuleState, *, first: bool = False) -> RuleState:
        """Have a firing rule's channels told and its acts begun, unless they have to wait."""
        now, until = self._now, waits_until(rule, state, self._now)
        if until is not None:
            if first:
                end = f"{until.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
                said = f"held back until {end}: silenced, or just told"
                self._edit(state.alert, lambda one: alerts.noted(one, said, now))
            return state
        found = measure_words.found(rule.measure, state.value)
        cause = f"{rule.name}: {rule.told}. {found}"
        acts = [ActRun(act=act, cause=cause) for act in rule.acts]
        ids = self._say(rule, state, "firing")
        plural = "" if len(ids) == 1 else "s"
        said = f"told {len(ids)} channel{plural}" if ids else "there is no channel to tell"
        self._edit(state.alert, lambda one: alerts.told(one, acts, now, said))
        return replace(state, is_told=True, told_at=now)

    def _say(self, rule: Rule, state: RuleState, change: Change) -> list[str]:
        """Put a line into the notice of each of a rule's channels; return the channels."""
        channels = list(self._everybody if rule.channels is None else rule.channels)
        line = Line(
            alert=state.alert,
            rule=rule.id,
            name=rule.name,
            measure=rule.measure,
            looks_for=rule.told,
            severity=rule.severity,
            change=change,
            value=state.value,
            at=self._now,
        )
        for channel in channels:
            self._lines.setdefault(channel, []).append(line)
        return channels

    def _edit(self, ident: str, edit: Edit) -> None:
        if ident in self.opened:
            self.opened[ident] = edit(self.opened[ident])
        else:
            self.edits.setdefault(ident, []).append(edit)

    def _notice(self, channel: str, lines: list[Line]) -> Notice:
        watch = self.watch
        of = [f"{line.alert} {line.change}" for line in lines]
        return Notice(
            id=_digest(watch.workspace, watch.model, channel, *of),
            workspace=watch.workspace,
            model=watch.model,
            channel=channel,
            lines=lines,
            created_at=self._now,
        )


def unchanged(watch: Watch | None, model: Place) -> Decision:
    """Return the decision that changes nothing."""
    return Decision(watch or watches.new(model, _EPOCH), _EPOCH)


def waits_until(rule: Rule, state: RuleState, now: dt.datetime) -> dt.datetime | None:
    """Return until when nobody hears of a rule that fires, and nothing is done; None for now."""
    ends = [rule.silenced_until, state.told_at and state.told_at + rule.cooldown]
    return max((one for one in ends if one is not None and one > now), default=None)


def decide(
    watch: Watch,
    verdicts: Mapping[str, Sequence[Verdict]],
    now: dt.datetime,
    everybody: Sequence[str] = (),
) -> Decision:
    """Return what follows from what the last windows of each rule say.

    Rules that were made or changed since the windows were read are left to the next evaluation.
    """
    decision = Decision(watch, now, everybody)
    for ident, found in verdicts.items():
        rule = watch.rules.get(ident)
        if rule is not None and rule.enabled:
            decision.evaluate(rule, found)
    return decision.complete()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_DIGITS]
