"""Label and field selectors, as Kubernetes writes them (pure)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from emulators.gateway.apis.kubernetes.objects import metadata_of
from emulators.gateway.apis.kubernetes.resources import field
from emulators.gateway.errors import Invalid

Test = Callable[[Mapping[str, Any]], bool]

_TERM = re.compile(
    r"\s*(?P<no>!)?\s*(?P<key>[^\s,!=()]+)\s*"
    r"(?:(?P<sign>==|!=|=)\s*(?P<value>[^\s,()]*)|(?P<word>in|notin)\s*\((?P<set>[^()]*)\))?"
    r"\s*(?:,|$)"
)
_FIELDS = re.compile(r"metadata\.\w+|involvedObject\.\w+|status\.phase|type|reason")


def selector(labels: str, fields: str) -> Test:
    """Return a test of objects for both selectors together.

    Raises:
        Invalid: For what is no selector.
    """
    tests = [*_label_tests(labels), *_field_tests(fields)]
    return lambda thing: all(test(thing) for test in tests)


def _label_tests(text: str) -> list[Test]:
    tests, at = [], 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or (match["no"] and (match["sign"] or match["word"])):
            raise Invalid(
                f"labelSelector: {text!r} cannot be read", "write e.g. app=web,tier in (a,b)"
            )
        tests.append(_label_test(match))
        at = match.end()
    return tests


def _label_test(match: re.Match[str]) -> Test:
    key = match["key"]
    if match["set"] is not None:
        wanted = {value.strip() for value in match["set"].split(",")}
    else:
        wanted = {match["value"] or ""}
    operator = match["word"] or match["sign"] or ("!" if match["no"] else "exists")

    def test(thing: Mapping[str, Any]) -> bool:
        labels = metadata_of(thing).get("labels") or {}
        if operator == "exists":
            return key in labels
        if operator == "!":
            return key not in labels
        found = labels.get(key) in wanted
        return not found if operator in ("!=", "notin") else found

    return test


def _field_tests(text: str) -> list[Test]:
    return [_field_test(term) for term in text.split(",") if term]


def _field_test(term: str) -> Test:
    match = re.fullmatch(r"\s*([\w.]+)\s*(==|!=|=)\s*(\S*)\s*", term)
    if match is None or not _FIELDS.fullmatch(match[1]):
        raise Invalid(f"fieldSelector: {term!r} is not supported", "use metadata.name=..., say")
    read, operator, value = field(*match[1].split(".")), match[2], match[3]
    return lambda thing: ((read(thing) or "") == value) is (operator != "!=")
