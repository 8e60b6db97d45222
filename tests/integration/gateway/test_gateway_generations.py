"""What a Service's status says of a change: not acted on yet, at work, done."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import wait_until

MERGE = "application/merge-patch+json"
STARTS_LATE = "import time\ntime.sleep(1)\n"
FUNCTION = "def handle(request):\n    return 'answered'\n"
Step = tuple[int, int, str]  # generation, observedGeneration, Ready


def step_of(service: Any) -> Step:
    status = service["status"]
    ready = next(c["status"] for c in status["conditions"] if c["type"] == "Ready")
    return service["metadata"]["generation"], status.get("observedGeneration", 0), ready


def patch(gateway: Any, name: str, change: Any) -> Any:
    headers = {"Authorization": gateway.token(), "Content-Type": MERGE}
    body = json.dumps(change)
    status, _, answer = gateway.call("PATCH", f"{SERVICES}/{name}", body, headers)
    assert status == 200, answer
    return json.loads(answer)


def labelled(text: str) -> dict[str, Any]:
    return {"spec": {"template": {"metadata": {"labels": {"version": text}}}}}


@contextmanager
def watched(gateway: Any, name: str) -> Iterator[list[Step]]:
    """The steps of a Service that a client sees who watches it from now on."""
    steps: list[Step] = []
    version = gateway.ask("GET", SERVICES)[1]["metadata"]["resourceVersion"]
    path = f"{SERVICES}?watch=1&timeoutSeconds=20&resourceVersion={version}"
    path += f"&fieldSelector=metadata.name%3D{name}"
    connection = gateway.connection()
    connection.request("GET", path, headers={"Authorization": gateway.token()})
    answer = connection.getresponse()

    def follow() -> None:
        for line in answer:
            step = step_of(json.loads(line)["object"])
            if step not in steps[-1:]:
                steps.append(step)
            if step[2] != "Unknown" and step[0] == step[1]:
                return

    thread = threading.Thread(target=follow)
    thread.start()
    yield steps
    thread.join()
    connection.close()


def test_a_change_is_raised_at_once_and_observed_after(gateway: Any) -> None:
    folder = gateway.write_function("counted", code=FUNCTION)
    gateway.deploy_ready("counted", image=str(folder))
    wait_until(lambda: step_of(gateway.service("counted")) == (1, 1, "True"))
    (folder / "main.py").write_text(STARTS_LATE + FUNCTION)
    with watched(gateway, "counted") as steps:
        answer = patch(gateway, "counted", labelled("2"))
        # `kn service apply` takes these two, apart, for "something has changed".
        assert step_of(answer) == (2, 1, "Unknown")
    assert steps == [(2, 1, "Unknown"), (2, 2, "Unknown"), (2, 2, "True")]
    assert gateway.service("counted")["status"]["latestReadyRevisionName"] == "counted-00002"


def test_a_new_service_is_observed_after_it_is_made(gateway: Any) -> None:
    folder = gateway.write_function("fresh", code=STARTS_LATE + FUNCTION)
    with watched(gateway, "fresh") as steps:
        answer = gateway.deploy("fresh", image=str(folder))
        assert "observedGeneration" not in answer["status"]
    assert steps == [(1, 0, "Unknown"), (1, 1, "Unknown"), (1, 1, "True")]


def test_a_change_that_fails_is_observed_as_well(gateway: Any) -> None:
    folder = gateway.write_function("spoilt", code=FUNCTION)
    gateway.deploy_ready("spoilt", image=str(folder))
    (folder / "main.py").write_text(STARTS_LATE + "raise ValueError('spoilt')\n")
    with watched(gateway, "spoilt") as steps:
        patch(gateway, "spoilt", labelled("2"))
    assert steps == [(2, 1, "Unknown"), (2, 2, "Unknown"), (2, 2, "False")]


def test_what_changes_nothing_is_no_new_generation(gateway: Any) -> None:
    gateway.deploy_ready("unchanged")
    wait_until(lambda: step_of(gateway.service("unchanged")) == (1, 1, "True"))
    answer = patch(gateway, "unchanged", {"metadata": {"labels": {"a": "b"}}})
    assert step_of(answer) == (1, 1, "True")


def test_a_change_through_openfaas_is_observed(gateway: Any) -> None:
    image = str(gateway.write_function("either-way", code=FUNCTION))
    gateway.deploy_ready("either-way", image=image)
    body = {"service": "either-way", "image": image, "envVars": {"A": "1"}}
    assert gateway.ask("PUT", "/system/functions", body)[0] == 202
    wait_until(lambda: step_of(gateway.service("either-way")) == (2, 2, "True"))


def test_a_route_and_a_configuration_lag_with_it(gateway: Any) -> None:
    gateway.deploy_ready("parted")
    patch(gateway, "parted", labelled("2"))

    def parts() -> set[Step]:
        kinds = ("routes", "configurations")
        paths = [SERVICES.replace("services", f"{kind}/parted") for kind in kinds]
        return {step_of(gateway.ask("GET", path)[1]) for path in paths}

    wait_until(lambda: parts() == {(2, 2, "True")}, what="both parts")


def test_each_object_names_its_owner(gateway: Any) -> None:
    """From the pod of a replica up to the Service, as a cluster's tools follow it."""
    gateway.deploy_ready("owned")
    query = "labelSelector=serving.knative.dev/service=owned"
    (thing,) = gateway.ask("GET", f"/api/v1/namespaces/default/pods?{query}")[1]["items"]
    chain = []
    while references := thing["metadata"].get("ownerReferences"):
        (reference,) = references
        place = SERVICES.replace("services", f"{reference['kind'].lower()}s")
        thing = gateway.ask("GET", f"{place}/{reference['name']}")[1]
        assert thing["metadata"]["uid"] == reference["uid"]
        chain.append(thing["kind"])
    assert chain == ["Revision", "Configuration", "Service"]
