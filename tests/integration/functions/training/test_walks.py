"""The walks of docs/architecture.md, followed for real: what runs is listed, and the reverse."""

import re
import uuid

import pytest

from tests.integration.functions.training.conftest import Api
from tests.integration.functions.training.test_jobs import QUICK
from tests.support.processes import ROOT
from tests.support.traced import traced

PAGE = ROOT / "docs" / "architecture.md"
MOST = {"upload": 34, "prediction": 19, "training": 39}
# Everything that runs is traced, which is slow: some of the rows do.
TITANIC = b"".join((ROOT / "examples" / "titanic.csv").read_bytes().splitlines(True)[:300])
PASSENGER = {
    "pclass": 1,
    "name": "Miss A",
    "sex": "female",
    "age": 29,
    "sibsp": 0,
    "parch": 0,
    "ticket": "113",
    "fare": 100.0,
    "cabin": None,
    "embarked": "S",
}


def walk(of: str) -> list[str]:
    """Return the files, and rooms (`…/`), of a walk, from the root, in the order of the page."""
    _, section = PAGE.read_text().split(f"## Walk: {of}\n")
    linked = r"\]\(\.\./(functions/[^)]+(?:\.py|/))\)"
    return re.findall(linked, section.partition("\n## ")[0])


def covers(listed: str, file: str) -> bool:
    """Tell whether what a walk lists is the file, or a room that it lies in."""
    return file.startswith(listed) if listed.endswith("/") else file == listed


def upload(api: Api, name: str) -> None:
    api.load(TITANIC, name)


def training(api: Api, name: str) -> None:
    body = {"dataset": name, "target": "survived", "model": name, **QUICK}
    api.post("training", "/jobs", json=body)
    api.platform.deliver_all()


def prediction(api: Api, name: str) -> None:
    api.post("prediction", f"/models/{name}/predict", 200, json={"records": [PASSENGER]})


@pytest.fixture(scope="module")
def name() -> str:
    return f"walked-{uuid.uuid4().hex[:8]}"


@pytest.mark.parametrize("of", MOST)
def test_a_walk_is_short_and_names_each_file_once(of: str) -> None:
    files = walk(of)
    assert 0 < len(files) <= MOST[of]
    assert len(files) == len(set(files))


def test_what_runs_is_what_the_page_lists(api: Api, name: str) -> None:
    """One after the other: a model is trained on what was uploaded, and predicts."""
    for follow, part in ((upload, "datasets"), (training, "training"), (prediction, "prediction")):
        api.get(part, "/openapi.json")  # which the client asks for once, to hold answers to it
        with traced() as ran:
            follow(api, name)
        listed = set(walk(follow.__name__))
        own = {file for file in ran if file.startswith(f"functions/{part}/")}
        own -= {f"functions/{part}/main.py"}
        unlisted = {file for file in own if not any(covers(one, file) for one in listed)}
        assert unlisted == set(), follow.__name__
        idle = {one for one in listed if not any(covers(one, file) for file in ran)}
        assert idle == set(), follow.__name__
