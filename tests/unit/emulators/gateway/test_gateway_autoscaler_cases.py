"""The autoscaler case by case, each figure worked out by hand from Knative's published rules.

wanted = clamp(ceil(mean / target), floor(ready / 2), ceil(1000 x max(1, ready))); the stable mean
is over the window, the panic mean over its tenth (two seconds at least); panic begins when
ceil(panic mean / target) / max(1, ready) >= threshold, and holds for one window after that.
"""

from typing import NamedTuple

import pytest

from emulators.gateway.model.revision import Scaling
from emulators.gateway.model.scaling import Autoscaler, Load


class Case(NamedTuple):
    """A story: each tick is (seconds, load over all replicas, replicas ready)."""

    name: str
    ticks: list[tuple[float, float, int]]
    wanted: list[int]
    scaling: Scaling = Scaling()
    target: float = 10.0


def steady(load: float, ready: int, until: float) -> list[tuple[float, float, int]]:
    return [(float(at), load, ready) for at in range(2, int(until) + 1, 2)]


CASES = [
    Case("nothing asked", [(2, 0, 0)], [0]),
    Case("one request wants one replica", [(2, 0.1, 1)], [1]),
    Case("exactly the target", [(2, 10, 1)], [1]),
    Case("a little over the target rounds up", [(2, 10.1, 1)], [2],
         Scaling(panic_threshold_percentage=1000)),
    Case("stable mean: (40 + 20) / 2 = 30 -> 3", [(2, 40, 4), (4, 20, 4)], [4, 3]),
    Case("the stable window forgets: after 60 s only 10 counts",
         [(0, 60, 4), (62, 10, 4)], [6, 2]),  # floor(4 / 2) = 2 holds against ceil(10 / 10) = 1
    Case("half at most is let go at once", [(2, 0, 9)], [4]),
    Case("from one to none", [(2, 0, 1)], [0]),
    Case("up-rate 1000 from none", [(2, 20_000, 0)], [1000]),
    Case("panic at twice the capacity: ceil(20 / 10) / 1 = 2", [(2, 20, 1)], [2]),
    Case("no panic just below: ceil(19 / 10) = 2, 2 / 2 = 1", [(2, 19, 2)], [2]),
    Case("panic mean rules: last 6 s (90+90+90)/3=90 -> 9, stable (0x7+90x3)/10=27 -> 3",
         [*steady(0, 1, 14), (16, 90, 1), (18, 90, 1), (20, 90, 1)],
         [0] * 7 + [3, 6, 9]),  # panic means 30, 60, 90; stable 11.25, 20, 27
    Case("in panic it never shrinks", [(2, 50, 1), (4, 0, 5), (6, 0, 5)], [5, 5, 5]),
    Case("panic lasts a window after the threshold was last passed (at 2 s: until 62 s)",
         [(2, 50, 1), (60, 10, 5), (62, 10, 5), (64, 10, 5)], [5, 5, 5, 2]),
    Case("panic threshold 400 %: 3 / 1 is no panic, and the stable mean rules",
         [(2, 0, 1), (4, 0, 1), (6, 0, 1), (8, 30, 1)], [0, 0, 0, 1],
         Scaling(panic_threshold_percentage=400)),
    Case("panic window 50 % of 8 s = 4 s: (0 + 60) / 2 = 30 -> 3",
         [(2, 0, 1), (4, 0, 1), (6, 0, 1), (8, 60, 1)], [0, 0, 0, 3],
         Scaling(window=8, panic_window_percentage=50)),
    Case("min-scale", [(2, 0, 3)], [2], Scaling(minimum=2)),
    Case("max-scale", [(2, 500, 3)], [3], Scaling(maximum=3)),
    Case("activation-scale lifts any load to 4", [(2, 1, 1)], [4], Scaling(activation=4)),
    Case("activation-scale leaves none at none", [(2, 0, 0)], [0], Scaling(activation=4)),
    Case("activation-scale is no reason to panic: it shrinks to 4 at once",
         [(2, 1, 1), (4, 1, 10)], [4, 5], Scaling(activation=4)),  # floor(10 / 2) = 5
    Case("scale-down-delay 20 s keeps the highest wish of 20 s",
         [(2, 40, 4), (10, 0, 4), (21, 0, 4), (23, 0, 4)], [4, 4, 4, 2],
         Scaling(window=6, down_delay=20)),
    Case("rps: 140 wanted of each, 300 / 140 -> 3", [(2, 300, 2)], [3], Scaling(metric="rps"),
         140.0),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    scaler = Autoscaler(case.scaling, case.target, limit=1000)
    assert [scaler.decide(at, Load(load, ready)) for at, load, ready in case.ticks] == case.wanted


@pytest.mark.parametrize(
    ("capacity", "ready", "load", "excess"),
    [
        (None, 3, 50, 0),
        (0, 3, 50, 0),  # buffered at zero replicas alone
        (-1, 3, 0, -1),  # always buffered
        (211, 1, 5, -116),  # 1 x 100 - 211 - 5
        (211, 4, 30, 159),  # 4 x 100 - 211 - 30
        (100, 1, 0.5, -1),  # floor(-0.5)
    ],
)
def test_excess_burst_capacity(
    capacity: float | None, ready: int, load: float, excess: float
) -> None:
    scaler = Autoscaler(Scaling(burst_capacity=capacity, utilization=0.7), 70, limit=20)
    scaler.decide(2, Load(load, ready))
    assert scaler.excess == excess


def test_a_revision_without_traffic_keeps_no_minimum() -> None:
    scaler = Autoscaler(Scaling(minimum=2), 10, limit=20)
    scaler.reachable = False
    assert scaler.decide(2, Load(0, 1)) == 0
