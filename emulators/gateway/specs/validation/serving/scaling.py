"""Knative's autoscaling annotations."""

import re
from collections.abc import Mapping

from emulators.gateway.specs.validation.faults import Faults
from emulators.gateway.specs.validation.serving import go_durations

GROUP = "autoscaling.knative.dev"
KPA, HPA = f"kpa.{GROUP}", f"hpa.{GROUP}"
_INT = re.compile(r"[+-]?[0-9]{1,99}")
_FLOAT = re.compile(
    r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf(inity)?|nan", re.IGNORECASE
)
_MOST = 2**31 - 1
_HOUR = 3600
_BOUNDS = {  # percentages
    "panic-window-percentage": (1, 100),
    "panic-threshold-percentage": (110, 1000),
    "target-utilization-percentage": (1, 100),
}
_PLAIN = ("class", "metric", "target", "window", "activation-scale")  # have no second spelling
_ALGORITHMS = ("linear", "weighted-exponential", "weightedExponential")


class Annotations:
    """Annotations of a template, by the part of their keys that differs.

    Args:
        given: All annotations.
        place: Where they stand.
        faults: Takes notes.
    """

    def __init__(self, given: Mapping[str, str], place: str, faults: Faults) -> None:
        self._given = given
        self._place = place
        self.faults = faults

    def find(self, name: str) -> str | None:
        """Return a value; of two spellings the hyphenated one counts."""
        return self._given.get(self._key(name))

    def at(self, name: str) -> str:
        """Return where a value stands."""
        return f"{self._place}.{self._key(name)}"

    def _key(self, name: str) -> str:
        first, *rest = name.split("-")
        old = f"{GROUP}/{first}{''.join(word.capitalize() for word in rest)}"
        key = f"{GROUP}/{name}"
        return old if key not in self._given and old in self._given and name not in _PLAIN else key


def check(given: Mapping[str, str], place: str, faults: Faults) -> None:
    """Note what is wrong with a template's annotations."""
    found = Annotations(given, place, faults)
    _check_class(found)
    _check_counts(found)
    _check_numbers(found)
    _check_window(found)
    _check_delays(found)
    _check_initial(found)


def check_first(given: Mapping[str, str], place: str, faults: Faults) -> None:
    """Note that revisions would begin with no replica."""
    found = Annotations(given, place, faults)
    text = found.find("initial-scale")
    if text is not None and _int32(text) == 0:
        faults.invalid(text, f"{found.at('initial-scale')}=0 not allowed by cluster")


def check_absent(given: Mapping[str, str], place: str, faults: Faults) -> None:
    """Note annotations that belong to the template, and stand at the Service."""
    why = 'autoscaling annotations must be put under "spec.template.metadata.annotations" to work'
    for key in given:
        if key.startswith(GROUP):
            faults.bad_key(key, place, why)


def _check_class(found: Annotations) -> None:
    kind = found.find("class")
    if kind is not None and kind.endswith(".knative.dev") and kind not in {KPA, HPA}:
        found.faults.invalid(kind, found.at("class"))
    metric = found.find("metric")
    known = {KPA: metric in {"concurrency", "rps"}, HPA: metric != ""}
    if metric is not None and not known.get(KPA if kind is None else kind, True):
        found.faults.invalid(metric, found.at("metric"))
    algorithm = found.find("metric-aggregation-algorithm")
    if kind == KPA and algorithm and algorithm not in _ALGORITHMS:
        found.faults.invalid(algorithm, found.at("metric-aggregation-algorithm"))


def _check_counts(found: Annotations) -> None:
    low, high = _count(found, "min-scale"), _count(found, "max-scale")
    if high and high < low:
        places = [
            f"{found.at('min-scale').rpartition('/')[0]}/{n}" for n in ("max-scale", "min-scale")
        ]
        found.faults.add(f"max-scale={high} is less than min-scale={low}", *places)
    given, at = found.find("activation-scale"), found.at("activation-scale")
    if given is None:
        return
    if (number := _int32(given)) is None:
        found.faults.invalid(given, at)
    elif low > number:
        found.faults.add(f"min-scale={low} is greater than activation-scale={number}", at)
    elif high and high < number:
        found.faults.add(f"max-scale={high} is less than activation-scale={number}", at)
    elif number < 2:
        found.faults.add(f"activation-scale={number} must be greater than 1", at)


def _count(found: Annotations, name: str) -> int:
    text = found.find(name)
    if text is None:
        return 0
    number = int(text) if _INT.fullmatch(text) else None
    if number is None:
        found.faults.invalid(text, found.at(name))
    elif not 0 <= number <= _MOST:
        found.faults.outside(text, 0, _MOST, found.at(name))
    else:
        return number
    return 0


def _check_numbers(found: Annotations) -> None:
    for name, (low, high) in _BOUNDS.items():
        number = _float(found, name)
        if number is not None and (number < low or number > high):
            found.faults.outside(found.find(name), low, high, found.at(name))
    target = _float(found, "target")
    if target is not None and target < 0.01:
        told = f"target {found.find('target')} should be at least 0.01"
        found.faults.add(told, found.at("target"))
    capacity = _float(found, "target-burst-capacity")
    if capacity is not None and capacity < 0 and capacity != -1:
        found.faults.invalid(found.find("target-burst-capacity"), found.at("target-burst-capacity"))


def _float(found: Annotations, name: str) -> float | None:
    text = found.find(name)
    if text is None:
        return None
    if _FLOAT.fullmatch(text):
        return float(text)
    found.faults.invalid(text, found.at(name))
    return None


def _check_window(found: Annotations) -> None:
    text = found.find("window")
    if text is None:
        return
    length, at = go_durations.parse(text), found.at("window")
    if length is None:
        found.faults.invalid(text, at)
    elif not 6 <= length <= _HOUR:
        found.faults.outside(text, "6s", "1h0m0s", at)
    elif length.denominator != 1:
        found.faults.add("must be specified with at most second precision", at)


def _check_delays(found: Annotations) -> None:
    for name in ("scale-down-delay", "scale-to-zero-pod-retention-period"):
        text = found.find(name)
        if text is None:
            continue
        length, at = go_durations.parse(text), found.at(name)
        if length is None:
            found.faults.invalid(text, at)
        elif not 0 <= length <= _HOUR:
            found.faults.outside(text, "0s", "1h0m0s", at)
        elif length.denominator != 1 and name == "scale-down-delay":
            found.faults.add("must be specified with at most second precision", at)


def _check_initial(found: Annotations) -> None:
    text, at = found.find("initial-scale"), found.at("initial-scale")
    if text is None:
        return
    if not _INT.fullmatch(text):
        found.faults.invalid(text, at)
    elif int(text) < 0:
        found.faults.invalid(text, f"{at} must be greater than 0")


def _int32(text: str) -> int | None:
    number = int(text) if _INT.fullmatch(text) else None
    return number if number is not None and -_MOST <= number <= _MOST else None
