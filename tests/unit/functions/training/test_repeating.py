"""A job that is done again on newer rows: its version is one of the same line."""

from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.training.learning.table import Table
from functions.training.model.jobs import Job
from functions.training.model.repeating import repeated
from tests.support.in_memory.training_house import House, small_table


def labels_of(house: House, job: Job) -> list[str]:
    found: list[str] = house.world.registered[job.id][1].signature.labels
    return found


def test_the_same_label_is_positive_where_the_other_one_has_become_rare() -> None:
    house = House()
    first = house.post()
    house.run()
    assert labels_of(house, first) == ["yes", "no"]
    few = small_table(90)
    seldom = ["yes" if value < 0.3 else "no" for value in few.array("x")]
    values = {"x": few.arrow("x"), "colour": few.arrow("colour"), "y": seldom}
    house.world.give(Place(MAIN, "small"), Table(few.columns, values))
    again = house.service.again(first.place, "")
    house.run()
    assert labels_of(house, again) == ["yes", "no"]


def test_what_was_asked_for_stays_and_a_job_without_a_model_says_nothing() -> None:
    house = House()
    job = house.post(positive="yes")
    assert repeated(job) == job.request
    ended = replace(job, task="binary", evaluation={"confusion": {"labels": ["yes", "no"]}})
    assert repeated(ended).positive == "yes"
    assert repeated(ended).task == "binary"
    number = replace(job, request=replace(job.request, positive=None), task="regression")
    assert repeated(replace(number, evaluation={})).positive is None
