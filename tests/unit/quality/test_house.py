"""What must never get into the repository, and what every part must have."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
LARGEST = 1 << 20
SIDE_BY_SIDE = 22  # modules in one folder
# Split, so that this file does not hold what it looks for.
MACHINE = re.compile("|".join(["/" + "work/", "/" + "root/", "/" + "home/[a-z]", "/" + "Users/"]))
REGISTRY = re.compile(
    r"(?:index-url|find-links|extra-index|trusted-host|registry)\s*[=:]\s*\S*//"
    r"|\"resolved\":\s*\"http"
    r"|(?:pypi|pythonhosted)[.]org|registry[.]npmjs|docker[.]io/|(?:gcr|ghcr|quay)[.]io"
    r"|^\s*FROM\s+[\w.-]+\.[a-z]{2,}(?::\d+)?/",
    re.IGNORECASE | re.MULTILINE,
)
SECRET = re.compile(
    r"mf_[\w-]{43}|mf[ks]_[0-9A-Za-z]{49}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}"
)
# The module that serves a part on its own, and the packages that share one README.
PARTS = ["emulators/storage", "emulators/broker", "emulators/firestore", "emulators/gateway"]
PARTS += ["functions/kit", "functions/datasets", "functions/training", "functions/models"]
PARTS += ["functions/accounts", "functions/prediction", "functions/reports", "web"]
PARTS += ["infra/local"]


def tracked() -> list[Path]:
    """Return the files that git holds, or would on the next `add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert Path(__file__).resolve() in found, "git lists other files"
    return [path for path in found if path.is_file()]


def texts() -> dict[str, str]:
    found = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            found[str(path.relative_to(ROOT))] = content.decode()
    return found


@pytest.mark.parametrize(
    ("what", "pattern"), [("machine path", MACHINE), ("registry", REGISTRY), ("secret", SECRET)]
)
def test_the_repository_holds_no(what: str, pattern: re.Pattern[str]) -> None:
    hits = [f"{name}: {hit[0]}" for name, text in texts().items() for hit in pattern.finditer(text)]

    assert hits == []


def test_no_file_is_large_or_made_by_a_machine() -> None:
    large = [str(path) for path in tracked() if path.stat().st_size > LARGEST]
    vendored = [str(path) for path in tracked() if re.search(r"\.min\.(js|css)$", path.name)]

    assert large == []
    assert vendored == []


def test_each_package_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_each_folder_of_product_code_is_a_package() -> None:
    folders = {path.parent for path in tracked() if path.suffix == ".py"}
    bare = [
        str(folder.relative_to(ROOT))
        for folder in folders
        if folder.relative_to(ROOT).parts[:1] not in [("tests",), ("examples",)]
        and not (folder / "__init__.py").exists()
    ]

    assert bare == []


def test_no_folder_holds_more_modules_than_one_looks_over() -> None:
    """More of them are rooms (docs/adr/0019-rooms-by-layer.md)."""
    modules = [path for path in tracked() if path.suffix == ".py" and path.name != "__init__.py"]
    tests = ROOT / "tests"
    held = Counter(path.parent for path in modules if not path.name.startswith("test_"))
    crowded = {
        str(folder.relative_to(ROOT)): count
        for folder, count in held.items()
        if count > SIDE_BY_SIDE
    }

    assert held[tests / "support"] >= 5
    assert crowded == {}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_a_readme_and_names_its_dependencies(part: str) -> None:
    assert (ROOT / part / "README.md").is_file()
    assert (ROOT / part / "requirements.txt").is_file()


def test_requirements_lock_pins_every_direct_dependency() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = {match[1].lower() for match in re.finditer(r"^([\w.-]+)==", lock, re.MULTILINE)}
    direct = {
        re.sub(r"[-_.]+", "-", name).lower()
        for path in ROOT.glob("*/**/requirements.txt")
        if ".venv" not in path.parts and "node_modules" not in path.parts
        for name in re.findall(r"^([A-Za-z][\w.-]*)", path.read_text(), re.MULTILINE)
    }

    assert {"flask", "click"} <= direct <= pinned


def test_every_yaml_file_can_be_read() -> None:
    found = {name: text for name, text in texts().items() if name.endswith((".yaml", ".yml"))}
    assert "docker-compose.yml" in found
    for text in found.values():
        assert any(yaml.safe_load_all(text))
