"""What is asked of a training: which data, in which roles, split how, tried for how long."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Role
from functions.kit.contract.requests.names import DatasetId, ModelName
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model.task import LONGEST_LABEL

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Label = Annotated[str, Meta(max_length=LONGEST_LABEL)]
MOST_COLUMNS = 1000
Weights = Annotated[dict[Label, Annotated[float, Meta(gt=0)]], Meta(max_length=1000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Budget = Literal["fast", "balanced", "thorough"]
# Seconds of each budget.
BUDGETS: dict[Budget, float] = {"fast": 15.0, "balanced": 60.0, "thorough": 600.0}


class Split(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How rows are held out, and folds made.

    Attributes:
        by: "record": each row by a stable hash of what it holds; "group": rows of one value of
            `column` stay on one side; "time": the latest by `column` are held out, and each fold
            is tested on what comes after what it was fitted on.
        column: by default the one whose role is that.
    """

    by: Literal["record", "group", "time"] = "record"
    column: Name | None = None


class Goal(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the threshold between two classes is chosen for, on out-of-fold predictions.

    Attributes:
        best: the measure that is to be highest, or the cost that is to be lowest.
        at: the least precision, or recall, where `best` names one.
        costs: of a missed positive and of a false alarm.
    """

    best: Literal["f1", "recall_at_precision", "precision_at_recall", "cost"]
    at: Share | None = None
    costs: tuple[float, float] | None = None


class FeatureRecipe(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A feature made of columns.

    Attributes:
        name: what it is called in importances.
        make: how.
        of: the columns, two of them where a ratio, difference or sum is made.
        edges: of the buckets, rising.
        pattern: the regular expression (RE2's syntax) that a text is matched with.
    """

    name: Name
    make: Literal["ratio", "difference", "sum", "bucket", "pattern", "length", "is_missing"]
    of: Annotated[list[Name], Meta(min_length=1, max_length=2)]
    edges: Annotated[list[float], Meta(max_length=100)] = []
    pattern: Annotated[str, Meta(max_length=200)] = ""


class TrainingSpec(msgspec.Struct, forbid_unknown_fields=True):
    """What shapes the data of a job.

    Attributes:
        holdout: share of the rows that only the final evaluation sees.
        seed: makes splits and algorithms repeatable.
        task: overrules what the target's values suggest (whole numbers: classes or a quantity?).
        positive: of two classes, the one whose probability matters; the rarer one by default.
        columns: all that may be used; every column but the target by default.
        roles: overrule the roles that columns have in the dataset.
        measure: what decides between candidates; by default the task's.
        split: how rows are held out and folds made.
        class_weight: "balanced" lets every class count alike; or a weight for each label.
        goal: what the threshold between two classes is chosen for.
        calibrate: whether probabilities are mended; "auto" where that lowers the log loss.
        tiny_classes: what becomes of a class with too few rows for the folds.
        recipes: features to make of columns.
    """

    target: Name
    holdout: Annotated[float, Meta(ge=0.05, le=0.5)] = 0.2
    folds: Annotated[int, Meta(ge=2, le=20)] = 5
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    task: Task | None = None
    positive: Label | None = None
    columns: Annotated[list[Name], Meta(min_length=1, max_length=MOST_COLUMNS)] | None = None
    roles: Annotated[dict[Name, Role], Meta(max_length=MOST_COLUMNS)] = {}
    measure: Annotated[str, Meta(max_length=40)] | None = None
    split: Split = Split()
    class_weight: Literal["balanced"] | Weights | None = None
    goal: Goal | None = None
    calibrate: Literal["auto", "none", "sigmoid", "isotonic"] = "auto"
    tiny_classes: Literal["leave_out", "group", "refuse"] = "leave_out"
    recipes: Annotated[list[FeatureRecipe], Meta(max_length=100)] = []


class JobRequest(TrainingSpec, kw_only=True):
    """What to train.

    Attributes:
        model: the model to give a new version to; the dataset's name by default.
        candidates: what to try, and nothing else; by default the search chooses for the budget.
        algorithms: those that the search may try; what cannot do the task is passed over.
        budget: about how long to search, on two cores for 10,000 rows: 15 s, 60 s, 10 minutes.
        seconds: to search for, instead of the budget's.
        trials: candidates to try at most, instead of the budget's.
        ensemble: whether the best may be a weighted mean of several.
        refit: whether what is served learns from all rows, the held-out ones among them, after it
            was measured without these.
        new_line: whether a version may differ from the model's earlier ones in what it takes and
            gives.
    """

    dataset: DatasetId
    model: ModelName | None = None
    candidates: Annotated[list[Choice], Meta(min_length=1, max_length=20)] | None = None
    algorithms: Annotated[list[Name], Meta(min_length=1, max_length=20)] | None = None
    budget: Budget = "fast"
    seconds: Annotated[float, Meta(ge=1, le=86_400)] | None = None
    trials: Annotated[int, Meta(ge=1, le=1000)] | None = None
    ensemble: bool = True
    refit: bool = True
    new_line: bool = False

    @property
    def search_seconds(self) -> float | None:
        """Seconds after which the search ends; None: a list of one's own is tried to its end."""
        if self.seconds is not None or self.candidates is not None:
            return self.seconds
        return BUDGETS[self.budget]
