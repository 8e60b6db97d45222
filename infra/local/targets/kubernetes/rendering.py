"""Makes a folder that `kubectl apply -k` takes: infra/kubernetes, and what is made of functions."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.local.errors import LocalError
from infra.local.settings import ROOT
from infra.local.targets import described, images
from infra.local.targets.kubernetes import objects

FOLDER = ROOT / "infra" / "kubernetes"
OVERLAYS = ("dev", "prod")
MADE = Path("base") / "functions.yaml"  # named by base/kustomization.yaml
GOOGLE = Path("components") / "google"
NAMED = ("GOOGLE_CLOUD_PROJECT", "MAYFLY_BUCKET", "WEB_HOST", "API_HOST")
GATEWAY = "mayfly-gateway"
_EXAMPLE = "your-project"
# What each function's annotations tell the gateway of them, which has one list for all.
_CALLS = ("dev.mayfly.async-check", "prometheus.io/scrape", "com.openfaas.retry.")
_KIND = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def render(folder: Path, overlay: str, registry: str, tag: str) -> None:
    """Write the whole of an overlay into an empty folder, `kustomization.yaml` at its top.

    Args:
        folder: where it goes; it must be empty or missing.
        overlay: one of OVERLAYS.
        registry: where the images are, with a path in it: `registry.example.org/you/mayfly`.
        tag: of the images.

    Raises:
        LocalError: there is no such overlay, or the folder holds something.
    """
    if overlay not in OVERLAYS:
        raise LocalError(f"There is no overlay {overlay!r}: give one of {', '.join(OVERLAYS)}.")
    if folder.exists() and any(folder.iterdir()):
        raise LocalError(f"{folder} holds files already.", "Name an empty folder.")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))
    (folder / MADE).write_text(dump(made()))
    named = [
        {"name": image, "newName": images.placed(image, registry), "newTag": tag}
        for image in images.ALL
    ]
    top = _KIND | {"resources": [f"overlays/{overlay}"], "images": named}
    (folder / "kustomization.yaml").write_text(dump([top]))


def configure(folder: Path, values: Mapping[str, str]) -> None:
    """Put names of a project and of hosts (NAMED) in the place of the examples in a folder."""
    for file in (GOOGLE / "config.env", Path("overlays") / "prod" / "site.env"):
        lines = (folder / file).read_text().splitlines()
        said = [line.partition("=")[0] for line in lines]
        told = [
            f"{name}={values[name]}" if name in values else line
            for name, line in zip(said, lines, strict=True)
        ]
        (folder / file).write_text("\n".join([*told, ""]))
    # Kustomize puts no part of a text in the place of another.
    account = folder / GOOGLE / "kustomization.yaml"
    account.write_text(account.read_text().replace(_EXAMPLE, values["GOOGLE_CLOUD_PROJECT"]))


def made() -> list[dict[str, Any]]:
    """Return everything that is made: each function's objects, and whom the gateway knows."""
    functions = described.functions()
    found = [item for function in functions for item in objects.objects(function)]
    return [*found, _known_to_the_gateway(functions)]


def dump(items: list[dict[str, Any]]) -> str:
    """Return objects as YAML, one document each."""
    return str(yaml.dump_all(items, Dumper=_Plain, sort_keys=False, default_flow_style=False))


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice: readers know nothing of YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - as PyYAML calls it
        """Return that nothing is to be an alias."""
        return True


def _known_to_the_gateway(functions: list[described.Function]) -> dict[str, Any]:
    by_http = [function for function in functions if not function.grpc]
    notes = {
        key: text
        for function in by_http
        for key, text in function.annotations.items()
        if key.startswith(_CALLS)
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": GATEWAY, "labels": objects.labels("gateway", "gateway")},
        "data": {
            "MAYFLY_STATIC_FUNCTIONS": ",".join(
                f"{one.name}=http://{one.name}:{objects.SERVICE_PORT}" for one in by_http
            ),
            "MAYFLY_STATIC_ANNOTATIONS": ",".join(f"{k}={v}" for k, v in sorted(notes.items())),
        },
    }
