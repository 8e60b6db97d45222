"""The function `datasets` over stores in memory, with a queue that is delivered by hand."""

from functions.datasets.adapters import parquet
from functions.datasets.adapters.memory_datasets import MemoryDatabase, MemoryDatasets
from functions.datasets.adapters.memory_records import MemoryRecords
from functions.datasets.model.dataset import Stored
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.deleting import Remover
from functions.datasets.service.importing import Importer
from functions.datasets.service.records import Records
from functions.datasets.service.schema_edits import SchemaEditor
from functions.datasets.service.snapshots import Snapshots
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.memory_bucket import MemoryBucket
from functions.kit.adapters.memory_queue import MemoryQueue
from functions.kit.adapters.memory_steps import MemorySteps
from functions.kit.contract.columns import Column
from functions.kit.contract.steps import Step
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner


def dataset(dataset_id: str = "a", **fields: object) -> Stored:
    """Return a dataset of two rows that is ready, but for the fields that are given."""
    usual: dict[str, object] = {
        "id": dataset_id,
        "name": dataset_id,
        "state": "ready",
        "rows": 2,
        "rows_done": 2,
        "revision": 1,
        "columns": [Column("n", "integer")],
        "created_at": START,
        "updated_at": START,
        "file": f"imports/{dataset_id}.csv",
        "sha256": "s",
        "delimiter": ",",
        "offset": 2,
        "last_row": 2,
    }
    return Stored(**{**usual, **fields})  # type: ignore[arg-type] # a test's own fields


class House:
    """All services of the function, wired as `main.py` wires them."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.due = MemorySteps("datasets", self.clock)
        self.database = MemoryDatabase(self.due)
        self.store = MemoryDatasets(self.database)
        self.rows = MemoryRecords(self.database)
        self.bucket = MemoryBucket(self.clock)
        self.queue = MemoryQueue()
        hints = Hints(self.queue)
        self.lookout = Lookout(self.due, hints, self.clock)
        runner = StepRunner(self.due, hints, self.clock)
        steps = (self.store, self.rows, self.bucket, runner, hints, self.clock)
        self.importer, self.remover = Importer(*steps), Remover(*steps)
        editor = SchemaEditor(self.store, self.rows, self.clock)
        self.datasets = Datasets(
            self.store,
            self.bucket,
            self.importer,
            self.remover,
            editor,
            self.lookout,
            self.clock,
        )
        self.records = Records(self.store, self.rows, self.clock)
        self.snapshots = Snapshots(self.store, self.rows, self.bucket, parquet, self.clock)

    def upload(self, text: str, name: str = "a") -> Stored:
        return self.datasets.create(name, iter([text.encode()]))

    def deliver(self) -> int:
        """Run the queued steps, and those that they queue; return how many there were."""
        count = 0
        while self.queue.messages:
            self.look(self.queue.messages.popleft())
            count += 1
        return count

    def look(self, step: Step) -> None:
        """Have one step looked at, as its route does."""
        _, _, dataset_id, verb = step.path.split("/")
        {"import": self.importer, "remove": self.remover}[verb].step(dataset_id)

    def load(self, text: str, name: str = "a") -> Stored:
        """Upload and import."""
        self.upload(text, name)
        self.deliver()
        return self.datasets.get(name)

    def values(self, name: str = "a") -> list[dict[str, object]]:
        """Return the stored values of all records, in order."""
        return [record.values for record in self.rows.read(name)]


def anyone(_: int) -> bool:
    """Stand for a caller without If-Match."""
    return True
