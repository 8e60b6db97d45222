"""Every autoscaling annotation: its default, its older spelling, its bounds."""

import json
from typing import Any

import pytest

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.model.revision import Revision, Scaling
from emulators.gateway.model.scaling import target_of
from emulators.gateway.specs import knative
from emulators.gateway.specs.annotations import PREFIX, scaling_from

HYPHENED: dict[str, tuple[str, dict[str, Any]]] = {
    "min-scale": ("2", {"minimum": 2}),
    "max-scale": ("7", {"maximum": 7}),
    "initial-scale": ("3", {"initial": 3}),
    "activation-scale": ("4", {"activation": 4}),
    "target": ("12.5", {"target": 12.5}),
    "target-utilization-percentage": ("50", {"utilization": 0.5}),
    "window": ("90s", {"window": 90.0}),
    "panic-window-percentage": ("20", {"panic_window_percentage": 20.0}),
    "panic-threshold-percentage": ("300", {"panic_threshold_percentage": 300.0}),
    "scale-down-delay": ("15m", {"down_delay": 900.0}),
    "scale-to-zero-pod-retention-period": ("1m5s", {"retention": 65.0}),
    "target-burst-capacity": ("0", {"burst_capacity": 0.0}),
    "metric": ("rps", {"metric": "rps"}),
}


def camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


@pytest.mark.parametrize("name", HYPHENED)
def test_both_spellings_mean_the_same(name: str) -> None:
    value, wanted = HYPHENED[name]
    assert scaling_from({PREFIX + name: value}) == Scaling(**wanted)
    assert scaling_from({PREFIX + camel(name): value}) == Scaling(**wanted)


def test_the_hyphenated_one_counts_where_both_are_given() -> None:
    for names in (("minScale", "min-scale"), ("min-scale", "minScale")):
        found = scaling_from({PREFIX + name: "1" if name == "minScale" else "2" for name in names})
        assert found.minimum == 2


def test_what_is_not_said_is_the_contracts() -> None:
    found = scaling_from({})
    assert (found.metric, found.minimum, found.maximum, found.initial) == ("concurrency", 0, 0, 1)
    assert (found.activation, found.window, found.utilization) == (1, 60, 0.7)
    assert (found.panic_window_percentage, found.panic_threshold_percentage) == (10, 200)
    assert (found.down_delay, found.retention) == (0, 0)
    assert target_of(Revision("f", "n", 1, "i")) == pytest.approx(70)  # 70 % of 100
    rps = Revision("f", "n", 1, "i", scaling=scaling_from({PREFIX + "metric": "rps"}))
    assert target_of(rps) == pytest.approx(140)  # 70 % of 200


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("window", "6s", "1h"),
        ("panic-threshold-percentage", "110", "1000"),
        ("panic-window-percentage", "1", "100"),
        ("target-utilization-percentage", "1", "100"),
        ("scale-down-delay", "0s", "1h"),
        ("scale-to-zero-pod-retention-period", "0s", "1h"),
        ("target", "0.01", "100000"),
        ("target-burst-capacity", "-1", "100000"),
        ("activation-scale", "1", "5000"),
    ],
)
def test_the_bounds_themselves_are_taken(name: str, least: str, most: str) -> None:
    assert scaling_from({PREFIX + name: least}) != scaling_from({PREFIX + name: most})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metric", "cpu"),
        ("metric", ""),
        ("min-scale", "-1"),
        ("min-scale", "1.5"),
        ("min-scale", ""),
        ("maxScale", "-1"),
        ("initial-scale", "-1"),
        ("activation-scale", "0"),
        ("target", "0"),
        ("target", "nan"),
        ("target", "-3"),
        ("targetUtilizationPercentage", "0"),
        ("target-utilization-percentage", "101"),
        ("window", "5s"),
        ("window", "1h1s"),
        ("window", "-60s"),
        ("window", "a while"),
        ("window", "inf"),
        ("panic-window-percentage", "0.5"),
        ("panicWindowPercentage", "101"),
        ("panic-threshold-percentage", "109"),
        ("panic-threshold-percentage", "1001"),
        ("scale-down-delay", "61m"),
        ("scale-down-delay", "-1s"),
        ("scale-to-zero-pod-retention-period", "2h"),
        ("target-burst-capacity", "-2"),
        ("target-burst-capacity", "-0.5"),
    ],
)
def test_out_of_range_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Invalid, match=PREFIX):
        scaling_from({PREFIX + name: value})


