"""`terraform validate` of infra/cloud/gcp, against the schemas of Google's provider."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from tests.support.terraform import running


def declared(kind: str) -> set[str]:
    """Return the types of what the files declare."""
    found: set[str] = set()
    for file in running.GCP.glob("*.tf"):
        with file.open() as stream:
            blocks: Any = hcl2.load(stream).get(kind, ())
        found |= {name.strip('"') for block in blocks for name in block}
    return found


@pytest.fixture(scope="module")
def attached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("providers")
    resources, data = declared("resource"), declared("data")
    assert len(resources) > 15
    with running.providers(resources, data, folder) as found:
        yield found


def validated(folder: Path, home: Path, attached: str) -> dict[str, Any]:
    """Return what Terraform says of a folder, as JSON."""
    env = {"TF_REATTACH_PROVIDERS": attached}
    begun = running.run(folder, "init", "-backend=false", "-input=false", home=home, **env)
    if begun.returncode:
        return {"valid": False, "diagnostics": [{"summary": begun.stderr, "detail": ""}]}
    done = running.run(folder, "validate", "-json", home=home, **env)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_resource_is_what_the_provider_takes(attached: str, tmp_path: Path) -> None:
    found = validated(running.copied(tmp_path), tmp_path, attached)
    assert found["diagnostics"] == []
    assert found["valid"]


WRONG = {
    "an argument that there is not": (
        ("queue.tf", "attempt_deadline =", "attempts_deadline ="),
        'argument named "attempts_deadline" is not expected here',
    ),
    "one that is needed is missing": (
        ("queue.tf", "push_endpoint =", "# push_endpoint ="),
        'argument "push_endpoint" is required',
    ),
    "a block that there is not": (
        ("data.tf", "soft_delete_policy {", "soft_delete_polcy {"),
        'Blocks of type "soft_delete_polcy" are not expected here',
    ),
    "a block that is needed is missing": (
        ("data.tf", "replication {\n    auto {}\n  }", ""),
        'At least 1 "replication" blocks are required',
    ),
    "another type": (
        ("run.tf", "= each.value.calls", '= "many"'),
        "a number is required",
    ),
    "what a resource does not give": (
        (
            "identity.tf",
            "google_service_account.functions.member",
            "google_pubsub_topic.steps.mail",
        ),
        'attribute named "mail"',
    ),
    "what is not there": (
        ("identity.tf", "google_pubsub_topic.steps.name", "google_pubsub_topic.stops.name"),
        'resource "google_pubsub_topic" "stops" has not been declared',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused(name: str, attached: str, tmp_path: Path) -> None:
    (file, before, after), said = WRONG[name]
    folder = running.copied(tmp_path)
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))
    found = validated(folder, tmp_path, attached)
    assert not found["valid"]
    words = " ".join(f"{one['summary']} {one['detail']}" for one in found["diagnostics"])
    assert said in re.sub(r"\s+", " ", words)
