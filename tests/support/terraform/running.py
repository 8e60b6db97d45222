"""Runs Terraform on infra/cloud/gcp, with providers that know the real ones' schemas."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.local.settings import ROOT
from tests.support import environments
from tests.support.terraform import schema

HERE = Path(__file__).parent
GCP = ROOT / "infra" / "cloud" / "gcp"
REGISTRY = "registry.terraform.io/hashicorp"


def command() -> list[str]:
    """Return the words that start Terraform: this machine's, else that of a package."""
    own = shutil.which("terraform")
    if own is not None:
        return [own]
    return [str(environments.python(HERE / "program.txt")), str(HERE / "program.py")]


def run(
    folder: Path, *words: str, home: Path, text: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run Terraform in a folder, without a network and without anything of this user's.

    Args:
        folder: where its files are.
        words: command and options.
        home: an empty folder for what it writes down.
        text: its standard input.
        env: variables.
    """
    own = {
        "HOME": str(home),
        "TF_DATA_DIR": str(home / "data"),
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "PATH": "/usr/bin:/bin",
    }
    return subprocess.run(
        [*command(), f"-chdir={folder}", *words],
        input=text,
        env=own | env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextmanager
def providers(resources: Iterable[str], data: Iterable[str], folder: Path) -> Iterator[str]:
    """Run providers that know these resources; gives TF_REATTACH_PROVIDERS.

    Args:
        resources: such as `google_pubsub_topic`.
        data: of data sources, likewise.
        folder: for what they are told.
    """
    told = folder / "schemas.json"
    told.write_text(json.dumps(_schemas(sorted(resources), sorted(data))))
    words = [str(environments.python(HERE / "provider.txt")), str(HERE / "provider.py"), str(told)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the providers did not start"
        try:
            yield line
        finally:
            process.stdin.close()  # they end


def _schemas(resources: list[str], data: list[str]) -> Mapping[str, schema.Schema]:
    found = {}
    for package in environments.packages(HERE / "schemas.txt"):
        name = package.name.split("-")[0].rpartition("_")[2]
        own = {one: _folder(one) for one in resources if one.startswith(f"{name}_")}
        asked = {one: f"data-{name}-{_folder(one)}" for one in data if one.startswith(f"{name}_")}
        read = schema.read(package, {"provider", *own.values(), *asked.values()})
        del read["provider"]["attributes"]["alias"]  # Terraform's own word
        found[f"{REGISTRY}/{name}"] = {
            "provider": read["provider"],
            "resources": {one: read[place] for one, place in own.items()},
            "data": {one: read[place] for one, place in asked.items()},
        }
    return found


def _folder(name: str) -> str:
    return name.partition("_")[2].replace("_", "-")


def copied(folder: Path) -> Path:
    """Copy what infra/cloud/gcp reads to a folder; return where its files are there."""
    for part in ("cloud/gcp", "knative"):
        shutil.copytree(ROOT / "infra" / part, folder / "infra" / part)
    return folder / "infra" / "cloud" / "gcp"
