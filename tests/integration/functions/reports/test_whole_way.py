"""From a file to a report: real functions over real emulators, real processes, a known dataset."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pypdf
import pytest
from flask.testing import FlaskClient

from functions.reports.adapters.typeset_process import typeset
from functions.reports.model.document import Figure, Table, blocks_of
from functions.reports.model.kind import KeptBound
from tests.integration.functions.training.conftest import Api
from tests.support.in_memory.platform import Platform, platform_of
from tests.support.processes import ROOT

FUNCTIONS = ("datasets", "training", "models", "monitoring", "prediction", "reports")
TITANIC = (ROOT / "examples" / "titanic.csv").read_bytes()


@pytest.fixture(scope="module")
def platform(
    emulators: dict[str, str], function_app: Callable[[str], FlaskClient]
) -> Iterator[Platform]:
    with platform_of(FUNCTIONS, function_app) as made:
        yield made


@pytest.fixture(scope="module")
def api(platform: Platform, key: dict[str, str]) -> Api:
    """Titanic as a dataset, and a model of it."""
    found = Api(platform, key)
    found.load(TITANIC, "ship")
    body = {"algorithms": ["logistic_regression", "lightgbm"], "seconds": 5, "folds": 3}
    assert found.train("ship", "survived", **body)["state"] == "succeeded"
    return found


def made(api: Api, **asked: Any) -> Any:
    """Ask for a report, and return it once it is there."""
    report = api.post("reports", "/reports", json=asked)
    assert report["state"] == "queued"
    api.platform.deliver_all()
    found = api.get("reports", f"/reports/{report['id']}")
    assert (found["state"], found["failure"]) == ("succeeded", None)
    return found


def file(api: Api, report: Any, kind: str) -> bytes:
    """Return a file of a report, as its path says."""
    told = report["files"][kind]
    answer = api.platform.clients["reports"].get(told["path"], headers=api.key)
    assert (answer.status_code, len(answer.data)) == (200, told["bytes"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return answer.data


def said(pdf: bytes) -> str:
    """Return what a PDF says, in words with single spaces."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


@pytest.fixture(scope="module")
def of_dataset(api: Api) -> Any:
    return made(api, dataset="ship", target="survived")


@pytest.fixture(scope="module")
def of_model(api: Api) -> Any:
    return made(api, model="ship")


def test_a_report_on_a_dataset_says_what_is_in_it(api, of_dataset):
    text = said(file(api, of_dataset, "pdf"))
    assert (of_dataset["dataset"], of_dataset["revision"]) == ("ship", 1)
    for words in (
        "Dataset ship",
        "1,309",
        "'cabin' is missing in 1,014 of 1,309 rows",
        "Missing values, by column",
        "“age”: 1,046 values",
        "How columns of numbers go together",
        "How each column goes with “survived”",
        "“survived” by “sex”",
    ):
        assert words in text, words


def test_a_report_on_a_model_says_how_it_was_made_and_how_good_it_is(api, of_model):
    text = said(file(api, of_model, "pdf"))
    assert (of_model["model"], of_model["version"], of_model["revision"]) == ("ship", 1, 1)
    sections = ["Data", "Methods", "Candidates", "Evaluation", "Certainty", "Monitoring", "Limits"]
    places = [text.index(f"{number} {name}") for number, name in enumerate(sections, 1)]
    assert places == sorted(places)
    for words in (
        "Model ship, version 1",
        "logistic regression",
        "lightgbm",
        "ROC AUC",
        "Better than guessing",
        "There are no windows of this version yet",
    ):
        assert words in text, words
    version = api.get("models", "/models/ship/versions/1")
    assert f"{version['evaluation']['metrics']['roc_auc']:.4g}" in text


