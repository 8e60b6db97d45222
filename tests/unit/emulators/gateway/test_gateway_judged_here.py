"""What a real Knative takes and this plane does not honour."""

import re
from typing import Any

import pytest
import yaml

from emulators.gateway.specs.validation.here import REFUSED, WARNED
from tests.support.emulators.judging import KINDS, said, service, thing, warned
from tests.support.imports import ROOT

README = ROOT / "emulators" / "gateway" / "README.md"


def test_the_readme_shows_what_is_not_honoured() -> None:
    text = README.read_text(encoding="utf-8")
    section = text.partition("### Verdicts")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", section, re.MULTILINE)
    assert [row for row in rows if row != ("what", "why")] == [*REFUSED.items(), *WARNED.items()]


def test_a_trigger_that_would_lead_nowhere_is_refused() -> None:
    reference = "brokerRef: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: b}"
    asked = thing("Trigger", f"spec: {{{reference}, subscriber: {{uri: 'http://x'}}}}")
    assert said(asked).startswith("400 spec.brokerRef: there it leads nowhere")


def test_files_that_only_a_cluster_has_are_refused() -> None:
    pod = "{volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: p}}]}}]}"
    asked = service("{volumeMounts: [{name: v, mountPath: /v}]}", pod)
    assert said(asked).startswith(
        "400 spec.template.spec.volumes[0].projected: there is no cluster"
    )


OWN = [
    found
    for folder in ("infra/knative", "infra/knative/eventing")
    for file in sorted((ROOT / folder).glob("*.yaml"))
    for found in yaml.safe_load_all(file.read_text(encoding="utf-8"))
    if found and found["kind"] in KINDS
]


@pytest.mark.parametrize("asked", OWN, ids=lambda asked: asked["metadata"]["name"])
def test_the_product_s_own_files_are_taken_as_they_are(asked: dict[str, Any]) -> None:
    assert said(asked) == ""
    assert warned(asked) == []
