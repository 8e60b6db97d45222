import pytest

from emulators.firestore.adapters.memory import MemoryStore
from emulators.firestore.adapters.sqlite.store import SqliteStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)
    yield store
    store.close()
