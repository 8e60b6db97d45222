"""The real kubectl, with deploy files of the kind that Knative's tutorials have."""

import base64
import json
from typing import Any

import yaml

from tests.integration.gateway.conftest import ROOT, SERVICES
from tests.support.processes import wait_until

HELLO = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: {name}
spec:
  template:
    metadata:
      annotations:
        # Target 10 in-flight-requests per pod.
        autoscaling.knative.dev/target: "10"
        autoscaling.knative.dev/max-scale: "3"
    spec:
      containers:
        - image: {image}
          ports:
            - containerPort: 8080
          env:
            - name: TARGET
              value: "{target}"
"""
SPLIT = """
  traffic:
    - revisionName: {name}-00001
      percent: 50
      tag: blue
    - latestRevision: true
      percent: 50
"""
EVENTS = """
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
  name: {name}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: {name}-display
spec:
  broker: {name}
  filter:
    attributes:
      type: greeting
  subscriber:
    ref:
      apiVersion: serving.knative.dev/v1
      kind: Service
      name: {name}
---
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata:
  name: {name}-ping
spec:
  schedule: "0 0 1 1 *"
  contentType: "application/json"
  data: '{{"message": "Hello world!"}}'
  sink:
    ref:
      apiVersion: eventing.knative.dev/v1
      kind: Broker
      name: {name}
