import pytest
from hypothesis import HealthCheck, settings

from emulators.firestore.store.memory import MemoryStore
from emulators.firestore.store.sqlite import SqliteStore

# A busy machine must not fail a property: no time limits.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)
    yield store
    store.close()
