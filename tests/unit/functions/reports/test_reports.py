"""What users do with reports, and how steps make them."""

import msgspec
import pyarrow as pa
import pytest
from msgspec.structs import replace

from functions.kit.contract.access.identity import Subject
from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Gone, Invalid, NotFound, Unreadable
from functions.kit.contract.records.columns import Column
from functions.reports.model.jobs import Job, Request
from functions.reports.model.kind import MOST_OPEN, KeptBound, folder_of
from functions.reports.model.requests import ReportsQuery, view
from functions.reports.service.ports import Busy
from tests.support.in_memory.reports_house import (
    ANN,
    House,
    dataset_of,
    profile_of,
    version_of,
)

COLUMNS = [Column("age", "number"), Column("answer", "category", role="target")]
OF_MODEL = replace(ANN, only=Subject("model", "people"))


@pytest.fixture
def house() -> House:
    made = House()
    table = pa.table({"age": [0.0, 2.0], "answer": ["a", "b"]})
    made.world.put(dataset_of(COLUMNS), profile_of(COLUMNS), table)
    made.world.register(version_of(COLUMNS[:1]))
    return made


def test_a_report_on_a_dataset_comes_by_steps(house):
    report = house.ask(dataset="people")
    assert (report.state, report.phase, [step.path for step in house.queue.messages]) == (
        "queued",
        "gather",
        [f"/reports/{report.id}/steps/gather"],
    )
    house.run()
    found = house.reports.report(ANN, report.id)
    assert (found.state, found.revision, found.failure) == ("succeeded", 3, None)
    assert set(found.files) == {"notebook", "pdf", "html"}
    assert set(found.seconds) == {"gather", "run", "typeset"}
    notebook = msgspec.json.decode(house.text(found, "notebook"))
    assert notebook["kind"] == "dataset"
    assert notebook["rows"] > 0
    assert house.text(found, "pdf").startswith(b"pdf of ")
    assert house.due.waiting == []


@pytest.mark.parametrize(
    ("kinds", "made"), [(["notebook"], ["run"]), (["pdf", "pdf"], ["run", "typeset"])]
)
def test_only_what_is_asked_for_is_made(house, kinds, made):
    report = house.ask(model="people", kinds=kinds)
    house.run()
    assert house.workshop.made == made
    found = house.reports.report(ANN, report.id)
    assert set(view(found).files) == {*kinds} | {"notebook"}
    with pytest.raises(NotFound, match="was not asked to have"):
        house.reports.file(ANN, report.id, "html")


def test_a_model_s_report_is_about_the_champion_unless_said_otherwise(house):
    second = version_of(COLUMNS[:1], version=2)
    house.world.register(second)
    house.world.models[Place(MAIN, "people")].aliases = {"champion": 1}
    assert house.ask(model="people").subject.version == 1
    assert house.ask(model="people", version=2).subject.version == 2
    house.world.models[Place(MAIN, "people")].aliases = {}
    assert house.ask(model="people").subject.version == 2
    with pytest.raises(NotFound, match="no version '3' of 'people'"):
        house.ask(model="people", version=3)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "Expected either `dataset` or `model`"),
        ({"dataset": "people", "model": "people"}, "Expected either `dataset` or `model`"),
        ({"model": "people", "target": "age"}, "Expected no `target` beside `model`"),
        ({"dataset": "people", "target": "none"}, "has no column 'none'"),
        ({"dataset": "people", "version": 1}, "Expected no `version` beside `dataset`"),
    ],
)
def test_a_report_is_about_one_thing(house, asked, reason):
    with pytest.raises(Invalid, match=reason):
        house.ask(**asked)
    assert house.queue.messages == type(house.queue.messages)()


def test_what_is_not_there_or_not_ready_is_said_at_once(house):
    with pytest.raises(NotFound, match="no dataset 'none'"):
        house.ask(dataset="none")
    with pytest.raises(NotFound, match="no model 'none'"):
        house.ask(model="none")
    house.world.datasets[Place(MAIN, "people")].state = "importing"
    with pytest.raises(Conflict, match="'people' is importing, not ready"):
        house.ask(dataset="people")


def test_a_key_for_one_thing_has_reports_on_that_alone(house):
    with pytest.raises(NotFound, match="no dataset 'people'"):
        house.ask(OF_MODEL, dataset="people")
    hidden, seen = house.ask(dataset="people"), house.ask(OF_MODEL, model="people")
    with pytest.raises(NotFound, match="no report"):
        house.reports.report(OF_MODEL, hidden.id)
    listed = house.reports.reports(OF_MODEL, ReportsQuery())
    assert [one.id for one in listed.items] == [seen.id]


def test_a_repeat_under_a_key_is_the_same_report_and_another_wish_is_refused(house):
    first = house.ask(report_id="k", dataset="people")
    assert house.ask(report_id="k", dataset="people") == first
    with pytest.raises(Conflict, match="used for another request"):
        house.ask(report_id="k", model="people")
    assert len(house.reports.reports(ANN, ReportsQuery()).items) == 1


def test_an_owner_has_so_many_made_at_a_time(house):
    for _ in range(MOST_OPEN):
        house.ask(dataset="people")
    with pytest.raises(OverQuota, match="reports of yours are open"):
        house.ask(dataset="people")
    house.run()
    house.ask(dataset="people")


def test_an_owner_keeps_so_many_and_none_goes_by_itself(house, monkeypatch):
    monkeypatch.setattr("functions.reports.service.reports.KEPT", KeptBound(3))
    first, *_ = [house.ask(dataset="people") for _ in range(3)]
    house.run()
    with pytest.raises(Conflict, match=r"3 reports of yours are kept .* remove some"):
        house.ask(dataset="people")
    assert house.ask(replace(ANN, account="bob"), dataset="people").state == "queued"
    assert len(_all(house)) == 4
    house.reports.remove(ANN, first.id)  # its files may be there still
    assert house.ask(dataset="people").state == "queued"


