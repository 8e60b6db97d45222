import asyncio

import pytest

from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.model.protocol import ListenRequest, Write
from emulators.firestore.service.catalog import Catalog
from emulators.firestore.transport.calls.listening import Listener

NAME = "projects/p/databases/d"
COUNT = 2000


@pytest.fixture
def database(tmp_path):
    store = SqliteStore(tmp_path)
    database = Catalog(store).get(NAME)
    writes = [Write() for _ in range(COUNT)]
    for number, write in enumerate(writes):
        write.update.name = f"{NAME}/documents/c/{number}"
        write.update.fields["n"].integer_value = number
    database.commit(writes)
    yield database
    store.close()


def target():
    request = ListenRequest(database=NAME)
    request.add_target.target_id = 1
    request.add_target.query.parent = f"{NAME}/documents"
    query = request.add_target.query.structured_query
    query.from_.add(collection_id="c")
    query.where.field_filter.field.field_path = "n"
    query.where.field_filter.op = 5
    query.where.field_filter.value.integer_value = 3
    return request


def test_others_go_on_while_a_target_gets_its_index(database):
    async def scene():
        turns = 0

        async def others():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(others())
        listener = Listener(database)
        told = await listener.handle(target())
        other.cancel()
        listener.close()
        return turns, told

    turns, told = asyncio.run(scene())
    assert turns > COUNT // 1000
    assert len(told) == 4  # ADD, the one document, CURRENT, NO_CHANGE
