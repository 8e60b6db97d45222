"""The Community Edition's refusals; Knative Services pass."""

import json
from typing import Any

import pytest

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.specs import openfaas
from emulators.gateway.specs.edition import (
    QueueRules,
    check_deploy,
    most_replicas,
    queue_rules,
    replicas_by_hand,
)


def wanted(**labels: Any) -> Deployment:
    body = {"service": "f", "image": "/x"}
    scale = {f"com.openfaas.scale.{k.replace('_', '-')}": v for k, v in labels.items()}
    return openfaas.parse(json.dumps({**body, "labels": scale}).encode(), 0.0)


def others(count: int) -> list[Deployment]:
    return [Deployment(f"f{n}", "openfaas-fn", "openfaas", {}, 1, [], 0.0) for n in range(count)]


@pytest.mark.parametrize(
    "labels", [{"zero": "true"}, {"zero_duration": "5m"}, {"target": "5"}, {"type": "rps"}]
)
def test_labels_of_pro_are_refused_by_name(labels: dict[str, str]) -> None:
    with pytest.raises(Invalid, match=r"com\.openfaas\.scale\."):
        check_deploy("ce", wanted(**labels), [])
    check_deploy("pro", wanted(**labels), others(100))


def test_the_community_edition_takes_fifteen_plain_functions() -> None:
    check_deploy("ce", wanted(min="1", max="4", zero="false"), others(14))
    again = [*others(14), wanted()]
    check_deploy("ce", wanted(), again)  # a change of one that is there
    with pytest.raises(GatewayError, match="15 functions"):
        check_deploy("ce", wanted(), others(15))


def test_five_replicas_at_most() -> None:
    assert (most_replicas("ce", 20), most_replicas("ce", 3), most_replicas("pro", 20)) == (5, 3, 20)


def test_a_number_set_by_hand_is_capped_and_never_none() -> None:
    assert [replicas_by_hand("ce", n) for n in (1, 5, 6, 100)] == [1, 5, 5, 5]
    assert [replicas_by_hand("pro", n) for n in (0, 6)] == [0, 6]
    with pytest.raises(Invalid, match="Community Edition"):
        replicas_by_hand("ce", 0)


def test_knative_services_are_free_of_it() -> None:
    revision = Revision("f", "n", 1, "i", labels={"com.openfaas.scale.zero": "true"})
    check_deploy("ce", Deployment("f", "n", "knative", {}, 1, [revision], 0.0), others(100))


@pytest.mark.parametrize("labels", [{"max": "6"}, {"min": "6", "max": "20"}])
def test_more_replicas_than_five_are_refused(labels: dict[str, str]) -> None:
    with pytest.raises(Invalid, match=r"com\.openfaas\.scale\.(min|max) is set too high"):
        check_deploy("ce", wanted(**labels), [])
    check_deploy("ce", wanted(min="5", max="5"), [])
    check_deploy("pro", wanted(**labels), [])


def test_the_queue_of_each_edition() -> None:
    assert queue_rules("ce") == QueueRules(retries=False, at_once=1, largest_body=256_000)
    assert queue_rules("pro") == QueueRules(retries=True, at_once=None, largest_body=None)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"namespace": "other"}, "namespace must be: openfaas-fn"),
        ({"annotations": {"topic": "a,b"}}, "topic"),
        ({"annotations": {"eks.amazonaws.com/role": "x"}}, "eks.amazonaws.com/role"),
    ],
)
def test_what_the_provider_on_kubernetes_refuses(more: dict[str, Any], named: str) -> None:
    body = json.dumps({"service": "f", "image": "/x", **more}).encode()
    with pytest.raises(Invalid, match=named):
        check_deploy("ce", openfaas.parse(body, 0.0), [])
    check_deploy("pro", openfaas.parse(body, 0.0), [])


def test_one_topic_and_the_namespace_s_two_names_pass() -> None:
    body = {"service": "f", "image": "/x", "annotations": {"topic": "a"}, "namespace": "default"}
    check_deploy("ce", openfaas.parse(json.dumps(body).encode(), 0.0), [])
