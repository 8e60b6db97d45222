"""Which files run beside which, where `./mayfly test` runs two at a time."""

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support.side_by_side import group, rank


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Give a free worker the next group of tests."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """Let another `--dist` do what xdist says of it."""
    return FileByFile(config, log) if config.option.dist == "loadscope" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # a worker; one process keeps the order as it is given
        items.sort(key=lambda item: rank(item.nodeid))
