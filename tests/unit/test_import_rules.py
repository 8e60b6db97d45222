"""Who may import whom. Parts meet on the wire; a shared import would tie them together."""

from pathlib import Path

import pytest

from tests.support.imports import ROOT, imported, is_in

OURS = {"functions", "emulators", "web", "infra", "benchmarks", "examples", "tests"}
# The launcher makes the first key; its commands call functions where a template says they are.
LAUNCHER_MAY = {
    "functions.kit.adapters.api_keys",
    "functions.kit.adapters.config",  # the error that a wrong template is
    "functions.kit.adapters.calls.function_addresses",
    "functions.kit.adapters.calls.ingress",
    "functions.kit.adapters.calls.retries",
    "functions.kit.contract.access.api_key",
    "functions.kit.lazy",  # libraries that two commands alone need
    "functions.kit.contract.models.own_models",  # the key that such a model is deployed with
}


def sources() -> list[Path]:
    found = [path for part in sorted(OURS - {"tests"}) for path in (ROOT / part).rglob("*.py")]
    return [path for path in found if "node_modules" not in path.parts]


def home(path: Path) -> str:
    """Return the part that a file belongs to: functions.datasets, emulators.gateway, web, ..."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    depth = 2 if parts[0] in {"functions", "emulators", "infra"} and len(parts) > 2 else 1
    return ".".join(parts[:depth])


def may_import(part: str, module: str) -> bool:
    """Tell whether a file of `part` may import `module`, one of ours."""
    if is_in(module, part):
        return True
    if part.startswith("functions.") and part != "functions.kit":
        return is_in(module, "functions.kit")
    if part.startswith("emulators.") and part != "emulators.kit":
        return is_in(module, "emulators.kit")
    if part == "infra.local":
        return any(is_in(module, allowed) for allowed in LAUNCHER_MAY)
    return part == "benchmarks"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stay_within_the_rules(path: Path) -> None:
    part = home(path)
    ours = [name for name in imported(path.read_text()) if name.partition(".")[0] in OURS]

    assert [name for name in ours if not may_import(part, name)] == []


@pytest.mark.parametrize(
    ("part", "module", "allowed"),
    [
        ("functions.datasets", "functions.kit.http.api", True),
        ("functions.datasets", "functions.datasets.model.files.csv_rows", True),
        ("functions.datasets", "functions.models.service.registry", False),
        ("functions.datasets", "web.main", False),
        ("functions.kit", "functions.datasets.model.files.csv_rows", False),
        ("emulators.gateway", "emulators.storage.service.objects", False),
        ("emulators.gateway", "functions.kit.adapters.calls.step_tokens", False),
        ("emulators.storage", "emulators.storage.service.objects", True),
        ("emulators.storage", "emulators.kit.door", True),
        ("emulators.kit", "emulators.storage.service.objects", False),
        ("web", "emulators.kit.door", False),
        ("web", "functions.kit.http.api", False),
        ("infra.local", "functions.kit.adapters.api_keys", True),
        ("infra.local", "functions.kit.adapters.calls.step_tokens", False),
        ("infra.local", "emulators.storage.service.objects", False),
    ],
)
def test_the_rules_themselves(part: str, module: str, *, allowed: bool) -> None:
    assert may_import(part, module) is allowed


def test_an_import_inside_a_function_is_seen() -> None:
    source = "def f():\n    from functions import models\n    import web.main\n"

    assert list(imported(source)) == ["functions.models", "web.main"]
