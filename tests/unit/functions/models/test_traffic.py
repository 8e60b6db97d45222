"""How an alias's calls are shared out: what is refused, who is moved, and what ends it."""

import datetime as dt
import random
from typing import Any

import msgspec
import pytest

from functions.kit.contract.errors import DomainError
from functions.kit.contract.models.registration import Model, Version, model_document, read_model
from functions.kit.contract.models.traffic import Bounds
from functions.kit.contract.records.columns import Column
from functions.kit.http.responses.problems import STATUSES
from functions.models.model import aliases
from functions.models.model import traffic as rules
from functions.models.model.aliases import Act, Changed
from functions.models.model.traffic import Wanted, slots
from tests.support.models.onnx import COLUMNS, Trained, describe, train

ACT = Act(by="key of ann", account="ann", at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


@pytest.fixture
def versions(trained: Trained) -> dict[int, Version]:
    """Five versions: the fourth knows a column less, the fifth is of another line."""
    found = {number: describe(trained, version=number) for number in range(1, 6)}
    fewer = msgspec.structs.replace(trained.signature, columns=COLUMNS[:4])
    found[4] = describe(trained, version=4, signature=fewer)
    found[5] = describe(trained, version=5, line=2)
    return found


@pytest.fixture
def model() -> Model:
    found = aliases.start("people", "u1", "binary", "target", ACT)
    for _ in range(5):
        found, _ = aliases.add_version(found, "binary", "target", ACT)
    return found


def wanted(shares: dict[int, int], **more: Any) -> Wanted:
    return Wanted(shares=shares, **more)


def share_out(
    model: Model, versions: dict[int, Version], asked: Wanted, ident: str = "t1"
) -> Changed | None:
    return rules.share_out(model, "champion", asked, versions, ACT, ident)


def shared(model: Model, versions: dict[int, Version], asked: Wanted, ident: str = "t1") -> Model:
    changed = share_out(model, versions, asked, ident)
    assert changed is not None
    return changed[0]


def test_traffic_is_written_down_whole(model: Model, versions: dict[int, Version]) -> None:
    asked = wanted({1: 90, 2: 10}, shadows=[3], reason="newer", bounds=Bounds(least_calls=50))
    changed = share_out(model, versions, asked)
    assert changed is not None
    found, line = changed
    traffic = found.traffic["champion"]
    assert (traffic.champion, traffic.shares, traffic.shadows) == (1, {1: 90, 2: 10}, [3])
    assert (traffic.by, traffic.at, traffic.id) == ("key of ann", ACT.at, "t1")
    assert found.revision == model.revision + 1
    assert (line.action, line.alias, line.after) == ("set traffic", "champion", 1)
    assert line.traffic == {
        "shares": {"1": 90, "2": 10},
        "shadows": [3],
        "bounds": {"errors": 0.02, "latency": 1.5, "least_calls": 50},
        "spread": "callers",
        "reason": "newer",
    }
    assert read_model(model_document(found)) == found


def test_the_same_again_changes_nothing(model: Model, versions: dict[int, Version]) -> None:
    asked = wanted({1: 90, 2: 10})
    assert share_out(shared(model, versions, asked), versions, asked, "t2") is None


def test_a_change_is_measured_anew(model: Model, versions: dict[int, Version]) -> None:
    found = shared(model, versions, wanted({1: 90, 2: 10}))
    assert shared(found, versions, wanted({1: 80, 2: 20}), "t2").traffic["champion"].id == "t2"


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        (wanted({1: 90, 2: 9}), 422, "Together they are 99 %, not 100 %"),
        (wanted({2: 60, 3: 40}), 422, "Version 1, which the alias names, has none"),
        (wanted({1: 100}), 422, "There is no other version"),
        (wanted({1: 90, 2: 10}, shadows=[2]), 422, "named once"),
        (wanted({1: 100}, shadows=[3, 3]), 422, "named once"),
        (wanted({1: 100}, shadows=[2, 3, 4, 5]), 422, "At most 3 versions are shadows"),
        (wanted({1: 90, 9: 10}), 404, "no version '9' of 'people'"),
        (wanted({1: 100}, shadows=[9]), 404, "no version '9' of 'people'"),
        (wanted({1: 90, 4: 10}), 409, "Version 4 cannot take calls of version 1: column 'name'"),
        (wanted({1: 100}, shadows=[5]), 409, "Version 5 is of another line than version 1"),
    ],
)
def test_what_makes_no_whole_is_refused(
    model: Model, versions: dict[int, Version], asked: Wanted, status: int, words: str
) -> None:
    with pytest.raises(DomainError) as caught:
        share_out(model, versions, asked)
    assert STATUSES[type(caught.value)] == status
    assert words in caught.value.detail


