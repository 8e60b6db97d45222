"""The real kubectl where there is less here than in a cluster: it is told what to do instead."""

from typing import Any

import pytest

from tests.contract.gateway.test_kubectl import deploy, rows
from tests.support.processes import wait_until


def pods_of(kubectl: Any, name: str) -> list[str]:
    found = rows(kubectl("get", "pods", "-l", f"serving.knative.dev/service={name}", "-o", "name"))
    return [row[0].removeprefix("pod/") for row in found]


def test_a_pod_that_is_deleted_is_replaced(kubectl: Any) -> None:
    deploy(kubectl, "renewed")
    [before] = pods_of(kubectl, "renewed")
    kubectl("delete", "pod", before)
    wait_until(lambda: len(pods_of(kubectl, "renewed")) == 1)
    assert before not in pods_of(kubectl, "renewed")
    assert kubectl.gateway.call("GET", "/function/renewed/")[0] == 200
    assert "NotFound" in kubectl.fails("delete", "pod", before)
    kubectl("delete", "pods", "-l", "serving.knative.dev/service=renewed")
    assert kubectl.gateway.call("GET", "/function/renewed/")[0] == 200


def test_what_a_process_has_not_is_refused_in_words(kubectl: Any) -> None:
    deploy(kubectl, "plain")
    [pod] = pods_of(kubectl, "plain")
    said = kubectl.fails("exec", pod, "--", "ls")
    assert "a pod is a process of this machine: no exec" in said
    said = kubectl.fails("port-forward", pod, "18080:8080")
    assert "no portforward: call it at its Service's host" in said
    said = kubectl.fails("attach", pod)
    assert "kubectl logs -f" in said
    status, said = kubectl.gateway.ask("POST", f"/api/v1/namespaces/default/pods/{pod}/exec")
    assert (status, said["reason"]) == (405, "MethodNotAllowed")
    assert said["message"].startswith(f"pod '{pod}' is a process of this machine: no exec: run")


def test_nothing_is_explained_and_nothing_applied_on_the_server_s_side(kubectl: Any) -> None:
    assert "https://knative.dev/docs/reference" in kubectl.fails("explain", "ksvc.spec")
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: there}\ndata: {A: b}"
    said = kubectl.fails("apply", "--server-side", "-f", "-", stdin=text)
    assert "leave --server-side away" in said
    assert "NotFound" in kubectl.fails("get", "cm", "there")


@pytest.mark.parametrize(
    ("api_version", "kind", "instead"),
    [
        ("flows.knative.dev/v1", "Parallel", "a Broker and its Triggers"),
        ("sources.knative.dev/v1", "ApiServerSource", "use a PingSource"),
        ("serving.knative.dev/v1beta1", "DomainMapping", "one host of its own"),
        ("apps/v1", "Deployment", "deploy a Service of serving.knative.dev"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "leave it out"),
    ],
)
def test_kinds_of_samples_that_are_not_there_are_refused_by_name(
    kubectl: Any, api_version: str, kind: str, instead: str
) -> None:
    text = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{}}"
    said = kubectl.fails("apply", "-f", "-", stdin=text)
    assert f"{kind} ({api_version.partition('/')[0]}) is not there: " in said
    assert instead in said
    assert "docs/plane.md" in said


def test_which_kinds_of_sources_there_are(kubectl: Any) -> None:
    """As `kn source list` asks, which then lists the objects of each."""
    found = kubectl.read("crd", "-l", "duck.knative.dev/source=true")["items"]
    assert [one["metadata"]["name"] for one in found] == ["pingsources.sources.knative.dev"]
    assert [one["name"] for one in found[0]["spec"]["versions"]] == ["v1", "v1beta2"]
    older = "customresourcedefinitions.v1beta1.apiextensions.k8s.io"
    assert kubectl.read(older, "-l", "duck.knative.dev/source=true")["items"]
    assert len(kubectl.read("crd")["items"]) > len(found)
