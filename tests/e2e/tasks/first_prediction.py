"""A first prediction by somebody new: what each step is, on the pages and in a shell."""

import csv
import io
import re

from playwright.sync_api import expect

from tests.e2e.tasks.players import InShell, OnPages

SECONDS = "2"


class ByHand(OnPages):
    """On the pages, from the first one on."""

    def bring_in_data(self) -> None:
        self.begin()
        self.press("Heart disease")
        expect(self.page.locator(".range")).to_have_text("1–25 of 303")  # noqa: RUF001 - a dash

    def start_a_training(self) -> None:
        self.follow("Train a model")
        expect(self.page.get_by_label("What to predict")).to_have_value("heart_disease")
        self.write("Or so many seconds", SECONDS)
        self.press("Start the training")
        self.page.wait_for_url("**/jobs/*")

    def see_how_good_it_is(self) -> None:
        expect(self.page).to_have_title(re.compile("^✓ "))
        self.follow("See the evaluation")
        expect(self.page.locator(".boss")).to_contain_text("of 100 right")

    def ask_it(self) -> None:
        self.follow("Try it")
        self.write("major_vessels", "3")
        self.press("Predict")
        answer = self.page.get_by_label("Answer")
        expect(answer.locator(".figure")).to_be_visible()
        expect(answer).to_contain_text("Answered by heart version 1")


class ByCommand(InShell):
    """In a shell, where each command tells the next."""

    def bring_in_data(self) -> None:
        said = self.shell.call("import", "examples/heart.csv")
        assert "303 rows" in said
        assert "./mayfly train heart --target heart_disease" in said

    def start_a_training(self) -> None:
        options = ("--target", "heart_disease", "--seconds", SECONDS, "--wait")
        assert "./mayfly predict heart FILE" in self.shell.call("train", "heart", *options)

    def see_how_good_it_is(self) -> None:
        assert "roc_auc" in self.shell.call("models", "heart")

    def ask_it(self) -> None:
        with (self.shell.folder / "examples/heart.csv").open(newline="") as source:
            lines = [row[:-1] for row, _ in zip(csv.reader(source), range(3), strict=False)]
        with (self.desk.folder / "patients.csv").open("w", newline="") as target:
            csv.writer(target).writerows(lines)
        answer = csv.DictReader(io.StringIO(self.shell.call("predict", "heart", "patients.csv")))
        assert {row["label"] for row in answer} <= {"0", "1"}
