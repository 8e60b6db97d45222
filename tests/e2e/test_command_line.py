"""From a file to a model that serves, and back, by commands alone, of a Mayfly elsewhere."""

import csv
import json
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.support.processes import wait_until
from tests.support.shell import Shell

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TITANIC = ROOT / "examples/titanic.csv"
ROWS = 20
QUICK = ("--trials", "2", "--seconds", "5", "--wait")


@pytest.fixture(scope="module")
def shell(stack, tmp_path_factory):
    with stack.newcomer(plan="unlimited") as client:
        token = client.headers["Authorization"].removeprefix("Bearer ")
        yield Shell(stack, token, tmp_path_factory.mktemp("shell"))


@pytest.fixture(scope="module")
def model(shell):
    """A model with a version, made by commands."""
    dataset = shell.json("import", TITANIC, "--name", "voyage")
    assert (dataset["id"], dataset["state"], dataset["rows"]) == ("voyage", "ready", 1309)
    job = shell.json("train", "voyage", "--target", "survived", *QUICK)
    assert (job["state"], job["version"]) == ("succeeded", 1)
    return "voyage"


@pytest.fixture(scope="module")
def file(shell):
    """A few of the passengers, without what came of them."""
    with TITANIC.open(newline="") as source, (shell.folder / "few.csv").open("w") as target:
        rows = [row[:-1] for row, _ in zip(csv.reader(source), range(ROWS + 1), strict=False)]
        csv.writer(target).writerows(rows)
    return shell.folder / "few.csv"


def test_from_a_file_to_labels(shell, model, file):
    # Given predictions in a file
    told = shell.json("predict", model, file, "-o", "out.csv")
    with (shell.folder / "out.csv").open(newline="") as found:
        rows = list(csv.DictReader(found))
    assert [row["id"] for row in rows] == [f"{told['id']}-{place}" for place in range(ROWS)]
    assert {row["label"] for row in rows} <= {"0", "1"}

    # When their labels are sent
    lines = "".join(f"{row['id']},{row['label']}\n" for row in rows)
    (shell.folder / "truth.csv").write_text(f"id,truth\n{lines}")
    sent = shell.json("labels", model, "truth.csv", "--label", "truth")

    # Then each finds its prediction, at once or once that has been logged
    assert sent["labels"] == sent["matched"] + sent["waiting"] == ROWS
    again = ("labels", model, "truth.csv", "--label", "truth")
    wait_until(lambda: shell.json(*again)["matched"] == ROWS, what="the log of predictions")


def test_a_version_is_promoted_and_rolled_back(shell, model, file):
    job = shell.json("train", model, "--target", "survived", "--seed", "1", *QUICK)
    number = job["version"]
    assert shell.json("models", model)["aliases"] == {"champion": 1}
    assert f"champion of {model} is version {number}" in shell.call("promote", model, number)
    wait_until(lambda: serves(shell, model, file) == number, what="the promotion")
    shadowed = shell.json("traffic", model, "--shadow", "1")
    assert (shadowed["shares"], shadowed["shadows"]) == ({str(number): 100}, [1])
    assert shell.json("rollback", model)["aliases"] == {"champion": 1}
    wait_until(lambda: serves(shell, model, file) == 1, what="the rollback")
    assert shell.json("traffic", model)["shares"] == {"1": 100}
    shell.call("jobs", "delete", job["id"])
    assert job["id"] not in {one["id"] for one in shell.json("jobs")}


def serves(shell, model, file):
    return shell.json("predict", model, file)["version"]


def test_many_rows_go_as_a_batch_and_mean_the_same(shell, model, file):
    call = shell.json("predict", model, file)["predictions"]
    told = shell.json("predict", model, TITANIC, "-o", "out.parquet", "--join")
    table = parquet.read_table(shell.folder / "out.parquet")
    assert told["rows"] == table.num_rows == 1309
    assert {"sex", "label", "problem"} <= set(table.column_names)
    assert table["label"].to_pylist()[:ROWS] == [one["label"] for one in call]
    line = json.dumps(dict(zip(table.column_names[1:11], [3, "x"], strict=False)) | {
        "sex": "male", "sibsp": 0, "parch": 0, "ticket": "1",
    })  # fmt: skip
    assert shell.json("predict", model, "-", given=line)["predictions"][0]["label"] in {"0", "1"}


def test_what_was_exported_is_imported_again_and_grows(shell, model):
    shell.call("export", model, "-o", "copy.parquet")
    copy = shell.json("import", "copy.parquet", "--name", "copy")
    assert copy["rows"] == 1309
    grown = shell.json("import", "copy.parquet", "--append")
    assert (grown["state"], grown["report"]["new"]) == ("done", 1309)
    shell.call("export", model, "-o", "model.onnx")
    assert (shell.folder / "model.onnx").stat().st_size > 1000
    assert "say --kind" in shell.call("export", model, code=2)


def test_what_is_misspelt_is_told_with_the_nearest(shell, model, file):
    for words, said in (
        (("train", "voyge", "--target", "survived"), "Did you mean 'voyage'?"),
        (("train", model, "--target", "survivd"), "Did you mean 'survived'?"),
        (("predict", "voyag", file), "Did you mean 'voyage'?"),
        (("import", file, "--name", "voyages", "--append"), "Did you mean 'voyage'?"),
        (("promote", model, 99), f"See ./mayfly models {model}"),
        (("labels", model, file), "few.csv has no column 'id'."),
    ):
        assert said in shell.call(*words, code=1)


def test_the_pages_are_opened_signed_in(shell, stack):
    assert shell.json("open")["url"].startswith(f"{stack.web_url}/sign-in/link?token=")


def test_nothing_of_it_needs_a_home(shell, model):
    assert not (shell.folder / "none").exists()


def test_a_version_and_a_table_are_written_up(shell, model):
    of_version = shell.json("report", f"{model}@1", "-o", "version.pdf")
    assert (of_version["model"], of_version["version"]) == (model, 1)
    pdf = (shell.folder / "version.pdf").read_bytes()
    assert (pdf[:5], len(pdf)) == (b"%PDF-", of_version["bytes"])
    of_table = shell.json("report", model, "--of", "dataset", "--kind", "notebook", "--wait")
    assert (of_table["state"], [*of_table["files"]]) == ("succeeded", ["notebook"])
