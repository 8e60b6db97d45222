"""Deploy files get the verdict of a real Knative, with and without strict validation."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from emulators.gateway.specs.validation.here import REFUSED
from tests.integration.gateway.conftest import Gateway
from tests.support.emulators.verdicts import Case, need_cases, plain, read_cases

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


AT = "/apis/serving.knative.dev/v1/namespaces/default/services"
TWICE = (
    '"spec": {"template": {"spec": {"containers": [{"image": "x", "image": "%s", "tty": true}]}}}'
)


def warnings(
    gateway: Gateway, method: str, path: str, body: str, kind: str
) -> tuple[int, list[str]]:
    """A status, and what an answer warns of."""
    headers = {"Authorization": gateway.token(), "Content-Type": kind}
    with contextlib.closing(gateway.connection()) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        fields = answer.headers.get_all("Warning") or []
        answer.read()
    assert all(field.startswith('299 - "') for field in fields)
    told = [json.loads(field.removeprefix("299 - ")) for field in fields]
    return answer.status, [text for text in told if not text.startswith("Kubernetes default")]


def test_what_is_read_past_is_warned_of(gateway: Gateway, image: str) -> None:
    body = f'{{"metadata": {{"name": "read-past"}}, {TWICE % image}}}'
    place = "spec.template.spec.containers[0]"
    named = [f'duplicate field "{place}.image"', f'unknown field "{place}.tty"']
    kind = "application/json"
    for query, wanted in (
        ("", named),
        ("fieldValidation=Warn", named),
        ("fieldValidation=Ignore", []),
    ):
        found = warnings(gateway, "POST", f"{AT}?dryRun=All&{query}", body, kind)
        assert found == (201, wanted)
    assert warnings(gateway, "POST", f"{AT}?fieldValidation=Strict", body, kind) == (400, [])
    assert warnings(gateway, "POST", f"{AT}?fieldValidation=Maybe", body, kind) == (422, [])


def test_what_is_not_known_is_not_kept(gateway: Gateway, image: str) -> None:
    body = f'{{"metadata": {{"name": "pruned"}}, {TWICE % image}}}'
    assert warnings(gateway, "POST", AT, body, "application/json")[0] == 201
    [container] = gateway.service("pruned")["spec"]["template"]["spec"]["containers"]
    assert container == {"image": image}


def test_a_patch_is_judged_as_what_it_leads_to(gateway: Gateway, image: str) -> None:
    gateway.deploy("patched", image=image)
    kind, path = "application/merge-patch+json", f"{AT}/patched"
    odd = '{"spec": {"odd": 1}}'
    assert warnings(gateway, "PATCH", path, odd, kind) == (200, ['unknown field "spec.odd"'])
    assert warnings(gateway, "PATCH", f"{path}?fieldValidation=Strict", odd, kind) == (422, [])
    late = '{"spec": {"template": {"spec": {"timeoutSeconds": 601}}}}'
    assert warnings(gateway, "PATCH", path, late, kind) == (400, [])
    assert "odd" not in gateway.service("patched")["spec"]


def test_a_broker_of_a_trigger_does_not_change(gateway: Gateway) -> None:
    path = "/apis/eventing.knative.dev/v1/namespaces/default/triggers"
    spec = {"broker": "one", "subscriber": {"uri": "http://x.example/"}}
    trigger = {"metadata": {"name": "fixed"}, "spec": spec}
    assert gateway.ask("POST", path, trigger)[0] == 201
    status, answer = gateway.ask(
        "PUT", f"{path}/fixed", trigger | {"spec": spec | {"broker": "two"}}
    )
    assert status == 400
    assert "Immutable fields changed (-old +new): broker, spec" in answer["message"]


def test_an_older_version_shows_the_same_objects_and_says_that_it_is_old(gateway: Gateway) -> None:
    older = "/apis/sources.knative.dev/v1beta2/namespaces/default/pingsources"
    spec = '{"metadata": {"name": "old"}, "spec": {"sink": {"uri": "http://x.example/"}}}'
    [status, told] = warnings(gateway, "POST", older, spec, "application/json")
    assert (status, len(told)) == (201, 1)
    assert told[0].startswith("sources.knative.dev/v1beta2 PingSource is deprecated")
    found = gateway.ask("GET", older.replace("v1beta2", "v1") + "/old")[1]
    assert (found["apiVersion"], found["spec"]["schedule"]) == (
        "sources.knative.dev/v1",
        "* * * * *",
    )
    assert gateway.ask("GET", f"{older}/old")[1]["apiVersion"] == "sources.knative.dev/v1beta2"
    versions = gateway.ask("GET", "/apis/sources.knative.dev")[1]
    # The last one has kinds that are refused by name alone.
    assert [one["version"] for one in versions["versions"]] == ["v1", "v1beta2", "v1beta1"]
    assert gateway.ask("DELETE", f"{older}/old")[0] == 200
