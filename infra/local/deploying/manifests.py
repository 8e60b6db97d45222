"""Deploy files: Knative objects from YAML, and folders that become a Service."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.local.errors import LocalError
from infra.local.settings import ROOT

KNATIVE = ROOT / "infra" / "knative"
OWN_FILE = "service.yaml"  # beside a function's code
NODE_FILE = "package.json"  # its packages bring the command that runs it
FUNCTIONS = ("main.py", "handler.py")  # what makes a folder a function: the second, OpenFaaS's
OURS = "mayfly/"  # images that the gateway knows by themselves
API_VERSION = "serving.knative.dev/v1"
GRPC = "h2c"  # what a port is called that speaks it
# Kinds that the gateway takes, in the order in which they need each other, and where it takes them.
PLURALS = {
    (API_VERSION, "Service"): "services",
    ("eventing.knative.dev/v1", "Broker"): "brokers",
    ("messaging.knative.dev/v1", "Channel"): "channels",
    ("messaging.knative.dev/v1", "InMemoryChannel"): "inmemorychannels",
    ("messaging.knative.dev/v1", "Subscription"): "subscriptions",
    ("flows.knative.dev/v1", "Sequence"): "sequences",
    ("eventing.knative.dev/v1", "Trigger"): "triggers",
    ("sources.knative.dev/v1", "PingSource"): "pingsources",
    ("sources.knative.dev/v1beta2", "PingSource"): "pingsources",
}
KNATIVE_GROUP = ".knative.dev/"


class _Strict(yaml.SafeLoader):
    """Reads YAML as safely as PyYAML can, and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as PyYAML calls it
        """Return the mapping of a node."""
        seen = set()
        for key, _ in node.value:
            said = str(key.value)
            if said != "<<" and said in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {said!r} stands twice", key.start_mark
                )
            seen.add(said)
        return super().construct_mapping(node, deep)


def load(path: Path) -> list[dict[str, Any]]:
    """Return what a YAML file or a folder of them (`eventing/` in it too) holds for the gateway.

    A folder with main.py, or with the handler.py of OpenFaaS's Python templates, is a Service of
    its own, as its `service.yaml` says where it has one. Services come first, then what events go
    to, then what sends them. What is not Knative's is passed over.

    Raises:
        LocalError: there is none, a file is not a deploy file, or has a kind of Knative's that the
            gateway does not take.
    """
    if not path.exists():
        raise LocalError(f"{path} does not exist.", "Name a YAML file, or a folder with main.py.")
    if is_function(path):
        if not (path / OWN_FILE).is_file():
            return [of_folder(path)]
        path /= OWN_FILE
    files = [path]
    if path.is_dir():
        files = [*sorted(path.glob("*.y*ml")), *sorted(path.glob("eventing/*.y*ml"))]
    found = [item for file in files for item in _items(file)]
    order = list(PLURALS)
    found.sort(key=lambda item: order.index(kind_of(item)))
    if not found:
        raise LocalError(f"{path} holds no Knative Service ({API_VERSION}) and no main.py.")
    return found


def is_function(folder: Path) -> bool:
    """Tell whether a folder holds a function."""
    return any((folder / name).is_file() for name in FUNCTIONS)


def services(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the Services among deployable things."""
    return [item for item in items if item["kind"] == "Service"]


def kind_of(item: dict[str, Any]) -> tuple[str, str]:
    """Return API version and kind, as `PLURALS` has them."""
    return str(item.get("apiVersion")), str(item.get("kind"))


def _items(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with file.open(encoding="utf-8") as stream:  # from a stream, errors name the file
            documents = list(yaml.load_all(stream, _Strict))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise LocalError(f"{file} is not YAML: {reason}.") from error
    for number, document in enumerate(filter(None, documents), start=1):
        if not isinstance(document, dict):
            raise LocalError(f"{file}, document {number}: a mapping is wanted.")
        if kind_of(document) in PLURALS:
            yield _with_code(_named(document, f"{file}, document {number}"), file.parent)
        elif KNATIVE_GROUP in (group := kind_of(document)[0]):
            taken = ", ".join(dict.fromkeys(kind for _, kind in PLURALS))
            raise LocalError(
                f"{file}, document {number}: {kind_of(document)[1]} of {group} is not taken.",
                f"Take it out. Taken are: {taken}.",
            )


def _with_code(item: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Name the code that lies with a Service's file instead of an image built from it.

    Tutorials keep the two together: in the folder itself, or in one of the image's name. An image
    of ours, or one that is a folder already, stays.
    """
    template = (item.get("spec") or {}).get("template") or {}
    for container in (template.get("spec") or {}).get("containers") or ():
        image = str(container.get("image", ""))
        if OURS in image or image.startswith(("/", "file://")):
            continue
        name = re.split("[@:]", image.rpartition("/")[2], maxsplit=1)[0]
        for candidate in (folder / name, folder):
            if _holds_code(candidate, container):
                container["image"] = str(candidate.resolve())
                break
    return item


def _holds_code(folder: Path, container: dict[str, Any]) -> bool:
    """Tell whether a folder holds a function, or a file that the container's command names."""
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    names = [*FUNCTIONS, *(str(word) for word in words if word)]
    names += [NODE_FILE] if container.get("command") else []
    return any((folder / name).is_file() for name in names if not name.startswith("/"))


def _named(item: dict[str, Any], place: str) -> dict[str, Any]:
    name = (item.get("metadata") or {}).get("name")
    if not isinstance(name, str) or not name:
        raise LocalError(f"{place}: metadata.name is missing.")
    return item


def of_folder(folder: Path) -> dict[str, Any]:
    """Return the Service of a user's own function folder."""
    container = {"image": str(folder.resolve())}
    return {
        "apiVersion": API_VERSION,
        "kind": "Service",
        "metadata": {"name": folder.resolve().name.lower().replace("_", "-")},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
