"""A backup of a Mayfly that is being written to, and a home made of it that answers as before."""

import csv
import json
import threading
from pathlib import Path

import pytest

from benchmarks.stack import Stack
from tests.support.processes import wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RECORDS = "/datasets/datasets/notes/records"


def call(stack, *words):
    done = stack.mayfly(*map(str, words))
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


class Writer(threading.Thread):
    """Adds one note after the other, and counts those that were asked for and acknowledged."""

    def __init__(self, stack):
        super().__init__()
        self._client = stack.client()
        self.asked = self.acknowledged = 0
        self.refused = []
        self.is_over = threading.Event()

    def run(self):
        with self._client:
            while not self.is_over.is_set():
                self.asked += 1
                said = self._client.post(RECORDS, json={"values": {"number": self.asked}})
                self.refused += [] if said.status_code == 201 else [said.text]
                self.acknowledged += 1


def test_a_backup_of_what_runs_is_one_moment_and_predicts_as_before(
    own_stack, tmp_path, tmp_path_factory
):
    # Given a model that serves, predictions of it, and somebody who writes all the time
    few = tmp_path / "few.csv"
    few.write_text("".join((ROOT / "examples/titanic.csv").read_text().splitlines(True)[:40]))
    call(own_stack, "import", ROOT / "examples/titanic.csv")
    words = ("--target", "survived", "--trials", "2", "--seconds", "3", "--wait")
    call(own_stack, "train", "titanic", *words)
    before = predictions(own_stack, few, tmp_path / "before.csv")
    (tmp_path / "notes.csv").write_text("number\n0\n")
    call(own_stack, "import", tmp_path / "notes.csv")
    writer = Writer(own_stack)
    writer.start()
    try:
        wait_until(lambda: writer.acknowledged > 20, what="writing")

        # When all is written to an archive
        acknowledged = writer.acknowledged
        told = json.loads(call(own_stack, "backup", tmp_path / "all.tar.gz", "--json"))
        asked = writer.asked
        wait_until(lambda: writer.acknowledged > asked + 20, what="writing after it")
    finally:
        writer.is_over.set()
        writer.join()

    # Then nobody was refused, and a home made of it has what was acknowledged, in order
    assert writer.refused == []
    assert told["bytes"] == (tmp_path / "all.tar.gz").stat().st_size
    restored = Stack(tmp_path_factory.mktemp("restored") / "home")
    call(restored, "restore", tmp_path / "all.tar.gz")
    assert restored.key == own_stack.key
    restored.up()
    try:
        numbers = notes(restored)
        assert acknowledged <= len(numbers) - 1 <= asked
        assert numbers == list(range(len(numbers)))
        assert predictions(restored, few, tmp_path / "after.csv") == before
    finally:
        restored.down()


def test_a_home_at_rest_is_backed_up_too_and_one_that_is_in_use_is_not_overwritten(
    own_stack, tmp_path
):
    own_stack.down()
    call(own_stack, "backup", tmp_path / "rest.tar.gz")
    assert "is whole" in call(own_stack, "restore", "--check", tmp_path / "rest.tar.gz")
    refused = own_stack.mayfly("restore", str(tmp_path / "rest.tar.gz"))
    assert refused.returncode == 1
    assert "is not an empty folder; nothing was changed." in refused.stderr


def predictions(stack, file, out):
    """Return what the champion says, without the ids of its answers."""
    call(stack, "predict", "titanic", file, "-o", out)
    with out.open(newline="") as found:
        rows = list(csv.DictReader(found))
    assert len(rows) == 39
    return [{key: value for key, value in row.items() if key != "id"} for row in rows]


def notes(stack):
    with stack.client() as client:
        exported = client.get("/datasets/datasets/notes/export.csv").text
    return [int(row["number"]) for row in csv.DictReader(exported.splitlines())]
