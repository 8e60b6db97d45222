"""Which jobs run and which wait: no more than may, in order, none twice, none forgotten."""

import random

import pytest

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away
from functions.training.adapters.caps import caps_from_env
from functions.training.model import admission
from functions.training.model.admission import Caps, Entry

CAPS = Caps(jobs=3, workspace_jobs=2, candidates=5, workspace_candidates=3, waiting=50)


def joined(*names: str) -> list[Entry]:
    """Return jobs that wait: `a1` is job 1 of workspace a."""
    return [Entry(name[0], name) for name in names]


def running(entries: list[Entry]) -> dict[str, int]:
    return {one.job: one.slots for one in entries if one.slots}


@pytest.mark.parametrize(
    ("names", "admitted"),
    [
        ([], {}),
        (["a1"], {"a1": 2}),
        (["a1", "a2", "a3"], {"a1": 2, "a2": 1}),  # three candidates of one workspace
        (["a1", "a2", "a3", "b1", "b2"], {"a1": 2, "a2": 1, "b1": 2}),  # three jobs in all
        (["a1", "b1", "c1", "d1"], {"a1": 2, "b1": 2, "c1": 1}),  # five candidates in all
    ],
)
def test_who_is_admitted(names: list[str], admitted: dict[str, int]) -> None:
    found = admission.admit(joined(*names), CAPS)
    assert running(found) == admitted
    assert [one.job for one in found] == names
    assert admission.admit(found, CAPS) == found


def test_places_count_those_that_wait() -> None:
    found = admission.admit(joined("a1", "a2", "a3", "b1", "a4"), CAPS)
    assert admission.waiting(found) == {Place("a", "a3"): 1, Place("a", "a4"): 2}


def test_too_many_are_refused() -> None:
    with pytest.raises(Away, match="50 jobs wait already"):
        admission.joined([Entry("a", str(one)) for one in range(50)], Place("b", "x"), CAPS)


def test_a_workspace_keeps_no_other_out() -> None:
    caps = CAPS._replace(workspace_waiting=3)
    entries = [Entry("a", "a0", slots=1), *joined("a1", "a2", "b1")]
    third = admission.joined(entries, Place("a", "a3"), caps)
    with pytest.raises(Away, match="3 jobs of this workspace wait already; cancel some"):
        admission.joined(third, Place("a", "a4"), caps)
    assert admission.joined(third, Place("b", "b2"), caps)[-1] == Entry("b", "b2")


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_and_ends_everybody_has_a_turn_in_order(seed: int) -> None:
    chance = random.Random(seed)
    entries: list[Entry] = []
    came: list[str] = []
    ran: list[str] = []
    for act in range(300):
        if act < 150 and chance.random() < 0.6:
            name = f"{chance.choice('abc')}{act}"
            came.append(name)
            entries = [*entries, *joined(name)]
        elif going := [one.place for one in entries if one.slots]:
            entries = admission.without(entries, {chance.choice(going)})
        before = entries
        entries = admission.admit(entries, CAPS)
        ran += [one.job for one in admission.newly(before, entries)]
        slots = running(entries)
        assert len(slots) <= CAPS.jobs
        assert sum(slots.values()) <= CAPS.candidates
        for workspace in "abc":
            ours = [count for name, count in slots.items() if name[0] == workspace]
            assert len(ours) <= CAPS.workspace_jobs
            assert sum(ours) <= CAPS.workspace_candidates
    assert entries == []
    assert sorted(ran) == sorted(came)
    for workspace in "abc":
        assert [one for one in ran if one[0] == workspace] == [
            one for one in came if one[0] == workspace
        ]


def test_caps_are_settings() -> None:
    assert caps_from_env({}) == Caps()
    assert caps_from_env({"MAYFLY_TRAINING_WORKSPACE_JOBS": "1"}).workspace_jobs == 1
