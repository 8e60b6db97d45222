"""How a Grafana finds its data and its dashboards by itself."""

from typing import Any

from infra.observability.dashboards.panels import DATASOURCE
from infra.observability.targets import Targets


def datasources(targets: Targets) -> dict[str, Any]:
    """Return the provisioning of the one source of data."""
    address = f"http://{targets.prometheus}"
    source = {**DATASOURCE, "name": "Mayfly", "url": address, "access": "proxy", "isDefault": True}
    return {"apiVersion": 1, "datasources": [source]}


def providers(folder: str) -> dict[str, Any]:
    """Return the provisioning of the dashboards in a folder, as Grafana sees it."""
    provider = {
        "name": "Mayfly",
        "folder": "Mayfly",
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": folder},
    }
    return {"apiVersion": 1, "providers": [provider]}
