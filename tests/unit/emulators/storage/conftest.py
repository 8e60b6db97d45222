"""The two kinds of store that the storage emulator's rules are tested over."""

from contextlib import closing

import pytest

from emulators.storage.adapters.folder_contents import FolderContents
from emulators.storage.adapters.memory import MemoryCatalog, MemoryContents
from emulators.storage.adapters.sqlite_catalog import SqliteCatalog


@pytest.fixture(params=["memory", "disk"])
def stores(request, tmp_path):
    """A catalog and contents."""
    if request.param == "memory":
        yield MemoryCatalog(), MemoryContents()
        return
    with closing(SqliteCatalog(tmp_path)) as catalog:
        yield catalog, FolderContents(tmp_path)
