"""Members that can be fitted again within the time that the final step has."""

import pytest

from functions.training.learning.ensembles import selection
from functions.training.learning.ensembles.affordable import affordable
from functions.training.service.step_kinds import choosing
from tests.support.in_memory.training_house import House, learn_once

WEIGHTS = {3: 0.2, 7: 0.5, 1: 0.3}


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        ({3: 10.0, 7: 10.0, 1: 10.0}, WEIGHTS),
        ({3: 10.0, 7: 10.0, 1: 95.0}, {7: 0.5 / 0.7, 3: 0.2 / 0.7}),
        ({3: 20.0, 7: 50.0, 1: 40.0}, {7: 0.625, 1: 0.375}),
        ({3: 1.0, 7: 500.0, 1: 1.0}, {7: 1.0}),
    ],
)
def test_the_heaviest_is_kept_and_what_fits_beside_it(
    seconds: dict[int, float], kept: dict[int, float]
) -> None:
    found = affordable(WEIGHTS, seconds, most=100.0)
    assert found == pytest.approx(kept)
    assert next(iter(found)) == 7


def test_a_job_says_what_would_have_taken_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    learn_once(monkeypatch)
    monkeypatch.setattr(selection, "select", lambda *_, **__: {0: 0.6, 1: 0.4})
    monkeypatch.setattr(choosing, "REFIT_SECONDS", -1.0)  # the clock stands still
    house = House()
    job = house.post()
    house.run()
    job = house.service.job(job.place)
    assert (job.state, len(job.members)) == ("succeeded", 1)
    [note] = [one for one in job.notes if "left out of the ensemble" in one]
    assert note.startswith("random forest is left out")
