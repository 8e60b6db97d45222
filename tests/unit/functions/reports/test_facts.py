"""What notebooks are told, and what they are not."""

import datetime as dt

import msgspec
import pytest
from msgspec.structs import replace

from functions.kit.contract.records.columns import Column, Suggested
from functions.kit.contract.records.profile import ProfileWarning, WarningKind
from functions.reports.model import evaluation, facts, windows
from tests.support.in_memory.reports_house import NOON, dataset_of, profile_of, version_of

SECRET = "nobody's"
OPEN = Column("age", "number", role="target")
CLOSED = Column(
    "name", "category", sensitive=True, levels=[SECRET], suggested=Suggested(levels=[SECRET])
)


def test_values_of_sensitive_columns_are_told_nowhere():
    profile = profile_of([OPEN, CLOSED])
    profile.columns[1].top[0].value = SECRET
    telling: list[WarningKind] = ["constant", "near_constant", "spelling", "tiny_class"]
    said = f"'name' has words, such as {SECRET!r}."
    warnings = [ProfileWarning(kind, said, ["name"], values=[SECRET]) for kind in telling]
    order = ProfileWarning("time_order", "The rows are in the order of 'name'.", ["name"])
    profile = replace(profile, warnings=[*warnings, order])
    told = facts.of_dataset(dataset_of([OPEN, CLOSED]), profile, NOON)
    text = msgspec.json.encode(told).decode()
    assert SECRET not in text
    assert [(one.name, one.missing, one.unique) for one in told.profile.columns] == [
        ("age", 0, 2),
        ("name", 0, 2),
    ]
    assert told.profile.columns[0].histogram is not None
    *telling_less, order = told.profile.warnings
    assert [one.kind for one in telling_less] == telling
    assert telling_less[2].detail == "'name' has words that differ by case or spaces alone."
    assert order.detail == "The rows are in the order of 'name'."


def test_a_version_is_told_without_single_rows_and_sensitive_values():
    part = {"rows": 1, "metrics": {}, "gap": 0, "low": 0, "high": 0}
    told = {
        "worst": [{"values": {"name": SECRET}}],
        "slices": [
            {"column": "name", "part": SECRET, **part},
            {"column": "age", "part": "1", **part},
        ],
        "dependence": [{"column": "name", "labels": [], "values": [SECRET], "means": [[1.0]]}],
    }
    version = version_of([OPEN, CLOSED], evaluation=told, card=SECRET)
    found = facts.of_model(_model(), version, None, [], NOON)
    assert SECRET not in msgspec.json.encode(found).decode()
    assert [one.part for one in found.version.evaluation["slices"]] == ["1"]
    assert found.aliases == ["champion"]


def _model():
    from functions.kit.contract.models.registration import Model  # noqa: PLC0415 - of this alone

    return Model(
        name="people",
        uid="u",
        task="binary",
        latest=2,
        aliases={"champion": 1, "challenger": 2},
        revision=1,
        created_at=NOON,
        updated_at=NOON,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"metrics": "good"},
        {"metrics": {"roc_auc": "high"}},
        {"roc": [[0]]},
        {"confusion": {"labels": []}},
        {"calibration": [{}]},
        {"measure": None},
        {"rows": [1]},
    ],
)
def test_a_part_of_another_shape_is_left_out(wrong):
    assert evaluation.shown({**wrong, "verdict": "fine", "else": 1}) == {"verdict": "fine"}


def test_windows_of_other_versions_are_passed_over_and_the_rest_are_in_order():
    def window(day, version):
        start = dt.datetime(2026, 1, day, tzinfo=dt.UTC)
        end = start + dt.timedelta(days=1)
        measures = {"drift": {"value": 0.5, "alarm": True, "why": "p"}}
        return {
            "version": version,
            "rows": day,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "measures": measures,
        }

    found = windows.of_version(_answer(window(2, 1), window(1, 1), window(3, 2)), 1)
    assert [(one.rows, one.end - one.start) for one in found] == [(1, 86400.0), (2, 86400.0)]
    assert found[0].measures["drift"].alarm


def _answer(*told):
    return msgspec.convert({"version": 1, "windows": told}, windows.Answer)


def test_the_target_is_the_column_of_that_role():
    assert facts.target_of([CLOSED, OPEN]) == "age"
    assert facts.target_of([CLOSED]) is None
