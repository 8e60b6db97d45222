"""Requests with an Idempotency-Key: sent again they give what they made, and make nothing."""

import pytest

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Gone, Invalid
from tests.support.in_memory.datasets import A, House, anyone

TABLE = "n\n1\n"
B = Place(MAIN, "b")
ELSEWHERE = Place("other", "a")


@pytest.fixture
def house() -> House:
    house = House()
    house.upload(TABLE, A, "first")
    house.deliver()
    return house


def test_an_upload_is_made_once(house: House) -> None:
    again = house.upload(TABLE, A, "first")
    assert again == house.datasets.get(A)
    assert (len(house.queue.messages), house.files) == (0, {})


@pytest.mark.parametrize(("text", "place"), [(TABLE, B), ("n\n2\n", A), ("n\n2\n", B)])
def test_another_upload_under_the_key_is_refused_and_leaves_nothing(
    house: House, text: str, place: Place
) -> None:
    with pytest.raises(Conflict, match="Idempotency-Key was used for another request"):
        house.upload(text, place, "first")
    assert (house.values(A), house.files) == ([{"n": 1}], {})
    assert house.store.page(MAIN, 10, "a") == []


def test_an_upload_may_be_known_by_several_keys(house: House) -> None:
    assert house.upload(TABLE, A, "second").place == A
    with pytest.raises(Conflict, match="another request"):
        house.upload(TABLE, B, "second")


def test_a_key_that_made_nothing_is_free(house: House) -> None:
    with pytest.raises(Invalid):
        house.upload("n\n", A, "second")
    with pytest.raises(Conflict, match="other content"):
        house.upload("n\n2\n", A, "second")
    assert house.upload("n\n2\n", B, "second").place == B


def test_an_upload_that_failed_is_taken_up_by_its_key(house: House) -> None:
    lost = house.upload(TABLE, B, "second")
    house.bucket.delete(lost.file)
    house.deliver()
    assert house.upload(TABLE, B, "second").state == "importing"
    house.deliver()
    assert house.values(B) == [{"n": 1}]


def test_a_changed_dataset_is_still_what_its_key_made(house: House) -> None:
    house.records.create(A, b'{"n": 2}')
    assert (house.upload(TABLE, A, "first").revision, len(house.values())) == (2, 2)


def test_a_removed_dataset_sets_its_key_free(house: House) -> None:
    house.datasets.delete(A, anyone)
    assert house.upload("n\n2\n", B, "first").place == B


def test_a_record_is_made_once(house: House) -> None:
    made = house.records.create(A, b'{"n": 2}', "k")
    assert house.records.create(A, b'{"n": 2}', "k") == made
    assert house.values() == [{"n": 1}, {"n": 2}]
    assert house.datasets.get(A).revision == 2
    assert house.records.create(A, b'{"n": 2}', "l").id != made.id
    assert house.records.create(A, b'{"n": 2}').id == "000000004"


def test_another_record_under_the_key_is_refused(house: House) -> None:
    house.records.create(A, b'{"n": 2}', "k")
    with pytest.raises(Conflict, match="another request"):
        house.records.create(A, b'{"n": 3}', "k")
    with pytest.raises(Conflict, match="another request"):
        house.records.create(A, b"{", "k")
    assert len(house.values()) == 2


def test_a_record_that_was_refused_leaves_its_key_free(house: House) -> None:
    with pytest.raises(Invalid):
        house.records.create(A, b'{"n": "x"}', "k")
    assert house.records.create(A, b'{"n": 2}', "k").id == "000000002"


def test_a_repeat_gives_the_record_as_it_is_now(house: House) -> None:
    made = house.records.create(A, b'{"n": 2}', "k")
    changed = house.records.amend(A, made.id, b'{"n": 5}', anyone)
    assert house.records.create(A, b'{"n": 2}', "k") == changed
    house.records.delete(A, made.id, anyone)
    with pytest.raises(Gone, match="Record '000000002', which this request made, has been removed"):
        house.records.create(A, b'{"n": 2}', "k")
    assert house.values() == [{"n": 1}]


def test_a_key_is_of_one_dataset(house: House) -> None:
    house.load(TABLE, B)
    house.load(TABLE, ELSEWHERE)
    house.records.create(A, b'{"n": 2}', "k")
    for place in (B, ELSEWHERE):
        assert house.records.create(place, b'{"n": 3}', "k").id == "000000002"
    house.datasets.delete(A, anyone)
    house.load(TABLE, A)
    assert house.records.create(A, b'{"n": 4}', "k").values == {"n": 4}
