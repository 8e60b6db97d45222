"""Templates of CloudFormation: what stands in a file, to which functions are added."""

from pathlib import Path
from typing import Any

import yaml


def load(file: Path) -> dict[str, Any]:
    """Return a template that is written in CloudFormation's long forms (`Ref:`, `Fn::Sub:`)."""
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    return found


def logical(name: str) -> str:
    """Return a name as CloudFormation has it: `prediction-grpc` is `PredictionGrpc`."""
    return "".join(word.capitalize() for word in name.split("-"))
