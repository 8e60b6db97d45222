"""What a real Knative says to annotations of a template."""

import pytest

from tests.support.emulators.judging import said, service

PREFIX = "autoscaling.knative.dev/"
LATE = "second precision"
CASES = [
    ("min-scale", "-1", "expected 0 <= -1 <= 2147483647"),
    ("min-scale", "1.5", "invalid value: 1.5"),
    ("minScale", "2147483648", "expected 0 <= 2147483648"),
    ("max-scale", "many", "invalid value: many"),
    ("max-scale", "0", ""),
    ("activation-scale", "1", "activation-scale=1 must be greater than 1"),
    ("activation-scale", "2", ""),
    ("initial-scale", "0", "initial-scale=0 not allowed by cluster"),
    ("initialScale", "-1", "must be greater than 0"),
    ("initial-scale", "3", ""),
    ("target", "0", "target 0 should be at least 0.01"),
    ("target", "x", "invalid value: x"),
    ("target", "0.5", ""),
    ("target-utilization-percentage", "0.5", "expected 1 <= 0.5 <= 100"),
    ("targetUtilizationPercentage", "70", ""),
    ("panic-window-percentage", "101", "expected 1 <= 101 <= 100"),
    ("panicThresholdPercentage", "109", "expected 110 <= 109 <= 1000"),
    ("target-burst-capacity", "-1", ""),
    ("target-burst-capacity", "-2", "invalid value: -2"),
    ("window", "60", "invalid value: 60"),
    ("window", "5s", "expected 6s <= 5s <= 1h0m0s"),
    ("window", "1h0m0s", ""),
    ("scale-down-delay", "1h1s", "expected 0s <= 1h1s <= 1h0m0s"),
    ("scale-down-delay", "1500ms", LATE),
    ("scaleDownDelay", "0", ""),
    ("scale-to-zero-pod-retention-period", "-1s", "expected 0s <= -1s"),
    ("scale-to-zero-pod-retention-period", "1500ms", ""),
    ("class", "odd.knative.dev", "invalid value: odd.knative.dev"),
    ("class", "odd.example.com", ""),
    ("metric", "cpu", "invalid value: cpu"),
    ("metric", "rps", ""),
    ("nosuch", "x", ""),
]


def annotated(**annotations: str) -> str:
    metadata = {"annotations": annotations}
    return said(service(spec={"template": {"metadata": metadata}}))


@pytest.mark.parametrize(("name", "value", "words"), CASES)
def test_an_annotation(name: str, value: str, words: str) -> None:
    answer = annotated(**{PREFIX + name: value})
    assert words in answer
    assert bool(words) == bool(answer), answer


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        (
            {"min-scale": "3", "activation-scale": "2"},
            "min-scale=3 is greater than activation-scale",
        ),
        (
            {"max-scale": "2", "activation-scale": "3"},
            "max-scale=2 is less than activation-scale=3",
        ),
        ({"class": "hpa.autoscaling.knative.dev", "metric": "memory"}, ""),
        ({"class": "hpa.autoscaling.knative.dev", "metric": ""}, "invalid value: "),
        ({"class": "kpa.autoscaling.knative.dev", "metric": "memory"}, "invalid value: memory"),
        ({"class": "odd.example.com", "metric": "anything"}, ""),
        ({"min-scale": "2", "minScale": "x"}, ""),  # of two spellings the hyphenated one counts
    ],
)
def test_annotations_together(annotations: dict[str, str], words: str) -> None:
    answer = annotated(**{PREFIX + name: value for name, value in annotations.items()})
    assert words in answer
    assert bool(words) == bool(answer), answer


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("networking.knative.dev/visibility", "x", "invalid key name"),
        ("networking.knative.dev/http-protocol", "Redirected", ""),
        ("serving.knative.dev/progress-deadline", "1.5s", LATE),
        ("serving.knative.dev/progress-deadline", "2m", ""),
        ("queue.sidecar.serving.knative.dev/cpu-resource-limit", "much", "invalid value: much"),
        ("queue.sidecar.serving.knative.dev/resource-percentage", "101", "expected 0.1 <= 101.0"),
        ("anything.example.com/at-all", "x", ""),
    ],
)
def test_other_annotations_of_a_template(name: str, value: str, words: str) -> None:
    answer = annotated(**{name: value})
    assert words in answer
    assert bool(words) == bool(answer), answer


def test_no_replica_to_begin_with_where_the_gateway_allows_it() -> None:
    metadata = {"annotations": {PREFIX + "initial-scale": "0"}}
    asked = service(spec={"template": {"metadata": metadata}})
    assert said(asked, zero_scale=True) == ""
