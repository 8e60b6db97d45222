"""What a picture of docs/architecture names, read from its source.

Pictures keep to a part of D2: a line is a box, an arrow or a property. A line that is none of
these is an error, so that nothing is drawn that is not looked at.
"""

import re
from typing import NamedTuple

WORDS = frozenset(
    {"class", "classes", "direction", "grid-columns", "label", "near", "shape", "style"}
)
"""Properties of boxes, which are no boxes."""
PART = r'(?:"[^"]+"|[\w/-]+)'
ID = rf"{PART}(?:\.{PART})*"
LABEL = r'(?:\s*:\s*(?P<label>"[^"]*"|[^"{}|;]+?)?)?\s*(?P<more>\{.*)?'
BOX = re.compile(rf"(?P<id>{ID}){LABEL}")
ARROW = re.compile(rf"(?P<start>{ID}) -> (?P<end>{ID}){LABEL}")


class Box(NamedTuple):
    """A box: what it is by its last name, what holds it by the others, and what it says."""

    path: tuple[str, ...]
    says: str


class Arrow(NamedTuple):
    """An arrow from one box to another, and what it says."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    says: str


class Drawn(NamedTuple):
    """All that a picture names; `groups` are frames around messages of a sequence."""

    boxes: list[Box]
    arrows: list[Arrow]
    groups: list[str]


def read(source: str) -> Drawn:
    """Return what a source draws."""
    is_sequence = "shape: sequence_diagram" in source
    drawn, outer = Drawn([], [], []), list[str]()
    for number, line in enumerate(source.splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text or text.startswith("..."):
            continue
        if text == "}":
            outer.pop()
            continue
        found = ARROW.fullmatch(text) or BOX.fullmatch(text)
        assert found, f"line {number} is no box, no arrow and no property: {line}"
        _note(drawn, found, tuple(outer), is_sequence)
        if (found["more"] or "").rstrip() == "{":
            outer.append(text.partition(":")[0].strip('"'))
    assert not outer, f"{outer} is not closed"
    return drawn


def _note(drawn: Drawn, found: re.Match[str], outer: tuple[str, ...], is_sequence: bool) -> None:
    says = (found["label"] or "").strip('"').replace("\\n", " ")
    if found.re is ARROW:
        drawn.arrows.append(Arrow(_names(found["start"]), _names(found["end"]), says))
        return
    path = _names(found["id"])
    if path[0].partition(".")[0] in WORDS or path == ("title",):
        return
    if is_sequence and (found["more"] or "").rstrip() == "{":
        drawn.groups.append(says)
    else:
        drawn.boxes.append(Box((*outer, *path), says))


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip('"') for part in re.findall(PART, text))
