"""Deploy files: Knative Services from YAML, and folders that become one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.local.errors import LocalError
from infra.local.settings import ROOT

KNATIVE = ROOT / "infra" / "knative"
API_VERSION = "serving.knative.dev/v1"


def load(path: Path) -> list[dict[str, Any]]:
    """Return the Knative Services in a YAML file, in a folder of them, or of a function folder.

    Raises:
        LocalError: there is none, or a file is not a deploy file.
    """
    if not path.exists():
        raise LocalError(f"{path} does not exist.", "Name a YAML file, or a folder with main.py.")
    if (path / "main.py").is_file():
        return [of_folder(path)]
    files = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    found = [service for file in files for service in _services(file)]
    if not found:
        raise LocalError(f"{path} holds no Knative Service ({API_VERSION}) and no main.py.")
    return found


def _services(file: Path) -> Iterator[dict[str, Any]]:
    try:
        documents = list(yaml.safe_load_all(file.read_text()))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LocalError(f"{file} is not YAML: {' '.join(str(error).split())}.") from error
    for number, document in enumerate(filter(None, documents), start=1):
        if not isinstance(document, dict):
            raise LocalError(f"{file}, document {number}: a mapping is wanted.")
        if document.get("kind") == "Service" and document.get("apiVersion") == API_VERSION:
            yield _named(document, f"{file}, document {number}")


def _named(service: dict[str, Any], place: str) -> dict[str, Any]:
    name = (service.get("metadata") or {}).get("name")
    if not isinstance(name, str) or not name:
        raise LocalError(f"{place}: metadata.name is missing.")
    return service


def of_folder(folder: Path) -> dict[str, Any]:
    """Return the Service of a user's own function folder, which holds main.py."""
    container = {"image": str(folder.resolve())}
    return {
        "apiVersion": API_VERSION,
        "kind": "Service",
        "metadata": {"name": folder.resolve().name.lower().replace("_", "-")},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
