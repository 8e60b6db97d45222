"""What a real Knative says to deploy files: the cases that lie beside the clone."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from tests.support.imports import ROOT
from tests.support.tools import lacking

CASES = ROOT.parent / "shared" / "cases" / "knative"
IMAGE = "@HELLO@"  # stands for one in the files
_ROW = re.compile(r"\| (\S+) \| (accepted|refused) \| (accepted|refused) \| (.*) \|")
# What differs from one refusal to the next, or is added by kubectl and the table.
_ASIDE = [
    (re.compile(r"^The (\w+) "), r"\1.serving.knative.dev "),
    (re.compile(r"dry-run-validation\w*"), "dry-run-validation"),
    (re.compile(r"^// strict: "), ""),
    (re.compile(r"\s+"), " "),
]


@dataclass(frozen=True)
class Case:
    """One file and what a real Knative says to it.

    Attributes:
        accepted: Whether it is taken, by field validation.
        words: How a refusal begins, or a part of it.
    """

    name: str
    accepted: dict[str, bool]
    words: str

    def thing(self, image: str) -> dict[str, Any]:
        """What the file holds, with an image in place of the mark."""
        text = (CASES / f"{self.name}.yaml").read_text(encoding="utf-8")
        found: dict[str, Any] = yaml.safe_load(text.replace(IMAGE, image))
        return found


def read_cases() -> list[Case]:
    """Every line of the table; none where the cases are not there."""
    table = CASES / "VERDICTS.md"
    rows = _ROW.findall(table.read_text(encoding="utf-8")) if table.is_file() else []
    return [
        Case(name, {"Ignore": plain == "accepted", "Strict": strict == "accepted"}, words)
        for name, plain, strict, words in rows
    ]


def need_cases() -> list[Case]:
    """As `read_cases`; a laptop may be without them, CI may not."""
    found = read_cases()
    if not found:
        lacking(f"{CASES} is not there")
    return found


def plain(words: str) -> str:
    """Words of a refusal without what differs each time."""
    for pattern, instead in _ASIDE:
        words = pattern.sub(instead, words)
    return words.strip()