"""


def hello(kubectl: Any, name: str, target: str = "World", more: str = "") -> str:
    image = kubectl.gateway.write_function(name)
    return HELLO.format(name=name, image=image, target=target) + more.format(name=name)


def deploy(kubectl: Any, name: str) -> None:
    kubectl.apply(hello(kubectl, name))
    kubectl("wait", f"ksvc/{name}", "--for=condition=Ready", "--timeout=30s")


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_what_there_is(kubectl: Any) -> None:
    found = {row[-1]: row for row in rows(kubectl("api-resources"))}
    assert found["Service"][:3] == ["services", "kservice,ksvc", "serving.knative.dev/v1"]
    assert {"Revision", "Trigger", "PingSource", "ConfigMap", "Secret", "Pod"} <= set(found)
    assert "Server Version" in kubectl("version")


def test_a_service_from_its_file_to_its_end(kubectl: Any) -> None:
    text = hello(kubectl, "tutorial")
    assert kubectl.apply(text) == "service.serving.knative.dev/tutorial created\n"
    kubectl("wait", "ksvc/tutorial", "--for=condition=Ready", "--timeout=30s")
    head, row = rows(kubectl("get", "kservice", "tutorial"))
    assert head == ["NAME", "URL", "LATESTCREATED", "LATESTREADY", "READY", "REASON"]
    url = f"http://tutorial.default.localhost:{kubectl.gateway.port}"
    assert row == ["tutorial", url, "tutorial-00001", "tutorial-00001", "True"]
    found = kubectl.read("ksvc", "tutorial")
    assert {"uid", "resourceVersion", "creationTimestamp"} <= set(found["metadata"])
    status = found["status"]
    assert found["metadata"]["generation"] == status["observedGeneration"] == 1
    conditions = {c["type"]: c["status"] for c in status["conditions"]}
    assert conditions == dict.fromkeys(("Ready", "ConfigurationsReady", "RoutesReady"), "True")
    assert kubectl.apply(text) == "service.serving.knative.dev/tutorial unchanged\n"
    assert "Latest Ready Revision Name:" in kubectl("describe", "ksvc", "tutorial")
    kubectl("delete", "ksvc", "tutorial", "--wait")
    assert "NotFound" in kubectl.fails("get", "ksvc", "tutorial")


def test_traffic_is_split(kubectl: Any) -> None:
    deploy(kubectl, "split")
    kubectl.apply(hello(kubectl, "split", "Knative", SPLIT))
    kubectl("wait", "ksvc/split", "--for=condition=Ready", "--timeout=30s")
    selector = "serving.knative.dev/service=split"
    names = kubectl("get", "rev", "-l", selector, "-o", "name").split()
    assert {name.rpartition("/")[2] for name in names} == {"split-00001", "split-00002"}
    traffic = kubectl.read("route", "split")["status"]["traffic"]
    assert [(t["revisionName"], t["percent"]) for t in traffic] == [
        ("split-00001", 50),
        ("split-00002", 50),
    ]
    assert "revision.serving.knative.dev/split-00002" in names
    path, host = "/env", {"Host": "blue-split.default.localhost"}
    assert json.loads(kubectl.gateway.call("GET", path, headers=host)[2])["TARGET"] == "World"


def test_events_from_their_files(kubectl: Any) -> None:
    created = kubectl.apply(EVENTS.format(name="speech"))
    assert [line.rpartition(" ")[2] for line in created.splitlines()] == ["created"] * 3
    shown = kubectl("get", "trigger", "speech-display")
    assert shown.rstrip().endswith("False   Unable to get the Subscriber's URI")
    deploy(kubectl, "speech")
    kubectl("wait", "trigger/speech-display", "--for=condition=Ready", "--timeout=30s")
    url = f"broker-ingress.knative-eventing.localhost:{kubectl.gateway.port}/default/speech"
    assert kubectl.read("broker", "speech")["status"]["address"]["url"] == f"http://{url}"
    assert kubectl.read("pingsource", "speech-ping")["status"]["sinkUri"] == f"http://{url}"
    deleted = kubectl("delete", "-f", "-", stdin=EVENTS.format(name="speech"))
    assert deleted.count("deleted") == 3


def test_config_maps_and_secrets_reach_functions(kubectl: Any) -> None:
    kubectl("create", "configmap", "palette", "--from-literal=COLOUR=red")
    kubectl("create", "secret", "generic", "vault", "--from-literal=PIN=1234")
    more = (
        "          envFrom:\n"
        "            - configMapRef: {{name: palette}}\n"
        "            - secretRef: {{name: vault}}\n"
    )
    kubectl.apply(hello(kubectl, "painter", more=more))
    kubectl("wait", "ksvc/painter", "--for=condition=Ready", "--timeout=30s")
    env = json.loads(kubectl.gateway.call("GET", "/function/painter/env")[2])
    assert (env["COLOUR"], env["PIN"]) == ("red", "1234")
    kubectl("patch", "cm", "palette", "-p", '{"data": {"COLOUR": null, "SHADE": "dark"}}')
    assert kubectl.read("cm", "palette")["data"] == {"SHADE": "dark"}
    pin = kubectl.read("secret", "vault")["data"]["PIN"]
    assert base64.b64decode(pin) == b"1234"
    assert "1234" not in kubectl("describe", "secret", "vault")
    kubectl("delete", "cm/palette", "secret/vault")
    assert not (kubectl.gateway.data / "configmaps" / "palette").exists()


def test_patches(kubectl: Any) -> None:
    deploy(kubectl, "patched")
    merge = '{"spec": {"template": {"spec": {"timeoutSeconds": 60}}}}'
    kubectl("patch", "ksvc", "patched", "--type", "merge", "-p", merge)
    change = [{"op": "replace", "path": "/spec/template/spec/timeoutSeconds", "value": 61}]
    kubectl("patch", "ksvc", "patched", "--type", "json", "-p", json.dumps(change))
    found = kubectl.read("ksvc", "patched")
    assert found["spec"]["template"]["spec"]["timeoutSeconds"] == 61
    assert found["metadata"]["generation"] == 3
    assert "unknown format" in kubectl.fails("patch", "ksvc", "patched", "-p", merge)


def test_labels_make_no_revision_and_select(kubectl: Any) -> None:
    deploy(kubectl, "labelled")
    kubectl("label", "ksvc", "labelled", "team=a")
    kubectl("annotate", "ksvc", "labelled", "note=b")
    assert kubectl("get", "ksvc", "-l", "team in (a,b)", "-o", "name", "-A").split() == [
        "service.serving.knative.dev/labelled"
    ]
    assert kubectl("get", "ksvc", "-l", "team,team!=a", "-o", "name") == ""
    found = kubectl.read("ksvc", "labelled")
    assert found["metadata"]["generation"] == 1
    assert found["status"]["latestCreatedRevisionName"] == "labelled-00001"


def test_refusals_have_their_reason(kubectl: Any) -> None:
    text = hello(kubectl, "refused")
    assert "NotFound" in kubectl.fails("replace", "-f", "-", stdin=text)
    deploy(kubectl, "refused")
    assert "AlreadyExists" in kubectl.fails("create", "-f", "-", stdin=text)
    stale = kubectl.read("ksvc", "refused")
    kubectl("label", "ksvc", "refused", "seen=1")
    assert "Conflict" in kubectl.fails("replace", "-f", "-", stdin=json.dumps(stale))
    kubectl("replace", "-f", "-", stdin=json.dumps(kubectl.read("ksvc", "refused")))
    wrong = text.replace('"10"', '"much"')
    assert "BadRequest" in kubectl.fails("replace", "-f", "-", stdin=wrong)


def test_a_service_that_fails_says_why(kubectl: Any) -> None:
    folder = kubectl.gateway.write_function("broken", code="raise RuntimeError('out of tea')\n")
    kubectl.apply(HELLO.format(name="broken", image=folder, target=""))
    kubectl("wait", "ksvc/broken", "--for=condition=Ready=False", "--timeout=30s")
    assert kubectl("get", "ksvc", "broken").split()[-3:] == [
        "broken-00001",
        "False",
        "RevisionFailed",
    ]  # there is no latest ready one
    said = kubectl("describe", "ksvc", "broken")
    assert "out of tea" in said.partition("Events:")[2]
    kubectl("delete", "ksvc", "broken")


def test_replicas_are_pods_with_logs(kubectl: Any) -> None:
    deploy(kubectl, "talker")
    assert kubectl.gateway.call("GET", "/function/talker/print")[0] == 200
    selector = ("-l", "serving.knative.dev/service=talker")
    _, row = rows(kubectl("get", "pods", *selector))
    assert row[1:4] == ["1/1", "Running", "0"]
    wait_until(lambda: "a word from the function" in kubectl("logs", *selector))
    assert "not valid" in kubectl.fails("logs", row[0], "-c", "sidecar")


def test_scaling_from_zero_leaves_a_service_ready(kubectl: Any) -> None:
    deploy(kubectl, "sleeper")
    before = kubectl.read("ksvc", "sleeper")
    kubectl.gateway.scale("sleeper", 0)
    states = "jsonpath={.status.conditions[?(@.type=='Ready')].status}{'\\n'}"
    with kubectl.following("get", "ksvc", "sleeper", "-w", "-o", states) as printed:
        wait_until(lambda: printed() == [["True"]])
        assert kubectl.gateway.call("GET", "/function/sleeper/")[0] == 200
        assert kubectl.read("ksvc", "sleeper") == before
        kubectl("label", "ksvc", "sleeper", "seen=1")
        wait_until(lambda: printed() == [["True"], ["True"]])


def test_namespaces_keep_objects_apart(kubectl: Any) -> None:
    kubectl("create", "namespace", "team-x")
    kubectl("create", "configmap", "own", "--from-literal=A=1", "-n", "team-x")
    assert "NotFound" in kubectl.fails("get", "cm", "own")
    assert ["team-x", "own", "1"] in [row[:3] for row in rows(kubectl("get", "cm", "-A"))]
    kubectl("delete", "cm", "own", "-n", "team-x")
    kubectl("delete", "namespace", "team-x")
    assert "NotFound" in kubectl.fails("get", "ns", "team-x")


def test_a_watch_tells_what_changes(kubectl: Any) -> None:
    kubectl("create", "configmap", "watched-0", "--from-literal=A=there")
    form = "custom-columns=N:.metadata.name,A:.data.A"
    with kubectl.following("get", "cm", "-w", "-o", form) as printed:
        wait_until(lambda: ["watched-0", "there"] in printed())
        kubectl("create", "configmap", "watched-1", "--from-literal=A=first")
        wait_until(lambda: ["watched-1", "first"] in printed())
        kubectl("patch", "cm", "watched-1", "-p", '{"data": {"A": "second"}}')
        wait_until(lambda: ["watched-1", "second"] in printed())
    kubectl("delete", "cm", "watched-0", "watched-1")


def test_the_password_is_wanted(kubectl: Any) -> None:
    server = f"--server=http://admin:wrong@127.0.0.1:{kubectl.gateway.port}"
    assert "You must be logged in" in kubectl.fails("get", "ksvc", server)


def test_names_of_kinds(kubectl: Any) -> None:
    deploy(kubectl, "named")
    for kind in ("ksvc", "kservice", "service", "services.serving.knative.dev"):
        assert kubectl("get", kind, "named", "-o", "name") == "service.serving.knative.dev/named\n"
    for kind in ("rev", "revision", "revisions"):
        assert "named-00001" in kubectl("get", kind, "-o", "name")
    kubectl("delete", "service", "named")


def test_fields_that_are_not_known_are_refused_unless_one_asks_otherwise(kubectl: Any) -> None:
    text = hello(kubectl, "odd").replace(
        "          ports:", "          tty: true\n          ports:"
    )
    said = kubectl.run("apply", "-f", "-", stdin=text)
    assert said.returncode == 1
    assert (
        'strict decoding error: unknown field "spec.template.spec.containers[0].tty"' in said.stderr
    )
    said = kubectl.run("apply", "-f", "-", "--validate=warn", stdin=text)
    assert said.returncode == 0
    assert 'Warning: unknown field "spec.template.spec.containers[0].tty"' in said.stderr
    [container] = kubectl.read("ksvc", "odd")["spec"]["template"]["spec"]["containers"]
    assert "tty" not in container


def test_what_is_wrong_is_told_as_a_cluster_tells_it(kubectl: Any) -> None:
    twice = '            - name: TARGET\n              value: "a"\n            - name: TARGET'
    text = hello(kubectl, "twins").replace("            - name: TARGET", twice, 1)
    said = kubectl.fails("apply", "-f", "-", stdin=text)
    place = "spec.template.spec.containers[0].env[1]"
    assert f'The Service "twins" is invalid: {place}: Duplicate value: {{"name":"TARGET"}}' in said
    text = hello(kubectl, "late").replace(
        "    spec:\n", "    spec:\n      timeoutSeconds: 601\n", 1
    )
    said = kubectl.fails("create", "-f", "-", stdin=text)
    denied = 'admission webhook "validation.webhook.serving.knative.dev" denied the request'
    rule = "validation failed: expected 0 <= 601 <= 600: spec.template.spec.timeoutSeconds"
    assert f"{denied}: {rule}" in said


def test_mayfly_s_own_kustomization_gives_what_the_gateway_takes(kubectl: Any) -> None:
    found = list(yaml.safe_load_all(kubectl("kustomize", str(ROOT / "infra/knative"))))
    assert {item["kind"] for item in found} == {"Service"}
    for item in found:
        (container,) = item["spec"]["template"]["spec"]["containers"]
        name = item["metadata"]["name"].removesuffix("-grpc")  # which is of the same image
        assert container["image"] == f"registry.example.com/mayfly/{name}:latest"
        status, answer = kubectl.gateway.ask("POST", f"{SERVICES}?dryRun=All", item)
        assert status == 201, answer
    assert "Broker" in kubectl("kustomize", str(ROOT / "infra/knative/eventing"))
