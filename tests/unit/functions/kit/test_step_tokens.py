"""Step tokens: each opens one call, for one caller, for minutes."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.adapters.calls.step_tokens import (
    CALL_LIFE,
    CLOCK_DIFFERENCE,
    HINT_LIFE,
    SCHEME,
    Call,
    authorization,
    signer_of,
)

SECRET, NOW = "secret", 1_800_000_000
CALL = Call("POST", "training", "/jobs/1/steps/finish")

names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
workspaces = st.one_of(st.just(""), names)
paths = st.text(max_size=40).map(lambda text: "/" + text.encode(errors="replace").decode())
calls = st.builds(Call, st.sampled_from(["GET", "POST", "PUT"]), names, paths)


def token(
    caller: str = "datasets", call: Call = CALL, workspace: str = "", life: float = CALL_LIFE
) -> str:
    signed = authorization(SECRET, caller, call, workspace=workspace, life=life, now=NOW)
    scheme, _, found = signed.partition(" ")
    assert scheme == SCHEME
    return found


@given(caller=names, call=calls, workspace=workspaces, wait=st.integers(0, CALL_LIFE))
def test_it_opens_its_call_and_names_its_signer(
    caller: str, call: Call, workspace: str, wait: int
) -> None:
    found = signer_of(token(caller, call, workspace), SECRET, call, now=NOW + wait)
    assert found == (caller, workspace)


@given(call=calls, other=calls)
def test_it_opens_no_other_call(call: Call, other: Call) -> None:
    opened = signer_of(token("a", call), SECRET, other, now=NOW)
    assert (opened == ("a", "")) == (call == other)


@given(given=st.text(max_size=90))
def test_text_that_nobody_signed_opens_nothing_and_is_no_mistake(given: str) -> None:
    assert signer_of(given, SECRET, CALL, now=NOW) is None


@given(at=st.integers(0, 200), letter=st.characters(max_codepoint=300))
def test_a_token_with_another_letter_opens_nothing(at: int, letter: str) -> None:
    good = token()
    at %= len(good)
    bad = good[:at] + letter + good[at + 1 :]
    assert (signer_of(bad, SECRET, CALL, now=NOW) is None) == (bad != good)


@pytest.mark.parametrize(
    ("life", "at", "opens"),
    [
        (CALL_LIFE, CALL_LIFE + CLOCK_DIFFERENCE, True),
        (CALL_LIFE, CALL_LIFE + CLOCK_DIFFERENCE + 1, False),
        (CALL_LIFE, -CLOCK_DIFFERENCE, True),  # the one who signs is ahead
        (HINT_LIFE, -CLOCK_DIFFERENCE, True),
        (HINT_LIFE, -CLOCK_DIFFERENCE - 1, False),  # good for longer than any may be
        (1, 0, True),
        (1, 40, False),
    ],
)
def test_it_ends_when_its_maker_said_give_or_take_the_clocks(
    life: int, at: int, *, opens: bool
) -> None:
    found = signer_of(token(life=life), SECRET, CALL, now=NOW + at)
    assert (found == ("datasets", "")) is opens


@pytest.mark.parametrize("life", [0, -1, HINT_LIFE + 1])
def test_none_is_signed_for_longer_than_a_queue_needs(life: int) -> None:
    with pytest.raises(ValueError, match="seconds from 1"):
        token(life=life)


@pytest.mark.parametrize("caller", ["", "A", "a.b", "a b", "a\nb", "-a", "ä", "a" * 64])
def test_a_caller_that_is_no_function_s_name_signs_nothing(caller: str) -> None:
    with pytest.raises(ValueError, match="no name of a function"):
        token(caller)


def test_another_secret_opens_nothing() -> None:
    assert signer_of(token(), "another", CALL, now=NOW) is None


@pytest.mark.parametrize("workspace", ["Main", "a.b", "a/b", "a\nb", "-a", "a" * 41])
def test_what_is_no_workspace_is_not_signed(workspace: str) -> None:
    with pytest.raises(ValueError, match="no workspace"):
        token(workspace=workspace)


@pytest.mark.parametrize(("part", "other"), [(".a.", ".b."), (".w.", ".x."), (".w.", "..")])
def test_neither_name_can_be_changed_for_another(part: str, other: str) -> None:
    assert signer_of(token("a", workspace="w").replace(part, other), SECRET, CALL, now=NOW) is None


def test_tokens_of_the_older_form_open_nothing() -> None:
    """They lived for a day and named nobody; some may lie in queues and logs yet."""
    end = NOW + 60
    signed = f"POST\ntraining\n{CALL.path}\n{end}".encode()
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert signer_of(f"{end}.{digest}", SECRET, CALL, now=NOW) is None
    assert signer_of(f"{end}.datasets.{digest}", SECRET, CALL, now=NOW) is None
