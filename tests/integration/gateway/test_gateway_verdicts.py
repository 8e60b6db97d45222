"""Deploy files get the verdict of a real Knative, with and without strict validation."""

from collections.abc import Callable
from typing import Any

import pytest

from emulators.gateway.specs.validation.here import REFUSED
from tests.integration.gateway.conftest import Gateway
from tests.support.verdicts import Case, need_cases, plain, read_cases

PLURALS = {
    "Service": "services", "Broker": "brokers", "Trigger": "triggers",
    "PingSource": "pingsources",
}  # fmt: skip
MODES = ("Ignore", "Strict")
LEAST = 50  # files whose verdicts must be alike in both modes
# Files that are taken there and not here: why.
HERE = {"multicontainer": REFUSED["several containers"]}


@pytest.fixture(scope="module")
def image(gateway: Gateway) -> str:
    return str(gateway.write_function("hello"))


def place(thing: dict[str, Any]) -> str:
    return f"/apis/{thing['apiVersion']}/namespaces/default/{PLURALS[thing['kind']]}"


def say(gateway: Gateway, thing: dict[str, Any], mode: str, more: str = "") -> tuple[int, Any]:
    """What the gateway says to a new object; what it takes is removed again."""
    status, answer = gateway.ask("POST", f"{place(thing)}?fieldValidation={mode}{more}", thing)
    if status == 201 and not more:
        path = f"{place(thing)}/{thing['metadata']['name']}"
        assert gateway.ask("DELETE", path)[0] == 200
    return status, answer


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_the_verdict_is_that_of_a_real_knative(
    gateway: Gateway, image: str, case: Case, mode: str
) -> None:
    thing = case.thing(image)
    asked, done = say(gateway, thing, mode, "&dryRun=All"), say(gateway, thing, mode)
    assert asked[0] == done[0], (asked, done)
    wanted = case.accepted[mode] and case.name not in HERE
    assert done[0] in ((201,) if wanted else (400, 422)), done


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_a_refusal_has_the_words_of_a_real_knative(
    gateway: Gateway, image: str, case: Case
) -> None:
    if case.accepted["Strict"]:
        return
    _, answer = say(gateway, case.thing(image), "Strict", "&dryRun=All")
    assert plain(case.words) in plain(answer["message"])


def test_as_many_files_are_judged_alike_as_promised(
    gateway: Gateway, image: str, figure: Callable[[str], None]
) -> None:
    cases, alike = need_cases(), 0
    for case in cases:
        found = {mode: say(gateway, case.thing(image), mode, "&dryRun=All")[0] for mode in MODES}
        alike += all((found[mode] == 201) == case.accepted[mode] for mode in MODES)
    figure(f"{alike} of {len(cases)} deploy files get both verdicts of a real Knative")
    assert alike >= LEAST
    assert alike >= len(cases) - len(HERE)