def test_a_minimum_over_the_maximum_is_refused() -> None:
    with pytest.raises(Invalid, match="min-scale"):
        scaling_from({PREFIX + "min-scale": "3", PREFIX + "max-scale": "2"})
    assert scaling_from({PREFIX + "min-scale": "3", PREFIX + "max-scale": "0"}).minimum == 3


@pytest.mark.parametrize("name", ["kpa", "kpa.autoscaling.knative.dev"])
def test_the_class_may_be_named(name: str) -> None:
    assert scaling_from({PREFIX + "class": name}) == Scaling()


def test_the_other_class_deploys_and_is_scaled_by_concurrency() -> None:
    found = scaling_from(
        {PREFIX + "class": "hpa.autoscaling.knative.dev", PREFIX + "metric": "cpu"}
    )
    assert found == Scaling()


def service(container: Any = None, annotations: Any = None, **spec: Any) -> Revision:
    template = {
        "metadata": {"annotations": annotations or {}},
        "spec": {"containers": [{"image": "mayfly/x", **(container or {})}], **spec},
    }
    manifest = {"metadata": {"name": "f"}, "spec": {"template": template}}
    return knative.parse(json.dumps(manifest).encode(), "default", 0.0).current


@pytest.mark.parametrize("name", ["PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION"])
def test_reserved_variables_are_refused(name: str) -> None:
    with pytest.raises(Invalid, match=name):
        service({"env": [{"name": name, "value": "1"}]})


@pytest.mark.parametrize("port", [8012, 8013, 8022, 9090, 9091, -1, 65536])
def test_reserved_ports_are_refused(port: int) -> None:
    with pytest.raises(Invalid, match=f"containerPort: {port}"):
        service({"ports": [{"containerPort": port}]})


def test_ports_are_one_and_named_by_protocol() -> None:
    assert service({"ports": [{"containerPort": 9000}]}).port == 9000
    assert service().port == 8080
    for ports, named in (
        ([{"containerPort": 1}, {"containerPort": 2}], "2 given"),
        ([{"containerPort": 1, "name": "smtp"}], "smtp"),
    ):
        with pytest.raises(GatewayError, match=named):
            service({"ports": ports})


def test_limits_of_a_service_and_its_defaults() -> None:
    plain = service()
    assert (plain.concurrency, plain.timeout) == (0, 300)
    assert (plain.start_timeout, plain.idle_timeout) == (300, 0)
    most = service(containerConcurrency=1000, timeoutSeconds=600)
    assert (most.concurrency, most.timeout, most.start_timeout) == (1000, 600, 300)
    assert service(timeoutSeconds=7).start_timeout == 7  # never longer than the whole
    assert service(responseStartTimeoutSeconds=0).start_timeout == 300  # no limit of its own
    both = service(timeoutSeconds=9, responseStartTimeoutSeconds=8, idleTimeoutSeconds=7)
    assert (both.start_timeout, both.idle_timeout) == (8, 7)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("containerConcurrency", 1001),
        ("containerConcurrency", -1),
        ("timeoutSeconds", 601),
        ("timeoutSeconds", -1),
    ],
)
def test_values_over_the_limit_are_refused(field: str, value: int) -> None:
    with pytest.raises(Invalid, match=f"{field}: {value}"):
        service(**{field: value})


@pytest.mark.parametrize(("given", "taken"), [(301, 300.0), (5, 5.0), (0, 300.0), (-1, 300.0)])
def test_an_answer_may_begin_as_late_as_it_may_end(given: int, taken: float) -> None:
    """As there: what is over the time of the whole answer means nothing of its own."""
    assert service(responseStartTimeoutSeconds=given).start_timeout == taken


@pytest.mark.parametrize(("given", "taken"), [(301, 300.0), (5, 5.0), (0, 0.0), (-1, 0.0)])
def test_a_pause_may_be_as_long_as_the_answer(given: int, taken: float) -> None:
    assert service(idleTimeoutSeconds=given).idle_timeout == taken


def test_annotations_of_the_template_count_before_those_of_the_service() -> None:
    template = {
        "metadata": {"annotations": {PREFIX + "min-scale": "2"}},
        "spec": {"containers": [{"image": "mayfly/x"}]},
    }
    metadata = {"name": "f", "annotations": {PREFIX + "min-scale": "1", PREFIX + "max-scale": "4"}}
    manifest = {"metadata": metadata, "spec": {"template": template}}
    scaling = knative.parse(json.dumps(manifest).encode(), "default", 0.0).current.scaling
    assert (scaling.minimum, scaling.maximum) == (2, 4)
