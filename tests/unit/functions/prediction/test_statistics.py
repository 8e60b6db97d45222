"""What a replica tells of its answers, and to whom."""

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.prediction.transport.open_inference.statistics import Statistics

OURS, THEIRS = Place(MAIN, "people"), Place("team", "people")


def test_models_of_one_name_in_two_workspaces_are_counted_apart() -> None:
    counts = Statistics()
    counts.answered((OURS, 1), rows=3, ns=100)
    counts.answered((THEIRS, 1), rows=5, ns=100)
    counts.failed((THEIRS, 2), ns=100)
    assert counts.asked(MAIN) == [(OURS, 1)]
    assert counts.asked("team") == [(THEIRS, 1), (THEIRS, 2)]
    assert counts.asked("nowhere") == []
    [ours] = counts.told(counts.asked(MAIN)).model_stats
    assert (ours.name, ours.version) == ("people", "1")
    assert (ours.inference_count, ours.execution_count) == (3, 1)
    assert (ours.inference_stats.success.count, ours.inference_stats.fail.count) == (1, 0)


def test_to_be_looked_at_is_not_to_be_asked() -> None:
    counts = Statistics()
    [none] = counts.told([(OURS, 1)]).model_stats
    assert (none.name, none.version, none.inference_count) == ("people", "1", 0)
    assert counts.asked(MAIN) == []
