"""Pictures of the architecture: all that they name is there, and each can be drawn."""

import functools
import importlib
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import get_args

import pytest
import yaml
from click.testing import CliRunner

from functions.kit.http.routing.step_routes import EVENTS, OVERDUE
from infra.local.cli import mayfly
from infra.local.errors import LocalError
from infra.local.pictures import diagrams
from infra.local.pictures.rooms import PARTS, drawing, reduced, rooms
from infra.local.settings import ROOT
from tests.support import drawn
from tests.support.openapi import NAMES, api_of
from tests.support.tools import lacking

SOURCES = list(diagrams.sources())
# What is no file of ours: people, other systems, machines, and stores by what is in them.
OUTSIDE = frozenset(
    {
        *("people", "programs", "operator", "mayfly", "platform", "mail", "hooks", "databases"),
        *("watchers", "documents", "files", "laptop", "home", "cluster", "ingress", "google"),
        *("aws", "balancer", "fargate", "disk", "schedules", "secrets", "eventarc", "scheduler"),
        *("accounts", "records", "jobs", "windows", "uploads", "models", "predictions"),
        *("activity", "answers", "reports"),
    }
)
COMPOSE = "docker-compose.yml"
PROFILES = {"functions", "observability"}
"""Frames around services of that file."""
ROUTE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^\s:,;]*)")
PLACE = re.compile(r"(?<![\w/{.])[a-z_]+(?:/[a-z_]+)+(?:\.\w+)?")
SETTING = re.compile(r"\bMAYFLY_[A-Z_]+")
each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


@functools.cache
def tree() -> frozenset[str]:
    """Return every file and folder of ours, from the root, with a slash before."""
    tops = ("functions", "emulators", "web", "infra", "docs", "tests", "examples")
    found = {COMPOSE, *tops}
    for top in tops:
        for path in (ROOT / top).rglob("*"):
            if not {"node_modules", "__pycache__"} & set(path.parts):
                found.add(path.relative_to(ROOT).as_posix())
    return frozenset(f"/{one}" for one in found)


@functools.cache
def sources_of(folder: str) -> str:
    """Return all Python below a folder as one text."""
    return "".join(path.read_text() for path in sorted((ROOT / folder).rglob("*.py")))


@functools.cache
def services() -> frozenset[str]:
    """Return the services of the compose file."""
    return frozenset(yaml.safe_load((ROOT / COMPOSE).read_text())["services"])


def exists(box: drawn.Box) -> bool:
    """Tell whether what a box stands for is there."""
    name = box.path[-1]
    if len(box.path) > 1 and box.path[-2].endswith(".py"):
        return f'"{name}"' in (ROOT / box.path[-2]).read_text()
    if COMPOSE in box.path[:-1]:
        return name in services() | PROFILES
    return f"/{name}" in tree() or name in OUTSIDE


def answers(place: str, method: str, path: str) -> bool:
    """Tell whether a place of the system has a route."""
    if place == "emulators/gateway" or place == "gateway":
        function, _, rest = path.removeprefix("/function/").partition("/")
        if not path.startswith("/function/"):
            return f'"/{path.split("/")[1]}/' in sources_of("emulators/gateway")
        return answers(f"functions/{function}" if function in NAMES else "any", method, f"/{rest}")
    if place == "web":
        return f'"{path}"' in sources_of("web/pages")
    function = place.removeprefix("functions/")
    for name in (function,) if function in NAMES else NAMES:
        if (method, path) in {(route.method, route.path) for route in api_of(name).routes}:
            return True
    return method == "POST" and path in {EVENTS, OVERDUE}


@each
def test_every_box_is_there(source):
    boxes = drawn.read(source.text).boxes
    assert boxes
    assert [box.path[-1] for box in boxes if not exists(box)] == []


@each
def test_arrows_are_between_boxes_that_are_drawn(source):
    picture = drawn.read(source.text)
    known = {box.path for box in picture.boxes}
    ends = {end for arrow in picture.arrows for end in (arrow.start, arrow.end)}
    assert ends - known == set()


@each
def test_routes_places_and_settings_that_are_named_are_there(source):
    picture = drawn.read(source.text)
    for arrow in picture.arrows:
        for method, path in ROUTE.findall(arrow.says):
            assert answers(arrow.end[-1], method, path), f"{arrow.end[-1]}: {method} {path}"
    said = [arrow.says for arrow in picture.arrows] + [box.says for box in picture.boxes]
    said += picture.groups
    for text in said:
        for place in PLACE.findall(text):
            assert any(one.endswith(f"/{place}") for one in tree()), place
        for setting in SETTING.findall(text):
            assert f'"{setting}"' in sources_of("functions"), setting


