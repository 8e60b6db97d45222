"""What a replica remembers of the log is bounded, however wide its rows are and few in a file."""

import pytest

from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.reference import ColumnReference, Reference
from functions.kit.contract.models.registration import ModelFile
from functions.monitoring.adapters.windows import references, sum_files, tallies
from functions.monitoring.adapters.windows.references import StoredReferences
from functions.monitoring.adapters.windows.sum_files import BucketSums
from functions.monitoring.model.windows.sums import ColumnSum, Sum
from functions.monitoring.model.windows.window import Monitored

OF = Monitored(Place("w", "titanic"), 1)
WIDE = Sum(1, 1, {1: 1}, {f"column {n}": ColumnSum(1, bins=[0] * 64) for n in range(1000)})


def test_wide_sums_take_the_room_of_many() -> None:
    held = tallies.ParquetTallies(None)._held  # type: ignore[arg-type]
    ids = tallies._hashes(["a"])
    for number in range(2000):
        held[number] = {0: tallies._Part(ids, WIDE)}
    assert 0 < len(held) < 100
    thin = Sum(1, 1, {1: 1})
    for number in range(2000):
        held[number] = {0: tallies._Part(ids, thin)}
    assert len(held) == 2000


def test_sums_are_held_by_their_size() -> None:
    sums = BucketSums(MemoryBucket())
    names = [sums.store(OF, f"minute-{number}", WIDE) for number in range(200)]
    assert 0 < len(sums._held) < 200
    assert sum(one.size for one in sums._held.values()) <= sum_files.HELD_BYTES
    assert sums.read(names[0]) == WIDE
    sums.store(OF, "minute-1", Sum(1, 1, {1: 1}))
    assert sums.read(names[-1]) == WIDE


def test_references_are_held_by_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = MemoryBucket()
    data = Reference(9, [ColumnReference("age", "number", 9, 0)]).to_bytes()
    monkeypatch.setattr(references, "HELD_BYTES", 3 * len(data))
    files = {}
    for version in range(9):
        path = f"reference-{version}.json"
        bucket.write(path, data, "application/json")
        files[Monitored(OF.model, version)] = ModelFile(path, "", len(data))
    found = StoredReferences(bucket, files.get)
    assert [known.reference.rows for of in files if (known := found.of(of))] == [9] * 9
    assert len(found._held) == 3
