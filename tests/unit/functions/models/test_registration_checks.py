import pytest
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import DomainError, Invalid
from functions.kit.contract.models.registration import ModelFile, Registration
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.names import check_name, version_number
from functions.models.model.aliases import check_alias
from functions.models.model.registration_checks import check_registration

SIGNATURE = Signature(
    task="binary",
    target="y",
    columns=[Column("a", "number"), Column("b", "category")],
    features=[Feature("a", "x0", "float"), Feature("b", "x1", "string")],
    labels=["no", "yes"],
)
REGISTRATION = Registration(
    job="j1",
    dataset="d",
    revision=1,
    snapshot="snapshots/d/1.parquet",
    target="y",
    task="binary",
    algorithm="forest",
    signature=SIGNATURE,
    file=ModelFile("models/d/a.onnx", "0" * 64, 3),
)

PLACE = Place(MAIN, "d")


def test_a_registration_that_fits_together():
    check_registration(PLACE, REGISTRATION)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"labels": ["yes"]}, "signature.labels"),
        ({"labels": ["yes", "yes"]}, "signature.labels"),
        ({"features": []}, "signature.features"),
        ({"features": [Feature("c", "x0", "float")]}, "signature.features"),
        ({"features": [Feature("a", "x0", "float")] * 2}, "signature.features"),
        ({"columns": [Column("a", "number")] * 2}, "signature.columns"),
        ({"task": "regression", "labels": []}, "signature.task"),
    ],
)
def test_a_signature_that_would_fail_at_the_first_prediction(change, column):
    wrong = replace(REGISTRATION, signature=replace(SIGNATURE, **change))
    with pytest.raises(DomainError) as caught:
        check_registration(PLACE, wrong)
    assert column in [flaw.column for flaw in caught.value.flaws]


def test_a_version_that_no_document_holds_is_refused():
    with pytest.raises(DomainError) as caught:
        check_registration(PLACE, replace(REGISTRATION, card="x" * 1_000_000))
    assert "fewer columns" in caught.value.flaws[0].reason


@pytest.mark.parametrize(
    "path",
    [
        *("snapshots/x", "models/e/a.onnx", "models/d", "models/d2/a.onnx"),
        "workspaces/team/models/d/a.onnx",
    ],
)
def test_a_file_elsewhere_in_the_bucket_is_refused(path):
    """That of another model goes when the other is deleted, or swept."""
    file = ModelFile(path, "0" * 64, 3)
    with pytest.raises(DomainError) as caught:
        check_registration(PLACE, replace(REGISTRATION, file=file))
    assert caught.value.flaws[0].column == "file.path"


def test_a_file_of_another_workspace_is_refused():
    place = Place("team", "d")
    with pytest.raises(DomainError) as caught:
        check_registration(place, REGISTRATION)
    assert "below workspaces/team/models/d/" in caught.value.flaws[0].reason
    file = ModelFile("workspaces/team/models/d/a.onnx", "0" * 64, 3)
    check_registration(place, replace(REGISTRATION, file=file))


@pytest.mark.parametrize("name", ["titanic", "a", "7", "a-b_c.d"])
def test_good_names(name):
    check_name("model", name)


@pytest.mark.parametrize("name", ["", "A", "a/b", "-a", "a.", "é", "a" * 101, "a b", "a\n"])
def test_bad_names(name):
    with pytest.raises(DomainError, match="cannot be a name") as caught:
        check_name("model", name)
    assert isinstance(caught.value, Invalid)


def test_an_alias_is_not_a_number():
    check_alias("v2")
    with pytest.raises(DomainError, match="version number"):
        check_alias("2")


@pytest.mark.parametrize("text", ["x", "-1", "1.0", "", "²", "9" * 10])
def test_version_numbers(text):
    assert version_number("12") == 12
    with pytest.raises(DomainError, match="not a version number"):
        version_number(text)
