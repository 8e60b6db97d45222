"""Terraform's files: they are read, and what they name is there."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from infra.local import settings
from infra.local.targets import cloud_run
from tests.support.terraform import running

GCP = settings.ROOT / "infra" / "cloud" / "gcp"
FILES = sorted(GCP.glob("*.tf"))
REFERENCE = re.compile(r"\b(google_[a-z0-9_]+|random_[a-z]+)\.([a-z_]+)\b")


def read(file: Path) -> dict[str, Any]:
    with file.open() as stream:
        found: dict[str, Any] = hcl2.load(stream)
    return found


def bare(text: str) -> str:
    return text.strip('"')


def blocks(kind: str) -> Iterator[tuple[str, ...]]:
    """Yield the labels of every block of a kind."""
    for file in FILES:
        for block in read(file).get(kind, ()):
            for first, inner in block.items():
                if kind in {"resource", "data"}:
                    for second in inner:
                        yield bare(first), bare(second)
                else:
                    yield (bare(first),)


@pytest.mark.parametrize("file", [*FILES, GCP / "functions" / "main.tf"], ids=lambda f: f.stem)
def test_every_file_can_be_read(file: Path) -> None:
    assert read(file)


def test_what_is_named_is_there() -> None:
    text = "\n".join(
        re.sub(r"^\s*#.*$", "", file.read_text(), flags=re.MULTILINE) for file in FILES
    )
    declared = set(blocks("resource")) | set(blocks("data"))
    named = set(REFERENCE.findall(text))
    assert len(named) > 8
    assert named <= declared
    assert set(re.findall(r"\bvar\.([a-z_]+)", text)) == {one for (one,) in blocks("variable")}
    locals_known = {
        bare(name) for file in FILES for block in read(file).get("locals", ()) for name in block
    }
    assert set(re.findall(r"\blocal\.([a-z_]+)", text)) <= locals_known


def test_no_resource_is_declared_twice() -> None:
    found = list(blocks("resource"))
    assert len(found) == len(set(found)) > 15


def test_functions_have_the_least_of_rights() -> None:
    text = (GCP / "identity.tf").read_text()
    roles = set(re.findall(r'"(roles/[^"]+)"', text))
    assert roles == {
        "roles/datastore.user",
        "roles/storage.objectUser",
        "roles/pubsub.publisher",
        "roles/secretmanager.secretAccessor",
    }
    by_script = set(re.findall(r"(roles/\S+)", (GCP / "setup.sh").read_text()))
    assert by_script == roles


def test_the_script_and_terraform_make_what_cloud_run_reads() -> None:
    script, text = (GCP / "setup.sh").read_text(), "".join(f.read_text() for f in FILES)
    for name in (*cloud_run.SECRETS.values(), "mayfly-steps", "mayfly-functions"):
        assert name in script
        assert name in text


def test_terraform_itself_finds_them_in_its_form(tmp_path: Path) -> None:
    done = running.run(GCP, "fmt", "-check", "-recursive", "-diff", home=tmp_path)
    assert done.returncode == 0, done.stdout
    assert shutil.which("bash")
    assert subprocess.run(["bash", "-n", str(GCP / "setup.sh")], check=False).returncode == 0