def test_a_repeat_is_answered_also_where_no_more_are_kept(house, monkeypatch):
    monkeypatch.setattr("functions.reports.service.reports.KEPT", KeptBound(1))
    assert house.ask(report_id="k", dataset="people") == house.ask(report_id="k", dataset="people")


def test_lists_are_searched_sorted_and_counted(house):
    asked = []
    for about in ({"dataset": "people"}, {"model": "people"}):
        house.clock.advance(1)
        asked.append(house.ask(**about).id)

    def ids(caller=ANN, **query):
        page = house.reports.reports(caller, ReportsQuery(**query))
        return [one.id for one in page.items], page.count

    assert ids(q="PEO", count=True) == (asked[::-1], 2)
    assert ids(q="nobody", count=True) == ([], 0)
    assert ids(q="people", dataset="people", count=True) == ([asked[0]], 1)
    assert ids(sort="created_at", count=True) == (asked, 2)
    assert ids(OF_MODEL, count=True) == ([asked[1]], 1)
    with pytest.raises(Unreadable, match="cannot be sorted by 'who'"):
        ids(sort="who")


def test_lists_are_by_time_and_can_be_of_one_thing(house):
    asked = []
    for number in range(7):
        house.clock.advance(1)
        about = {"dataset": "people"} if number % 2 else {"model": "people"}
        asked.append(house.ask(**about).id)
    newest = asked[::-1]
    assert _all(house, limit=2) == newest
    assert _all(house, limit=2, dataset="people") == newest[1::2]
    assert _all(house, limit=1, model="people", version=1) == newest[::2]
    assert _all(house, model="people", version=2) == []
    assert _all(house, dataset="people", model="people") == []


def _all(house, **asked):
    found, cursor = [], None
    while True:
        page = house.reports.reports(ANN, ReportsQuery(cursor=cursor, **asked))
        found += [one.id for one in page.items]
        if page.next is None:
            return found
        cursor = page.next


def test_files_that_are_not_there_yet_or_lost_are_told_apart(house):
    report = house.ask(dataset="people")
    with pytest.raises(Conflict, match="has no such file yet"):
        house.reports.file(ANN, report.id, "pdf")
    with pytest.raises(Conflict, match="not known yet"):
        house.reports.facts(ANN, report.id)
    house.run()
    _, pieces = house.reports.facts(ANN, report.id)
    assert b'"people"' in b"".join(pieces)
    for path in house.store.load(report.place).paths:
        house.files.delete(path)
    with pytest.raises(Gone):
        house.reports.file(ANN, report.id, "pdf")


def test_what_cannot_be_made_is_told_and_leaves_nothing_due(house):
    house.workshop.spoilt = "it takes too much"
    report = house.ask(dataset="people")
    house.run()
    found = house.reports.report(ANN, report.id)
    assert (found.state, found.failure) == ("failed", "it takes too much")
    with pytest.raises(Conflict, match="is failed: it takes too much"):
        house.reports.file(ANN, report.id, "notebook")


def test_a_dataset_that_goes_meanwhile_is_a_reason(house):
    report = house.ask(dataset="people")
    house.world.datasets.clear()
    house.run()
    assert "no dataset 'people'" in house.reports.report(ANN, report.id).failure


def test_a_snapshot_that_is_gone_is_a_reason(house):
    report = house.ask(dataset="people")
    house.deliver(house.queue.messages.popleft().path)
    house.files.delete("snapshots/people/3.parquet")
    house.run()
    assert "gone from the bucket" in house.reports.report(ANN, report.id).failure


def test_who_finds_no_room_goes_behind_the_others(house):
    def busy():
        if house.workshop.made == ["run"]:
            raise Busy

    house.workshop.during = busy
    report = house.ask(dataset="people")
    house.run()
    assert house.workshop.made == ["run", "run", "typeset"]
    assert house.reports.report(ANN, report.id).state == "succeeded"


def test_a_removed_report_is_gone_with_its_files(house):
    report = house.ask(dataset="people")
    house.run()
    house.reports.remove(ANN, report.id)
    with pytest.raises(NotFound):
        house.reports.report(ANN, report.id)
    assert _all(house) == []
    house.run()
    assert house.store.find(report.place) is None
    assert list(house.files.listed(folder_of(report.place))) == []
    assert house.files.stored.keys() == {"snapshots/people/3.parquet"}


def test_a_report_that_is_removed_while_it_is_made_leaves_no_file(house):
    report = house.ask(dataset="people")
    house.workshop.during = lambda: house.reports.remove(ANN, report.id)
    for _ in range(2):
        house.deliver(house.queue.messages.popleft().path)
    house.workshop.during = lambda: None
    house.run()
    assert house.store.find(report.place) is None
    assert list(house.files.listed(folder_of(report.place))) == []


@pytest.mark.parametrize(
    ("named", "model", "is_known"),
    [("j1", "people", True), ("j1", "other", False), ("../jobs/j1", "people", False)],
)
def test_a_job_that_made_another_version_is_not_this_one_s(house, named, model, is_known):
    """Whoever registers a version names what job they like."""
    house.world.jobs["j1"] = house.world.jobs[named] = Job(model, 1, Request(), [], [], [], [])
    house.world.register(version_of(COLUMNS[:1], job=named))
    report = house.ask(model="people")
    house.run()
    _, pieces = house.reports.facts(ANN, report.id)
    assert (msgspec.json.decode(b"".join(pieces))["job"] is not None) is is_known
