"""Deploy files: Knative objects from YAML, and folders that become a Service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.local.errors import LocalError
from infra.local.settings import ROOT

KNATIVE = ROOT / "infra" / "knative"
API_VERSION = "serving.knative.dev/v1"
# Kinds that the gateway takes, in the order in which they need each other, and where it takes them.
PLURALS = {
    (API_VERSION, "Service"): "services",
    ("eventing.knative.dev/v1", "Broker"): "brokers",
    ("eventing.knative.dev/v1", "Trigger"): "triggers",
    ("sources.knative.dev/v1", "PingSource"): "pingsources",
}


def load(path: Path) -> list[dict[str, Any]]:
    """Return what a YAML file or a folder of them (`eventing/` in it too) holds for the gateway.

    A folder with main.py is a Service of its own. Services come first, then brokers, triggers and
    ping sources.

    Raises:
        LocalError: there is none, or a file is not a deploy file.
    """
    if not path.exists():
        raise LocalError(f"{path} does not exist.", "Name a YAML file, or a folder with main.py.")
    if (path / "main.py").is_file():
        return [of_folder(path)]
    files = [path]
    if path.is_dir():
        files = [*sorted(path.glob("*.y*ml")), *sorted(path.glob("eventing/*.y*ml"))]
    found = [item for file in files for item in _items(file)]
    order = list(PLURALS)
    found.sort(key=lambda item: order.index(kind_of(item)))
    if not found:
        raise LocalError(f"{path} holds no Knative Service ({API_VERSION}) and no main.py.")
    return found


def services(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the Services among deployable things."""
    return [item for item in items if item["kind"] == "Service"]


def kind_of(item: dict[str, Any]) -> tuple[str, str]:
    """Return API version and kind, as `PLURALS` has them."""
    return str(item.get("apiVersion")), str(item.get("kind"))


def _items(file: Path) -> Iterator[dict[str, Any]]:
    try:
        documents = list(yaml.safe_load_all(file.read_text()))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LocalError(f"{file} is not YAML: {' '.join(str(error).split())}.") from error
    for number, document in enumerate(filter(None, documents), start=1):
        if not isinstance(document, dict):
            raise LocalError(f"{file}, document {number}: a mapping is wanted.")
        if kind_of(document) in PLURALS:
            yield _named(document, f"{file}, document {number}")


def _named(item: dict[str, Any], place: str) -> dict[str, Any]:
    name = (item.get("metadata") or {}).get("name")
    if not isinstance(name, str) or not name:
        raise LocalError(f"{place}: metadata.name is missing.")
    return item


def of_folder(folder: Path) -> dict[str, Any]:
    """Return the Service of a user's own function folder, which holds main.py."""
    container = {"image": str(folder.resolve())}
    return {
        "apiVersion": API_VERSION,
        "kind": "Service",
        "metadata": {"name": folder.resolve().name.lower().replace("_", "-")},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
