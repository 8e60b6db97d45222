"""What a recipe copies reaches the engine: .dockerignore lets it through."""

import re
import subprocess
from pathlib import Path

import pytest

from infra.local.settings import ROOT
from infra.local.targets import images
from infra.local.targets.asked import Asked
from infra.local.targets.aws import planning
from tests.support.tools import wheel_program

RECIPES = sorted(
    path
    for path in ROOT.rglob("Dockerfile")
    if not {".venv", "node_modules", ".mayfly"} & set(path.relative_to(ROOT).parts)
)


def copied(recipe: Path) -> list[str]:
    """Return what a recipe takes from the context, cut before the first variable."""
    lines = (line.split() for line in recipe.read_text().splitlines())
    found = [word for words in lines if words[:1] == ["COPY"] for word in _sources(words)]
    return [word.partition("${")[0].rstrip("/") for word in found]


def _sources(words: list[str]) -> list[str]:
    return [] if words[1].startswith("--from") else words[1:-1]


def let_through() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*", "nothing but what is named"
    return [line[1:] for line in lines if line.startswith("!")]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_copied_is_in_the_context(recipe: Path) -> None:
    sources = copied(recipe)
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(Path(source).is_relative_to(top) for top in let_through()), source


def test_every_build_names_a_recipe_that_there_is(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(planning, "check", lambda _: None)
    asked = Asked(tmp_path, registry="r.example/mayfly", region="r")
    steps = (*asked.builds(images.ALL), *planning.on_lambda(asked).steps)
    named = {step.words[step.words.index("-f") + 1] for step in steps if "build" in step.words}
    assert {ROOT / name for name in named} == {
        path for path in RECIPES if "observability" not in path.parts
    }


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: str(path.relative_to(ROOT)))
def test_hadolint_finds_nothing_wrong(recipe: Path) -> None:
    done = subprocess.run(
        [wheel_program("hadolint"), "--no-color", str(recipe)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_hadolint_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM python:latest\nRUN cd /tmp && apt-get install curl\n")
    done = subprocess.run(
        [wheel_program("hadolint"), str(wrong)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert {"DL3003", "DL3007", "DL3008"} <= set(re.findall(r"DL\d{4}", done.stdout))


def test_images_of_parts_share_the_layer_of_one_base() -> None:
    """The engine knows a layer again by the very words that made it."""
    base = re.compile(r"^FROM \S+ AS base\n.*?\n\n", re.MULTILINE | re.DOTALL)
    recipes = [
        (ROOT / part / "Dockerfile").read_text() for part in ("functions", "emulators", "web")
    ]
    bases = [base.findall(recipe) for recipe in recipes]
    assert bases[0]
    assert bases[0] == bases[1] == bases[2]
    for recipe in recipes:
        _, final = recipe.split("FROM scratch\n")
        words = [line for line in final.splitlines() if line.startswith(("ADD", "COPY", "RUN"))]
        assert words[0] == "COPY --from=base / /"
        assert all(line.startswith("COPY --from=") for line in words), "another moment each time"
