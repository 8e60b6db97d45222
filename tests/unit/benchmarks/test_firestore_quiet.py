import pytest

from benchmarks.firestore.harness import Compared, compare
from benchmarks.firestore.quiet import Machine, disturbances, spread

IDLE = Machine(load=0.4, cores=2)


def test_a_quiet_machine_disturbs_nothing():
    assert disturbances(IDLE, {"get": 1.2, "set": 1.4}) == []


@pytest.mark.parametrize(
    ("machine", "spreads", "told"),
    [
        (Machine(load=3.0, cores=2), {"get": 1.0}, "load 3.00 on 2 cores before"),
        (IDLE, {"get": 2.5}, "get: one constant round in ten took 2.5 times the median"),
    ],
)
def test_what_disturbs_is_said(machine, spreads, told):
    assert disturbances(machine, spreads) == [told]


def test_the_spread_is_that_of_the_slow_rounds():
    assert spread([1.0]) == 1.0
    assert spread([1.0] * 50) == 1.0
    assert spread([1.0] * 80 + [3.0] * 20) == 3.0


def test_servers_take_turns_the_other_way_round_each_time():
    order: list[str] = []
    compared = compare(
        lambda: order.append("ours"),
        lambda: order.append("constant"),
        2,
        lambda: order.append("durable"),
    )
    warm, forth = ["ours", "constant", "durable"], ["ours", "constant", "durable"]
    assert order == [*warm, *reversed(forth), *forth]
    assert isinstance(compared, Compared)
    assert compared.bound is not None