@pytest.mark.parametrize("kind", ["dataset", "model"])
def test_notebook_pdf_and_page_have_the_same_figures_and_tables(api, of_dataset, of_model, kind):
    report = of_dataset if kind == "dataset" else of_model
    blocks = blocks_of(file(api, report, "notebook"))
    text, page = said(file(api, report, "pdf")), file(api, report, "html").decode()
    for sort, name in ((Figure, "Figure"), (Table, "Table")):
        found = [one for one in blocks if isinstance(one, sort)]
        assert [one.number for one in found] == list(range(1, len(found) + 1))
        assert len(found) >= 2
        for one in found:
            caption = f"{name} {one.number}: {one.caption}"
            assert caption in text, caption
        assert len(re.findall(rf">{name} \d+\. ", page)) == len(found)


@pytest.mark.parametrize("kind", ["dataset", "model"])
def test_pages_have_nothing_beyond_their_edges(api, of_dataset, of_model, kind):
    """What is set lies within the margins, on each page."""
    report = of_dataset if kind == "dataset" else of_model
    for page in pypdf.PdfReader(io.BytesIO(file(api, report, "pdf"))).pages:
        width = float(page.mediabox.width)
        ends: list[float] = []

        def note(text, matrix, text_matrix, font, size, ends=ends):
            if text.strip():
                ends.append(text_matrix[4] * matrix[0] + matrix[4])

        page.extract_text(visitor_text=note)
        assert ends
        assert min(ends) > 40
        assert max(ends) < width - 40


def test_pages_are_pictures_that_are_not_blank(api, of_model, tmp_path):
    drawn: Any = typeset(blocks_of(file(api, of_model, "notebook")), tmp_path, format="png", ppi=30)
    assert len(drawn) >= 3
    assert all(page.startswith(b"\x89PNG") and len(page) > 4000 for page in drawn)


def test_a_later_report_leaves_the_earlier_one(api, of_dataset):
    before = file(api, of_dataset, "pdf")
    row = api.get("datasets", "/datasets/ship/records?limit=1")["items"][0]["values"]
    api.post("datasets", "/datasets/ship/records", status=201, json={"values": row})
    later = made(api, dataset="ship", kinds=["pdf"])
    assert (of_dataset["revision"], later["revision"]) == (1, 2)
    assert "1,310" in said(file(api, later, "pdf"))
    assert file(api, of_dataset, "pdf") == before
    listed = api.get("reports", "/reports?dataset=ship")["items"]
    assert [one["id"] for one in listed] == [later["id"], of_dataset["id"]]


def test_who_may_only_read_has_none_made(api):
    from tests.support.callers.members import Founder  # noqa: PLC0415 - the environment is set now

    reader = Founder("readers", "unlimited").key("read")
    answer = api.platform.clients["reports"].post(
        "/reports", json={"dataset": "ship"}, headers=reader.header
    )
    assert answer.status_code == 403


def test_a_repeat_under_its_key_is_the_same_report(api):
    headers = {"Idempotency-Key": "again"}
    body = {"dataset": "ship", "kinds": ["notebook"]}
    first = api.post("reports", "/reports", json=body, headers=headers)
    assert api.post("reports", "/reports", json=body, headers=headers)["id"] == first["id"]
    api.platform.deliver_all()
    assert len(api.get("reports", "/reports?dataset=ship")["items"]) == 3


def test_where_as_many_are_kept_as_may_be_another_is_refused_and_none_goes(api, monkeypatch):
    kept = api.get("reports", "/reports?count=true")["count"]
    assert kept >= 1
    monkeypatch.setattr("functions.reports.service.reports.KEPT", KeptBound(kept))
    answer = api.post("reports", "/reports", status=409, json={"dataset": "ship"})
    assert "remove some" in answer["detail"]
    assert api.get("reports", "/reports?q=SHIP&count=true")["count"] == kept
    monkeypatch.setattr("functions.reports.service.reports.KEPT", KeptBound(kept + 1))
    api.post("reports", "/reports", json={"dataset": "ship", "kinds": ["notebook"]})
