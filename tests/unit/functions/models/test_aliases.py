import datetime as dt

import msgspec
import pytest

from functions.kit.contract.errors import DomainError
from functions.kit.http.responses.problems import STATUSES
from functions.models.model import aliases
from functions.models.model.aliases import Act

ACT = Act(by="key of ann", account="ann", at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def model(versions=3):
    found = aliases.start("titanic", "u1", "binary", "survived", ACT)
    for _ in range(versions):
        found, _ = aliases.add_version(found, "binary", "survived", ACT)
    return found


def promoted(found, *versions, alias="champion"):
    for version in versions:
        changed = aliases.promote(found, alias, version, ACT)
        assert changed is not None
        found = changed[0]
    return found


def refused(status, act, *arguments):
    with pytest.raises(DomainError) as caught:
        act(*arguments)
    assert STATUSES[type(caught.value)] == status
    return caught.value.detail


def test_the_first_version_becomes_the_champion_and_later_ones_do_not():
    assert model().aliases == {"champion": 1}
    assert (model().latest, model().revision, model().owner) == (3, 3, "ann")


def test_a_version_for_another_task_is_refused():
    assert "binary" in refused(409, aliases.add_version, model(), "regression", "survived", ACT)


def test_a_promotion_is_written_down():
    changed = aliases.promote(model(), "champion", 3, ACT)
    assert changed is not None
    found, change = changed
    assert found.aliases == {"champion": 3}
    assert (change.before, change.after, change.at) == (1, 3, ACT.at)
    assert (change.by, change.account) == ("key of ann", "ann")


def test_promoting_what_is_named_already_changes_nothing():
    assert aliases.promote(model(), "champion", 1, ACT) is None


def test_a_version_that_is_not_there_is_not_promoted():
    assert "'4'" in refused(404, aliases.promote, model(), "champion", 4, ACT)
    refused(404, aliases.promote, model(), "champion", 0, ACT)


def test_rollbacks_go_back_step_by_step():
    found = promoted(model(), 2, 3)
    for wanted in (2, 1):
        found, change = aliases.roll_back(found, "champion", ACT)
        assert found.aliases["champion"] == change.after == wanted
    refused(409, aliases.roll_back, found, "champion", ACT)
    refused(404, aliases.roll_back, found, "nobody", ACT)


def test_an_alias_can_be_removed_and_forgets_what_it_named():
    found, change = aliases.remove_alias(promoted(model(), 2), "champion", ACT)
    assert (found.aliases, found.previous, change.before) == ({}, {}, 2)
    refused(404, aliases.remove_alias, found, "champion", ACT)


def test_a_version_that_an_alias_names_stays():
    assert "champion" in refused(409, aliases.delete_version, model(), 1, ACT)


def test_no_rollback_leads_to_a_deleted_version():
    found = promoted(model(), 2, 3)
    found, _ = aliases.delete_version(found, 2, ACT)
    assert not found.has(2)
    found, _ = aliases.roll_back(found, "champion", ACT)
    assert found.aliases == {"champion": 1}
    refused(404, aliases.delete_version, found, 2, ACT)
    refused(404, aliases.promote, found, "champion", 2, ACT)


def test_a_deletion_leaves_no_step_that_changes_nothing():
    found = promoted(model(), 2, 1)
    found, _ = aliases.delete_version(found, 2, ACT)
    assert found.previous == {"champion": []}
    again = promoted(model(), 2, 1, 3)
    again, _ = aliases.delete_version(again, 2, ACT)
    assert again.previous == {"champion": [1]}


def test_a_deleted_number_is_not_given_out_again():
    found, _ = aliases.delete_version(model(), 3, ACT)
    found, change = aliases.add_version(found, "binary", "survived", ACT)
    assert change.after == 4


def test_a_model_goes_on_predicting_the_same():
    refused(409, aliases.add_version, model(), "binary", "sex", ACT)
    older = msgspec.structs.replace(model(), target="")
    assert aliases.add_version(older, "binary", "sex", ACT)[0].latest == 4