def test_a_version_that_takes_more_may_be_tried(
    model: Model, versions: dict[int, Version], trained: Trained
) -> None:
    more = [*COLUMNS, Column("town", "text")]
    wider = msgspec.structs.replace(trained.signature, columns=more)
    versions[2] = describe(trained, version=2, signature=wider)
    assert shared(model, versions, wanted({1: 90, 2: 10})).traffic["champion"].shares[2] == 10


@pytest.mark.parametrize(
    "act",
    [
        lambda model: aliases.promote(model, "champion", 3, ACT),
        lambda model: aliases.roll_back(model, "champion", ACT),
        lambda model: aliases.remove_alias(model, "champion", ACT),
        lambda model: rules.end(model, "champion", ACT, "because"),
    ],
    ids=["promotion", "rollback", "removal", "end"],
)
def test_what_ends_traffic_says_so(model: Model, versions: dict[int, Version], act: Any) -> None:
    promoted = aliases.promote(model, "champion", 2, ACT)
    assert promoted is not None
    found = shared(promoted[0], versions, wanted({2: 90, 3: 10}))
    other = aliases.promote(found, "other", 1, ACT)
    assert other is not None
    found = shared_of_other(other[0], versions)
    after, line = act(found)
    assert list(after.traffic) == ["other"]
    assert line.traffic == {}


def shared_of_other(model: Model, versions: dict[int, Version]) -> Model:
    changed = rules.share_out(model, "other", wanted({1: 50, 3: 50}), versions, ACT, "t9")
    assert changed is not None
    return changed[0]


def test_what_ends_nothing_says_nothing(model: Model) -> None:
    changed = aliases.promote(model, "champion", 2, ACT)
    assert changed is not None
    assert changed[1].traffic is None
    with pytest.raises(DomainError, match="All calls of alias 'champion' go to"):
        rules.end(model, "champion", ACT)


@pytest.mark.parametrize("version", [2, 3])
def test_a_version_with_traffic_is_not_deleted(
    model: Model, versions: dict[int, Version], version: int
) -> None:
    found = shared(model, versions, wanted({1: 90, 2: 10}, shadows=[3]))
    with pytest.raises(DomainError, match=f"Version {version} of 'people' has traffic of champion"):
        aliases.delete_version(found, version, ACT)
    ended, _ = rules.end(found, "champion", ACT)
    assert not aliases.delete_version(ended, version, ACT)[0].has(version)


def random_shares(rng: random.Random) -> dict[int, int]:
    """Return percents of one to five versions that make a hundred."""
    cuts = sorted(rng.sample(range(1, 100), rng.randrange(5)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    return dict(zip(rng.sample(range(1, 8), len(parts)), parts, strict=True))


def test_no_more_callers_move_than_must() -> None:
    rng = random.Random(51)
    before = [1] * 100
    for _ in range(300):
        had = {version: before.count(version) for version in range(1, 8)}
        shares = random_shares(rng)
        after = slots(before, shares)
        assert {version: after.count(version) for version in shares} == shares
        moved = sum(one != other for one, other in zip(before, after, strict=True))
        assert moved == sum(max(0, share - had[version]) for version, share in shares.items())
        before = after
