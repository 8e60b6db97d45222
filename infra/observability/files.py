"""Everything that is read by the tools, as files: made, never kept in the repository."""

import json
import shutil
from pathlib import Path
from typing import Any

from infra.observability import grafana, scraping
from infra.observability.dashboards.catalogue import ALL
from infra.observability.dashboards.panels import model
from infra.observability.targets import Targets

RULES = Path(__file__).parent / "rules"
PROMETHEUS, ALERTMANAGER, DASHBOARDS = "prometheus.yml", "alertmanager.yml", "grafana/dashboards"


def write(
    folder: Path, targets: Targets, seen_as: Path | None = None, interval: str = scraping.INTERVAL
) -> list[Path]:
    """Write the files; return where they are.

    Args:
        folder: is made where it is missing; what lies there under the same names is replaced.
        targets: where the parts are.
        seen_as: the folder's name for who reads it, where that is another (a container).
        interval: between two scrapes.
    """
    dashboards = (seen_as or folder.absolute()) / DASHBOARDS
    documents: dict[str, Any] = {
        PROMETHEUS: scraping.prometheus(targets, interval),
        ALERTMANAGER: scraping.alertmanager(targets),
        "grafana/provisioning/datasources/mayfly.yaml": grafana.datasources(targets),
        "grafana/provisioning/dashboards/mayfly.yaml": grafana.providers(str(dashboards)),
        **{f"{DASHBOARDS}/{one.uid}.json": model(one) for one in ALL},
    }
    # JSON is YAML, too: whoever reads one reads the other, and no library is needed here.
    made = [_write(folder / name, json.dumps(text, indent=2)) for name, text in documents.items()]
    rules = folder / "rules"
    rules.mkdir(parents=True, exist_ok=True)
    return made + [Path(shutil.copy(rule, rules)) for rule in sorted(RULES.glob("*.yaml"))]


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")
    return path
