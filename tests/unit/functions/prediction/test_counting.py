"""What the log of predictions does not have is counted: by version, minute and kind."""

from typing import Any

import msgspec
import pytest

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.telemetry.activity import Note
from functions.kit.contract.telemetry.predictions import COUNTED, Counted, Counts, Event
from functions.prediction.service.counting import events, of_note
from functions.prediction.service.ports import Loaded, Reference, Target

ANN = Caller(name="ann", kind="key", workspace="w")
PREDICT = "/models/{model}/predict"
AT = 1_800_000_030.0
MINUTE = 30_000_000


def note(status: int, path: str = "/models/titanic/predict", **other: Any) -> Note:
    """Return the note of a call."""
    return (
        other.get("at", AT),
        other.get("method", "POST"),
        other.get("route", PREDICT),
        path,
        status,
        0.1,
        other.get("caller", ANN),
        "",
        None,
        "",
    )


def led(model: Place, reference: Reference) -> Target:
    """Let versions be themselves, aliases lead to the second."""
    if model.name != "titanic":
        raise not_found("model", model.name)
    return Target(model, "uid", reference if isinstance(reference, int) else 2)


def told(found: list[bytes]) -> dict[tuple[int, int], Counts]:
    """Return what events tell by version and minute."""
    read = [msgspec.json.decode(one, type=Event) for one in found]
    assert len({one.id for one in read}) == len(read)
    assert {one.type for one in read} <= {COUNTED}
    counted = [msgspec.json.decode(one.data, type=Counted) for one in read]
    assert {(one.workspace, one.model, one.uid) for one in counted} <= {("w", "titanic", "uid")}
    return {(one.version, one.minute): one.counts for one in counted}


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (200, None),
        (202, None),
        (400, Counts(refused=1)),
        (401, None),
        (403, None),
        (404, None),
        (409, None),
        (413, Counts(refused=1)),
        (415, Counts(refused=1)),
        (422, Counts(refused=1)),
        (429, Counts(quota_hits=1)),
        (500, Counts(errors=1)),
        (503, Counts(errors=1)),
        (507, Counts(errors=1)),
    ],
)
def test_a_status_says_what_is_counted(status: int, counts: Counts | None) -> None:
    found = of_note(note(status))
    assert (None if found is None else found.what) == counts


@pytest.mark.parametrize(
    ("path", "route", "version"),
    [
        ("/models/titanic/predict", PREDICT, 2),
        ("/models/titanic/versions/7/predict", "/models/{model}/versions/{version}/predict", 7),
        ("/models/titanic/aliases/best/predict", "/models/{model}/aliases/{alias}/predict", 2),
        ("/v2/models/titanic/infer", "/v2/models/{model}/infer", 2),
        ("/v2/models/titanic/versions/3/infer", "/v2/models/{model}/versions/{version}/infer", 3),
        ("/models/titanic/versions/x/predict", "/models/{model}/versions/{version}/predict", None),
        ("/models/titanic/versions/" + "9" * 40 + "/predict", PREDICT, None),
        ("/models", PREDICT, None),
        ("/", PREDICT, None),
        ("/models/titanic/signature", "/models/{model}/signature", None),
        ("/models/iris/predict", PREDICT, None),
    ],
)
def test_a_call_counts_for_the_version_that_it_meant(
    path: str, route: str, version: int | None
) -> None:
    found = told(events([note(500, path, route=route)], led, "s"))
    assert found == ({} if version is None else {(version, MINUTE): Counts(errors=1)})


def test_who_is_not_known_and_who_reads_is_none_of_it() -> None:
    noted: list[Note | Loaded] = [note(500, caller=None), note(500, method="GET")]
    assert events(noted, led, "s") == []


def test_what_happens_is_one_event_a_version_and_minute() -> None:
    loaded = Loaded(Target(Place("w", "titanic"), "uid", 2), AT + 1)
    noted: list[Note | Loaded] = [
        note(500),
        note(503),
        note(429),
        loaded,
        note(422, at=AT + 60),
        note(500, "/models/titanic/versions/1/predict"),
    ]
    assert told(events(noted, led, "s")) == {
        (2, MINUTE): Counts(errors=2, quota_hits=1, cold_starts=1),
        (2, MINUTE + 1): Counts(refused=1),
        (1, MINUTE): Counts(errors=1),
    }
