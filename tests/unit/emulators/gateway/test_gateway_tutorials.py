"""Knative files of the kind that public tutorials show are read as they are."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.gateway.model.scaling import MAX_DOWN_RATE, MAX_UP_RATE, TICK_SECONDS
from emulators.gateway.service.replicas.pool import ACTIVATOR_LIMIT, QUEUE_DEPTH_FACTOR
from emulators.gateway.settings import Settings
from emulators.gateway.specs import knative
from emulators.gateway.specs.eventing import parse_broker, parse_ping, parse_trigger

SERVICES = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello, namespace: default}
spec:
  template:
    spec:
      containers:
        - image: mayfly/hello
          ports: [{containerPort: 8080}]
          env: [{name: TARGET, value: World}]
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: autoscale-go
  labels: {networking.knative.dev/visibility: cluster-local}
spec:
  template:
    metadata:
      labels: {app: autoscale-go}
      annotations:
        autoscaling.knative.dev/class: kpa.autoscaling.knative.dev
        autoscaling.knative.dev/metric: concurrency
        autoscaling.knative.dev/target: "10"
        autoscaling.knative.dev/min-scale: "1"
        autoscaling.knative.dev/max-scale: "10"
    spec:
      containerConcurrency: 0
      serviceAccountName: default
      enableServiceLinks: false
      containers:
        - name: user-container
          image: mayfly/autoscale
          imagePullPolicy: Always
          command: ["/app"]
          args: ["--flag"]
          resources: {requests: {cpu: 100m}, limits: {memory: 128Mi, cpu: "1"}}
          livenessProbe: {httpGet: {path: /healthz, port: 0}}
          readinessProbe: {successThreshold: 1, tcpSocket: {port: 0}}
          securityContext: {runAsNonRoot: true}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: split}
spec:
  template:
    metadata: {name: split-blue}
    spec: {containers: [{image: mayfly/blue}]}
  traffic:
    - {tag: current, revisionName: split-green, percent: 100}
    - {tag: candidate, revisionName: split-blue, percent: 0}
    - {tag: latest, latestRevision: true, percent: 0}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: rolled
  annotations: {serving.knative.dev/rollout-duration: 380s, serving.knative.dev/creator: someone}
spec:
  template: {spec: {timeoutSeconds: 600, containers: [{image: mayfly/rolled}]}}
  traffic: [{percent: 100}]
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hpa}
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/class: hpa.autoscaling.knative.dev
        autoscaling.knative.dev/metric: cpu
        autoscaling.knative.dev/target: "80"
    spec: {containers: [{image: mayfly/hpa}]}
"""
EVENTING: dict[Any, str] = {
    parse_broker: """
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
  name: default
  namespace: default
  annotations: {eventing.knative.dev/broker.class: MTChannelBasedBroker}
spec:
  config: {apiVersion: v1, kind: ConfigMap, name: config-br-default-channel}
  delivery:
    deadLetterSink: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: dead}}
    backoffDelay: PT0.2S
    backoffPolicy: exponential
    retry: 10
""",
    parse_trigger: """
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: hello-display, namespace: default}
spec:
  broker: default
  filter: {attributes: {type: greeting, source: sendoff}}
  subscriber: {ref: {apiVersion: v1, kind: Service, name: hello-display}}
""",
    parse_ping: """
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {name: test-ping, namespace: default}
spec:
  schedule: "*/2 * * * *"
  contentType: application/json
  data: '{"message": "Hello world!"}'
  sink: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: event-display}}
""",
}


@pytest.mark.parametrize(
    "manifest", list(yaml.safe_load_all(SERVICES)), ids=lambda m: m["metadata"]["name"]
)
def test_services(manifest: dict[str, Any]) -> None:
    found = knative.parse(json.dumps(manifest).encode(), "default", 0.0)
    assert found.name == manifest["metadata"]["name"]
    assert sum(target.percent for target in found.traffic) == 100


@pytest.mark.parametrize("parse", EVENTING, ids=lambda parse: parse.__name__)
def test_eventing_objects(parse: Any) -> None:
    manifest = yaml.safe_load(EVENTING[parse])
    assert parse(json.dumps(manifest).encode(), "default").name == manifest["metadata"]["name"]


def test_the_products_own_eventing_files() -> None:
    parsers = {"Broker": parse_broker, "Trigger": parse_trigger, "PingSource": parse_ping}
    folder = Path(__file__).parents[4] / "infra/knative"
    documents = [
        document
        for path in sorted(folder.rglob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document["kind"] in parsers
    ]
    kinds = set()
    for document in documents:
        kinds.add(document["kind"])
        parsers[document["kind"]](json.dumps(document).encode(), "default")
    assert "Broker" in kinds


def test_what_is_not_set() -> None:
    assert (TICK_SECONDS, MAX_UP_RATE, MAX_DOWN_RATE) == (2, 1000, 2)
    assert (ACTIVATOR_LIMIT, QUEUE_DEPTH_FACTOR) == (10_000, 10)
    settings = Settings(Path(), Path())
    assert (settings.zero_grace, settings.edition) == (30, "pro")
