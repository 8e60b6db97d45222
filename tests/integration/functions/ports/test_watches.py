"""Stores of rules, alerts, notices and channels: in memory and in Firestore, the same promises."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access import workspaces
from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import NotFound, Unreadable
from functions.kit.contract.ports import StepStore
from functions.monitoring.adapters.alerts.firestore_channels import FirestoreChannels
from functions.monitoring.adapters.alerts.firestore_watches import FirestoreWatches
from functions.monitoring.adapters.alerts.memory_channels import MemoryChannels
from functions.monitoring.adapters.alerts.memory_watches import MemoryWatches
from functions.monitoring.model.alerts import rules
from functions.monitoring.model.alerts import watch as watches
from functions.monitoring.model.alerts.acts import Act, Promote, Retrain, Rollback, Switch
from functions.monitoring.model.alerts.alert import Alert, resolved
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.conditions import (
    Above,
    Alarm,
    Below,
    Condition,
    Outside,
    Worse,
)
from functions.monitoring.model.alerts.deciding import Decision, decide
from functions.monitoring.model.alerts.due import (
    ALERT,
    ALERTS,
    EVERY,
    OF_MODEL,
    OF_SEVERITY,
    OPEN,
    act_step,
    evaluate_step,
    send_step,
)
from functions.monitoring.model.alerts.rules import Rule, RuleSpec
from functions.monitoring.model.alerts.states import Verdict
from functions.monitoring.model.alerts.testing import Lately, Trial
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.model.windows.measures import Point
from functions.monitoring.service.alerts.ports import AlertStore, Channels, NoticeStore, Watches

NOON = dt.datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ACTS: list[Act] = [
    Retrain(),
    Promote(margin=0.1),
    Rollback("blue"),
    Switch(shares={"1": 90, "2": 10}),
]
CONDITIONS: list[Condition] = [
    Above(1.5),
    Below(0.1),
    Outside(),
    Alarm(),
    Worse(0.05, relative=True),
]


class Kept(NamedTuple):
    """The stores."""

    watches: Watches
    alerts: AlertStore
    notices: NoticeStore
    channels: Channels
    steps: StepStore


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        memory = MemorySteps("monitoring", SystemClock())
        found = MemoryWatches(memory)
        return Kept(found, found.alerts, found.notices, MemoryChannels(), memory)
    request.getfixturevalue("emulators")
    steps = FirestoreSteps("monitoring", SystemClock())
    stored = FirestoreWatches(steps)
    return Kept(stored, stored.alerts, stored.notices, FirestoreChannels(), steps)


@pytest.fixture(params=[MAIN, "team"])
def model(request: pytest.FixtureRequest) -> Place:
    return Place(request.param, f"m{uuid4().hex}")


def rule(ident: str, number: int = 0) -> Rule:
    spec = RuleSpec(
        name=ident,
        measure="p95",
        condition=CONDITIONS[number % len(CONDITIONS)],
        acts=ACTS,
        silenced_until=None,
    )
    return rules.made(spec, ident, "ann", NOON)


def new(kept: Kept, model: Place, *found: Rule) -> Watch:
    """Keep a watch of some rules."""

    def begin(watch: Watch | None) -> Decision:
        decision = Decision(watch or watches.new(model, NOON), NOON)
        for one in found:
            decision.put(one)
        decision.watch = replace(decision.watch, next_at=NOON)
        return decision.complete()

    return kept.watches.change(model, begin).watch


def said(broken: Sequence[bool], at: dt.datetime = NOON) -> list[Verdict]:
    """Return what windows say."""
    found = []
    for number, one in enumerate(broken):
        start = at + number * MINUTE
        point = Point(start, start + MINUTE, 9, float(number), None, None, alarm=False)
        found.append(Verdict(point, one))
    return found


def evaluate(
    kept: Kept, model: Place, *broken: bool, everybody: Sequence[str] = ("c",)
) -> Decision:
    def change(watch: Watch | None) -> Decision:
        assert watch is not None
        return decide(watch, dict.fromkeys(watch.rules, said(broken)), NOON, everybody)

    return kept.watches.change(model, change)


def test_a_watch_is_what_was_written(kept: Kept, model: Place) -> None:
    assert kept.watches.find(model) is None
    written = new(kept, model, *(rule(f"r{number}", number) for number in range(5)))
    assert kept.watches.find(model) == written
    [step] = kept.steps.find([evaluate_step(model)])
    assert step is not None
    assert step.look_at == NOON


def test_a_decision_is_one_transaction(kept: Kept, model: Place) -> None:
    new(kept, model, rule("a"), rule("b"))
    decision = evaluate(kept, model, True)
    places = [Place(model.workspace, one.id) for one in decision.written]
    assert len(places) == 2
    assert [kept.alerts.load(place) for place in places] == decision.written
    assert [one.acts[0].act for one in decision.written] == [Retrain()] * 2
    [notice] = decision.notices
    assert kept.notices.load(notice.place) == notice
    assert {line.alert for line in notice.lines} == {place.name for place in places}
    assert [one.notices for one in decision.written] == [[notice.id]] * 2
    due = [send_step(notice.place), *(act_step(place) for place in places)]
    assert None not in kept.steps.find(due)


def test_the_same_windows_again_write_nothing_more(kept: Kept, model: Place) -> None:
    new(kept, model, rule("a"))
    evaluate(kept, model, True)
    again = evaluate(kept, model, True)
    assert (again.opened, again.edits, again.notices) == ({}, {}, [])


def test_an_alert_that_is_there_is_ended_with_what_happened_to_it(kept: Kept, model: Place) -> None:
    new(kept, model, rule("a"))
    [opened] = evaluate(kept, model, True).written
    kept.alerts.update(opened.place, lambda one: replace(one, acknowledged_by="ann"))
    [ended] = evaluate(kept, model, True, False).written
    assert (ended.state, ended.acknowledged_by, len(ended.notices)) == ("resolved", "ann", 2)
    assert kept.alerts.load(opened.place) == ended


def test_what_fails_writes_nothing(kept: Kept, model: Place) -> None:
    new(kept, model, rule("a"))

    def fail(watch: Watch | None) -> Decision:
        assert watch is not None
        decide(watch, {"a": said([True])}, NOON, ["c"])
        raise NotFound("as a rule that is gone is")

    with pytest.raises(NotFound):
        kept.watches.change(model, fail)
    found = kept.watches.find(model)
    assert found is not None
    assert found.states == {}


def test_no_decision_changes_nothing(kept: Kept, model: Place) -> None:
    written = new(kept, model, rule("a"))
    assert kept.watches.change(model, lambda _: None).watch == written
    elsewhere = Place(model.workspace, f"m{uuid4().hex}")
    kept.watches.change(elsewhere, lambda _: None)
    assert kept.watches.find(elsewhere) is None


def test_alerts_stand_in_lists_of_their_own_and_are_counted(kept: Kept, model: Place) -> None:
    new(kept, model, rule("a"), rule("b"), rule("c"))
    alerts, where = kept.alerts, model.workspace
    written = sorted(evaluate(kept, model, True).written, key=lambda one: one.id)
    ids = [one.id for one in written]

    def listed(of: tuple[str, ...], by: str, after: str | None = None) -> list[str]:
        return [one.id for one in alerts.page(where, of, 1000, after, by) if one.id in ids]

    assert listed((model.name,), OF_MODEL) == listed(("warning",), OF_SEVERITY) == ids
    assert alerts.count(where, {"model": model.name, "state": "firing"}) == 3
    alerts.update(written[1].place, lambda one: resolved(one, NOON))
    assert listed(EVERY, OPEN) == [ids[0], ids[2]]
    assert listed(EVERY, OPEN, after=ids[1]) == [ids[2]]  # it stands there no longer
    assert listed((model.name,), OF_MODEL, after=ids[0]) == ids[1:]
    assert listed(("x",), OF_MODEL) == []
    counted = [{"state": "firing"}, {"state": "resolved"}, {"severity": "info"}, {}]
    found = [alerts.count(where, {"model": model.name} | one) for one in counted]
    assert found == [2, 1, 0, 3]
    with pytest.raises(Unreadable):
        alerts.page(where, EVERY, 10, "f" * 32, OPEN)


def test_alerts_are_listed_and_followed_in_their_workspace(kept: Kept, model: Place) -> None:
    new(kept, model, rule("a"), rule("b"))
    written = {one.id for one in evaluate(kept, model, True).written}
    ours = [
        one for one in kept.alerts.page(model.workspace, EVERY, 1000, None) if one.id in written
    ]
    assert len(ours) == 2
    before = NOON - dt.timedelta(microseconds=1)
    found = kept.watches.changed_since(model.workspace, before, 1000)
    assert written <= {one.id for one in found}
    assert [one.changed_at for one in found] == sorted(one.changed_at for one in found)
    later = kept.watches.changed_since(model.workspace, NOON, 1000)
    assert not written & {one.id for one in later}
    assert all(isinstance(one, Alert) for one in found)


def test_alerts_of_an_earlier_release_stand_in_the_lists_of_today(emulators: object) -> None:
    model = Place(f"w{uuid4().hex}", "titanic")

    def another_process() -> Kept:
        steps = FirestoreSteps("monitoring", SystemClock())
        stored = FirestoreWatches(steps)
        return Kept(stored, stored.alerts, stored.notices, FirestoreChannels(), steps)

    kept = another_process()
    new(kept, model, *(rule(name) for name in "abc"))
    written = sorted(evaluate(kept, model, True).written, key=lambda one: one.id)
    kept.alerts.update(written[2].place, lambda one: resolved(one, NOON))
    due = [act_step(one.place) for one in written]
    steps = kept.steps.find(due)
    collection = firestore.client().collection(workspaces.path(model.workspace, ALERTS))
    for one in written[1:]:
        document = collection.document(one.id)
        stored = document.get().to_dict() or {}
        document.set({name: stored[name] for name in stored.keys() - ALERT.lists.keys()})
    ids = [one.id for one in written]
    for by, of, meant in (
        (OPEN, EVERY, ids[:2]),
        (OF_MODEL, [model.name], ids),
        (OF_SEVERITY, ["warning"], ids),
    ):
        found = another_process().alerts.page(model.workspace, of, 10, None, by)
        assert [one.id for one in found] == meant
    assert another_process().steps.find(due) == steps


def channel(place: Place) -> Channel:
    return Channel(
        id=place.name,
        workspace=place.workspace,
        kind="email",
        name="Ops",
        everybody=True,
        to=["ann@example.org"],
        by="ann",
        created_at=NOON,
        updated_at=NOON,
    )


def test_tests_are_counted_by_owner(kept: Kept) -> None:
    ann, bob = f"ann{uuid4().hex}", f"bob{uuid4().hex}"
    seen: list[Lately] = []

    def more(before: Lately) -> Lately:
        seen.append(before)
        return Lately([*before.tests, Trial("c", NOON)])

    def refuse(before: Lately) -> Lately:
        raise OverQuota("too many", policies=[], retry_after=1)

    for owner in (ann, bob, ann):
        kept.channels.count_tests(owner, more)
    with pytest.raises(OverQuota):
        kept.channels.count_tests(ann, refuse)
    kept.channels.count_tests(ann, more)
    assert [len(one.tests) for one in seen] == [0, 0, 1, 2]
    assert seen[-1].tests == [Trial("c", NOON)] * 2


def test_channels_are_kept_changed_and_removed(kept: Kept, model: Place) -> None:
    made = channel(model)
    assert kept.channels.find(model) is None
    assert kept.channels.create(made)
    assert not kept.channels.create(replace(made, name="Other"))
    assert kept.channels.find(model) == made
    assert made in kept.channels.all(model.workspace)
    changed = kept.channels.change(model, lambda one: replace(one, revision=2))
    assert kept.channels.find(model) == changed == replace(made, revision=2)
    kept.channels.change(model, lambda _: None)
    assert kept.channels.find(model) is None
    for place in (model, Place(model.workspace, "no/name")):
        with pytest.raises(NotFound):
            kept.channels.change(place, lambda one: one)
