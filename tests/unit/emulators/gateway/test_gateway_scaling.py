"""The autoscaler's rules against cases worked out by hand from Knative's published ones."""

import pytest

from emulators.gateway.model.revision import Revision, Scaling
from emulators.gateway.model.scaling import (
    Autoscaler,
    Load,
    LoadMeter,
    target_of,
)
from emulators.gateway.specs import openfaas


def run(scaler: Autoscaler, loads: list[tuple[float, float, int]]) -> list[int]:
    return [scaler.decide(at, Load(value, ready)) for at, value, ready in loads]


@pytest.mark.parametrize(
    ("concurrency", "scaling", "target"),
    [
        (0, Scaling(), 70.0),  # 100 x 70 %
        (10, Scaling(), 7.0),
        (1, Scaling(), 0.7),
        (10, Scaling(target=50, utilization=1.0), 10.0),  # never over containerConcurrency
        (0, Scaling(target=20, utilization=0.5), 10.0),
        (0, Scaling(metric="rps"), 140.0),
        (0, Scaling(metric="rps", target=10), 7.0),
    ],
)
def test_target(concurrency: int, scaling: Scaling, target: float) -> None:
    revision = Revision("f", "n", 1, "i", concurrency=concurrency, scaling=scaling)
    assert target_of(revision) == pytest.approx(target)


@pytest.mark.parametrize(
    ("labels", "ready", "load", "wanted"),
    [
        ({}, 1, 45, 1),  # rps, 50 x 0.90 = 45 for each
        ({}, 1, 46, 2),
        ({}, 2, 80, 4),  # ceil(2 x 80 / 45)
        ({"target": "100", "target-proportion": "0.5"}, 3, 60, 4),  # ceil(180 / 50)
        ({"type": "capacity", "target": "10"}, 4, 12, 6),  # ceil(48 / 9)
        ({"max": "3"}, 2, 80, 3),
        ({"min": "2"}, 2, 0, 2),
    ],
)
def test_openfaas_wants_ready_times_mean_load_over_target_times_proportion(
    labels: dict[str, str], ready: int, load: float, wanted: int
) -> None:
    scaling = openfaas.scaling_from({f"com.openfaas.scale.{k}": v for k, v in labels.items()})
    target = target_of(Revision("f", "n", 1, "i", scaling=scaling))
    assert Autoscaler(scaling, target, limit=20).decide(2, Load(ready * load, ready)) == wanted


def test_openfaas_labels_that_are_not_said() -> None:
    scaling = openfaas.scaling_from({})
    assert (scaling.minimum, scaling.maximum, scaling.retention) == (1, 20, 900)
    assert (scaling.metric, scaling.target, scaling.utilization) == ("rps", 50, 0.9)
    assert openfaas.scaling_from({"com.openfaas.scale.down.window": "5m"}).window == 300


def test_steady_load_wants_mean_over_target() -> None:
    scaler = Autoscaler(Scaling(), 10, limit=20)
    assert run(scaler, [(2, 35, 4), (4, 35, 4), (6, 35, 4)]) == [4, 4, 4]


def test_a_burst_panics_and_does_not_shrink_until_a_window_later() -> None:
    scaler = Autoscaler(Scaling(window=60), 10, limit=100)
    assert run(scaler, [(2, 0, 1), (4, 0, 1)])[-1] == 0
    assert scaler.decide(6, Load(80, 1)) == 3  # mean of the last 6 s: (0 + 0 + 80) / 3 = 26.7
    assert scaler.panicking
    assert scaler.decide(8, Load(0, 3)) == 3
    assert scaler.decide(60, Load(0, 3)) == 3
    assert scaler.decide(68, Load(0, 3)) == 1  # out of panic; halves at most
    assert not scaler.panicking


def test_shrinks_by_half_at_most_each_tick() -> None:
    scaler = Autoscaler(Scaling(window=6), 10, limit=100)
    assert scaler.decide(10, Load(0, 9)) == 4


def test_bounds_and_activation() -> None:
    assert Autoscaler(Scaling(minimum=2), 10, limit=20).decide(2, Load(0, 0)) == 2
    assert Autoscaler(Scaling(maximum=3), 1, limit=20).decide(2, Load(50, 3)) == 3
    assert Autoscaler(Scaling(), 1, limit=5).decide(2, Load(50, 3)) == 5
    assert Autoscaler(Scaling(activation=4), 10, limit=20).decide(2, Load(1, 1)) == 4


def test_scale_down_delay_keeps_the_highest_wish() -> None:
    scaler = Autoscaler(Scaling(window=6, down_delay=30), 10, limit=20)
    assert scaler.decide(2, Load(40, 4)) == 4
    assert scaler.decide(20, Load(0, 4)) == 4
    assert scaler.decide(33, Load(0, 4)) == 2


def test_meter_weighs_by_time() -> None:
    meter = LoadMeter(0.0)
    meter.begin(0.0)
    meter.begin(5.0)
    meter.end(10.0)
    assert meter.take(10.0) == pytest.approx((1.5, 0.2))
    assert meter.take(12.0) == pytest.approx((1.0, 0.0))


def test_one_arrival_just_before_a_measurement_is_no_high_rate() -> None:
    meter = LoadMeter(10.0)
    meter.begin(10.01)
    assert meter.take(10.02)[1] == pytest.approx(0.5)
