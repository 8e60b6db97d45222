"""Models of one's own: functions whose deploy file says that they are one."""

from typing import Any

from functions.kit.contract.models.own_models import KEY, key_of
from infra.local.calling.function_client import FunctionClient

ANNOTATION = "dev.mayfly.model"


def is_model(item: dict[str, Any]) -> bool:
    """Tell whether a deploy file says that its function is a model."""
    return (item["metadata"].get("annotations") or {}).get(ANNOTATION) == "true"


def give_key(item: dict[str, Any], secret: str) -> None:
    """Let a Service's containers know the key by which Mayfly calls them, and nobody else."""
    told = {"name": KEY, "value": key_of(secret, item["metadata"]["name"])}
    for container in item["spec"]["template"]["spec"]["containers"]:
        others = [one for one in container.get("env") or () if one["name"] != KEY]
        container["env"] = [*others, told]


def register(functions: FunctionClient, name: str, *, new_line: bool) -> str:
    """Have a deployed function registered as a model of its name; return what came of it.

    Raises:
        LocalError: it says nothing, or nothing that fits; or callers of the model would break.
    """
    wanted = {"function": name, "new_line": new_line}
    version = functions.call("POST", "models", f"/models/{name}/functions", json=wanted)
    return f"model {name}, version {version['version']}: {_taken(version)}"


def _taken(version: dict[str, Any]) -> str:
    signature = version["signature"]
    columns = ", ".join(column["name"] for column in signature["columns"])
    return f"{columns} → {signature['target']}"
