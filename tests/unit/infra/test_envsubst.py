"""`${NAME}` as in drone/envsubst, whose own table of cases most of these are."""

import pytest

from infra.local.deploying.envsubst import BadSubstitution, expand

ENV = {"A": "abcABC", "B": "b", "PATH": "/usr/local/bin", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain $A text", "plain $A text"),
        ("${B}", "b"),
        ("x${B}y${B}z", "xbybz"),
        ("${NONE}", ""),
        ("${NONE:-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${B:-d}", "b"),
        ("${NONE=d}", "d"),
        ("${NONE:=d}", "d"),
        ("${NONE:-}", ""),
        ("${NONE:-a:b/c}", "a:b/c"),
        ("${NONE:-x${B}y}", "xby"),
        ("${NONE:-${OTHER:-deep}}", "deep"),
        ("${#A}", "6"),
        ("${A,}${A^}", "abcABCAbcABC"),
        ("${A,,} ${A^^}", "abcabc ABCABC"),
        ("${A:2}", "cABC"),
        ("${A:2:2}", "cA"),
        ("${A:9}", ""),
        ("${A:x}", "abcABC"),
        ("${A/b/X}", "aXcABC"),
        ("${A//B/x}${A//z/x}", "abcAxCabcABC"),
        ("${A/#a/X}${A/#b/X}", "XbcABCabcABC"),
        ("${A/%BC/X}", "abcAX"),
        ("${PATH##*/}", "bin"),
        ("${PATH%/*}", "/usr/local"),
        ("$${B}", "${B}"),
        ("$$B", "$B"),
        ("a\\\\b", "a\\b"),
        ("5$ and $", "5$ and $"),
    ],
)
def test_what_is_replaced(text: str, wanted: str) -> None:
    assert expand(text, ENV) == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("${", "unable to parse variable name"),
        ("a\n${}", "line 2: unable to parse"),
        ("${B", "missing closing brace"),
        ("${B-d}", "missing closing brace"),
        ("${B?no}", "missing closing brace"),
        ("${NONE:-d", "bad substitution"),
        ("${B/x}", "bad substitution"),
    ],
)
def test_what_cannot_be_read(text: str, why: str) -> None:
    with pytest.raises(BadSubstitution, match=why):
        expand(text, ENV)
