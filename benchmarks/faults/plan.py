"""Which fault comes when: a pure function of a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["kill", "stop", "disk", "clock"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FUNCTIONS = ("accounts", "datasets", "training", "models", "monitoring", "prediction")
PARTS = ("gateway", "nats", "firestore", "storage", "web")
VICTIMS = (*PARTS, *FUNCTIONS)
QUIET = 1.0  # seconds of load before the first fault
SHORTEST, LONGEST = 1.0, 5.0  # seconds that a stop, a full disk or a wrong clock lasts
FARTHEST = 3600  # seconds that a clock steps
# The launcher gives up on a part that ends six times within a minute.
WINDOW, MOST_IN_WINDOW = 60.0, 4


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        at: seconds after the load began.
        victim: the part, or the function whose replica it hits; empty for disk and clock.
        lasts: seconds until it is taken back; a kill is not.
        step: seconds by which the clock is wrong meanwhile.
    """

    at: float
    kind: Kind
    victim: str = ""
    lasts: float = 0.0
    step: int = 0

    def __str__(self) -> str:
        what = {
            "kill": f"kill -9 of {self.victim}",
            "stop": f"{self.victim} stopped for {self.lasts:.1f} s",
            "disk": f"disk full for {self.lasts:.1f} s",
            "clock": f"clock {self.step:+d} s for {self.lasts:.1f} s",
        }
        return f"{self.at:6.1f} s  {what[self.kind]}"


def plan(seed: int, kinds: Sequence[Kind], count: int, seconds: float) -> list[Fault]:
    """Return at most `count` faults within `seconds`: each kind and victim before any comes again.

    Fewer where a part would be killed so often that its launcher rightly gives up, or a disk is
    full, or a clock wrong, already.
    """
    draw = random.Random(seed)
    victims = _rounds(draw, VICTIMS, count)
    faults: list[Fault] = []
    for number, kind in enumerate(_kinds(draw, kinds, count)):
        at = QUIET + (number + draw.random() * 0.8) * (seconds - QUIET) / count
        lasts = round(draw.uniform(SHORTEST, LONGEST), 1)
        if kind in {"disk", "clock"}:
            if not _lasting(faults, kind, at):
                faults.append(Fault(at, kind, lasts=lasts, step=_step(draw, kind)))
        elif _allowed(faults, victim := victims.pop(0), at):
            faults.append(Fault(at, kind, victim, lasts=lasts if kind == "stop" else 0.0))
    return faults


def _rounds(draw: random.Random, choices: Sequence[str], count: int) -> list[str]:
    """Return `count` of the choices, each once before any comes again, in a random order."""
    found: list[str] = []
    while len(found) < count:
        found += draw.sample(choices, len(choices))
    return found[:count]


def _kinds(draw: random.Random, kinds: Sequence[Kind], count: int) -> list[Kind]:
    """Return kinds: each once to begin with, then mostly kills and stops."""
    weights = {"kill": 6, "stop": 3, "disk": 1, "clock": 2}
    rest = draw.choices(kinds, [weights[kind] for kind in kinds], k=max(0, count - len(kinds)))
    return [*draw.sample(kinds, min(len(kinds), count)), *rest]


def _step(draw: random.Random, kind: Kind) -> int:
    return draw.choice([-1, 1]) * draw.randint(2, FARTHEST) if kind == "clock" else 0


def _lasting(faults: Sequence[Fault], kind: Kind, at: float) -> bool:
    """Tell whether one of this kind is not taken back yet."""
    return any(each.kind == kind and at < each.at + each.lasts for each in faults)


def _allowed(faults: Sequence[Fault], victim: str, at: float) -> bool:
    recent = [each for each in faults if each.victim == victim and at - each.at < WINDOW]
    return len(recent) < MOST_IN_WINDOW
