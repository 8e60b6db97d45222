"""What an error says, word by word."""

import msgspec
import pytest

from functions.kit.contract import errors
from functions.kit.contract.errors import (
    DomainError,
    Flaw,
    Invalid,
    Transient,
    Unreadable,
    not_found,
    refused,
)
from functions.kit.contract.requests.names import check_name
from functions.kit.http.requests.bodies import decode
from functions.kit.http.responses.problems import STATUSES, Problem, document, error_of, problem_of


def test_what_is_not_there_is_named_with_its_owner():
    assert not_found("job", "7").detail == "There is no job '7'."
    assert not_found("version", "9", of="cats").detail == "There is no version '9' of 'cats'."


def test_the_document_has_a_type_and_leaves_out_what_there_is_not():
    plain = msgspec.to_builtins(document(problem_of(not_found("job", "7")), "/jobs/7"))
    assert plain == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no job '7'.",
        "instance": "/jobs/7",
    }


def test_the_document_names_each_flaw():
    problem = problem_of(Invalid("Refused.", Flaw("too old", row=3, column="age")))
    found = msgspec.to_builtins(document(problem, "/x"))
    assert found["errors"] == [{"reason": "too old", "row": 3, "column": "age"}]


def test_a_bad_name_reads_well_for_every_kind():
    with pytest.raises(
        DomainError, match=r"^'A B' cannot be a name: at most 100 lower-case letters"
    ):
        check_name("alias", "A B")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_no_finite_number_is_named_with_its_place(value):
    body = f'{{"values": {{"age": {value}, "sex": "NaN"}}, "more": [1, {value}]}}'.encode()

    with pytest.raises(DomainError, match="finite") as caught:
        decode(body, msgspec.json.Decoder(dict))

    reason = "Expected a finite number, or null"
    assert isinstance(caught.value, Invalid)
    assert caught.value.flaws == [
        Flaw(reason, column="values.age", value=value),
        Flaw(reason, column="more.1", value=value),
    ]


@pytest.mark.parametrize("body", [b"", b"zz", b"[1,", b"[" * 100_000, b"\xff", b"[NaN"])
def test_what_is_no_json_is_told_so(body):
    with pytest.raises(DomainError, match="not JSON") as caught:
        decode(body, msgspec.json.Decoder(list))
    assert isinstance(caught.value, Unreadable)


def test_the_detail_repeats_the_first_flaw():
    problem = refused("No", Flaw("odd", 1234, "a"), Flaw("odder"))
    assert problem.detail == "No: row 1,234, column 'a': odd (1 more in errors)."
    assert refused("No", Flaw("odd", column="a"), noun="field").detail == "No: field 'a': odd."
    assert refused("No", Flaw("odd")).detail == "No: odd."


def test_every_error_of_the_domain_has_its_status_and_comes_back_from_it():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    kinds = {kind for kind in kinds if issubclass(kind, DomainError)} - {DomainError, Transient}
    assert set(STATUSES) == kinds
    for kind in kinds:
        problem = problem_of(kind("Why.", Flaw("odd")))
        found = error_of(document(problem, "/x"))
        assert (type(found), found.detail, found.flaws) == (kind, "Why.", [Flaw("odd")])


def test_a_kind_of_a_kind_has_the_status_of_the_nearest():
    class Taken(errors.Conflict):
        pass

    class OddError(DomainError):
        pass

    assert (problem_of(Taken("Why.")).status, problem_of(OddError("Why.")).status) == (409, 500)


@pytest.mark.parametrize(("status", "kind"), [(429, "Away"), (502, "Away"), (403, "Invalid")])
def test_another_function_s_status_without_an_error_of_ours_is_the_nearest(status, kind):
    found = error_of(document(Problem(status, "Why."), "/x"))
    assert type(found).__name__ == kind