@each
def test_each_can_be_compiled(source, tmp_path):
    try:
        program = diagrams.program()
    except LocalError as error:
        lacking(str(error))
    shutil.copy(diagrams.SOURCES / diagrams.STYLE, tmp_path)
    file = tmp_path / "picture.d2"
    file.write_text(source.text)
    done = subprocess.run([program, "validate", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_drawn_is_all_of_it():
    whole = {source.name: drawn.read(source.text) for source in SOURCES}
    of_compose = {box.path[-1] for box in whole["deploy-compose"].boxes}
    assert services() <= of_compose
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "infra" / "knative").rglob("*.yaml")
        if path.name != "kustomization.yaml"
    }
    assert files <= {box.path[-1] for box in whole["deploy-knative"].boxes}
    parts = {f"functions/{name}" for name in NAMES}
    parts |= {f"emulators/{name}" for name in ("firestore", "storage", "broker", "gateway")}
    assert parts <= {box.path[-1] for box in whole["containers"].boxes}
    assert parts <= set(PARTS)


def test_the_states_that_are_drawn_are_those_of_their_types():
    [source] = [source for source in SOURCES if source.name == "states"]
    boxes = drawn.read(source.text).boxes
    frames = {box.path[0]: box.says for box in boxes if len(box.path) == 1}
    assert len(frames) > 5
    for file, says in frames.items():
        module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
        words = get_args(getattr(module, says.split(": ")[1]))
        assert {box.path[1] for box in boxes if box.path[0] == file and box.path[1:]} == set(words)


def test_each_picture_is_told_on_the_page():
    told = re.findall(
        r"^\| `([\w-]+)` \|", (diagrams.SOURCES / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(told) == sorted(source.name for source in SOURCES)


def test_rooms_are_packages_by_what_they_say_of_themselves():
    found = dict(rooms("functions/training"))
    assert found["functions/training/learning/graph"].startswith("The ONNX file")
    boxes = drawn.read(drawing("functions/training")).boxes
    assert {box.path[-1] for box in boxes} == found.keys() - {"functions/training"}
    alone = drawn.read(drawing("emulators/broker")).boxes
    assert [box.path for box in alone] == [("emulators/broker",)]


@pytest.mark.parametrize(
    ("graph", "left"),
    [
        ({"a": "bc", "b": "c", "c": ""}, {"a": {"b"}, "b": {"c"}, "c": set()}),
        ({"a": "b", "b": "a"}, {"a": {"b"}, "b": {"a"}}),
        ({"a": "bc", "b": "ac", "c": ""}, {"a": {"b", "c"}, "b": {"a", "c"}, "c": set()}),
    ],
)
def test_an_arrow_that_follows_from_others_is_left_out(graph, left):
    assert reduced(graph) == left


@pytest.mark.parametrize("line", ["a <- b", "a -> b -> c", "a | b", "a -> b: c; d"])
def test_a_line_that_is_not_understood_is_an_error(line):
    with pytest.raises(AssertionError, match="line 2"):
        drawn.read(f"a\n{line}")


def test_what_is_wrong_is_seen():
    source = 'functions/gone: x\nfunctions/training\nweb -> functions/training: "POST /nothing"'
    picture = drawn.read(source)
    assert [exists(box) for box in picture.boxes] == [False, True]
    assert not answers("functions/training", "POST", "/nothing")
    assert not answers("emulators/gateway", "POST", "/nothing/{name}")
    assert not answers("web", "POST", "/nothing")


def test_a_picture_is_drawn_light_and_dark(tmp_path):
    try:
        diagrams.program()
    except LocalError as error:
        lacking(str(error))
    done = CliRunner().invoke(mayfly, ["pictures", "sequence-quota", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    light, dark = (tmp_path / f"sequence-quota-{theme}.svg" for theme in diagrams.THEMES)
    assert "caller with a plan" in light.read_text()
    assert light.read_text() != dark.read_text()


def test_what_cannot_be_drawn_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(diagrams, "program", lambda: "/bin/false")
    with pytest.raises(LocalError, match="odd cannot be drawn"):
        diagrams.draw(diagrams.Source("odd", "x -> "), Path(tmp_path / "x.svg"), "light")
    monkeypatch.undo()
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(LocalError, match="no d2"):
        diagrams.program()
    unknown = CliRunner().invoke(mayfly, ["pictures", "nothing"])
    assert unknown.exit_code == 2
    assert "context" in unknown.output
