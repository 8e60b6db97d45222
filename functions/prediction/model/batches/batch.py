"""A batch: what is asked for and what is kept of it."""

import datetime as dt
from typing import Annotated, Literal

import msgspec

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.requests.names import DatasetId

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Form = Literal["parquet", "csv"]
SourceForm = Literal["parquet", "csv", "jsonl"]
ENDED: frozenset[State] = frozenset(("succeeded", "failed", "cancelled"))

PART_ROWS = 50_000
"""Rows of a part, about: some hundred milliseconds of work."""
MOST_PARTS = 1_000
"""Of a batch: what is known of them has room in one document."""
MOST_REFUSALS = 20
"""Rows without a prediction that a batch tells of by itself; its file tells of all."""
LONGEST_REASON = 500


class Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What comes out.

    Attributes:
        form: of the file.
        join: whether it has the columns of the input, too, before those of the predictions.
    """

    form: Form = "parquet"
    join: bool = False


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for: predictions for the rows of a dataset.

    Attributes:
        dataset: whose current revision is predicted for.
        revision: that it must have, if it is given.
        version: that predicts; else the one that `alias` names when the batch is taken.
        alias: as just said.
        output: what comes out.
    """

    dataset: DatasetId
    revision: Annotated[int, msgspec.Meta(ge=0)] | None = None
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    alias: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    output: Output = Output()


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the rows come from.

    Attributes:
        dataset: whose rows they are; empty for a file that was sent.
        revision: of the dataset; the one that it must have, or once the batch runs, that it had.
        path: of the file in the bucket; empty until it is known.
        form: of that file.
        name: of a file that was sent, as its sender calls it; empty where that was not said.
    """

    dataset: str = ""
    revision: int | None = None
    path: str = ""
    form: SourceForm = "parquet"
    name: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """A row that has a problem instead of a prediction.

    Attributes:
        row: its place in the input, from 1.
        reason: what is wrong with it.
    """

    row: int
    reason: str


class Part(msgspec.Struct, frozen=True):
    """Rows that are predicted for together.

    Attributes:
        path: the Parquet file that they are in.
        group: the first of its row groups that has some of them.
        groups: how many have some.
        offset: rows of the first group that are not theirs.
        row: the place of the first row in the whole input, from 0.
        rows: how many.
        done: the object that has what was predicted; empty until that is there.
        refused: rows that have a problem there instead of a prediction.
    """

    path: str
    group: int
    groups: int
    offset: int
    row: int
    rows: int
    done: str = ""
    refused: int = 0


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch.

    Attributes:
        id: in its workspace.
        model: that predicts.
        uid: of the model, which tells it from another of its name.
        version: that predicts.
        account: the id of the account that asked; empty for functions.
        plan: that the account had then.
        by: what the caller was called.
        asked: which alias or version, and which revision, the caller named.
        source: where the rows come from.
        output: what comes out.
        rows: how many there are; None until that is known.
        parts: the rows, cut; none until they are.
        refusals: the first rows that have a problem, of the parts that are done; 20 at most.
        attempts: how often the first step began.
        path: of the file that came out; empty until it is there.
        bytes: of that file.
        keeps_files: whether there are files left that only its own steps needed.
        removed: it is to go, with all its files.
    """

    id: str
    workspace: str = MAIN
    model: str
    uid: str
    version: int
    account: str
    plan: str
    by: str
    asked: str = ""
    source: Source
    output: Output
    state: State = "queued"
    rows: int | None = None
    parts: list[Part] = []
    refusals: list[Refusal] = []
    attempts: int = 0
    failure: str | None = None
    path: str = ""
    bytes: int = 0
    keeps_files: bool = True
    removed: bool = False
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    @property
    def ended(self) -> bool:
        """Whether nothing more is predicted."""
        return self.state in ENDED

    @property
    def undone(self) -> list[int]:
        """The places of the parts that are not predicted for yet."""
        return [place for place, part in enumerate(self.parts) if not part.done]
