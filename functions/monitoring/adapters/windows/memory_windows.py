"""Windows in memory, for tests without Firestore."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.steps import Lease
from functions.monitoring.model.windows.measures import Named, is_named, is_of_column
from functions.monitoring.model.windows.window import Monitored, Span, Window


class MemoryWindows:
    """The Windows of one process; like Firestore it keeps what was written, not the objects.

    Args:
        steps: where the steps are kept under whose leases windows are.
    """

    def __init__(self, steps: MemorySteps) -> None:
        self._steps = steps
        self._kept: dict[Monitored, dict[str, bytes]] = {}

    def store(
        self,
        of: Monitored,
        windows: Sequence[Window],
        gone: Sequence[str] = (),
        lease: Lease | None = None,
    ) -> None:
        """See Windows."""
        with self._steps.lock:
            if lease is not None:
                self._steps.check(lease)
            kept = self._kept.setdefault(of, {})
            kept.update({one.id: msgspec.json.encode(one) for one in windows})
            for name in gone:
                kept.pop(name, None)

    def find(
        self, of: Monitored, windows: Sequence[str], measures: Named | None = None
    ) -> dict[str, Window]:
        """See Windows."""
        kept = self._kept.get(of, {})
        return {name: _some(_read(kept[name]), measures) for name in windows if name in kept}

    def last(
        self,
        of: Monitored,
        span: Span,
        most: int,
        before: int | None = None,
        measures: Named | None = None,
    ) -> list[Window]:
        """See Windows."""
        return [_some(one, measures) for one in self._between(of, span, 0, before)[-most:]]

    def first(
        self,
        of: Monitored,
        span: Span,
        most: int,
        since: int = 0,
        before: int | None = None,
        measures: Named | None = None,
    ) -> list[Window]:
        """See Windows."""
        return [_some(one, measures) for one in self._between(of, span, since, before)[:most]]

    def clear(self, of: Monitored, lease: Lease | None = None) -> list[str]:
        """See Windows."""
        if lease is not None:
            self._steps.check(lease)
        found = [_read(one).sums for one in self._kept.pop(of, {}).values()]
        return [one for one in found if one]

    def _between(self, of: Monitored, span: Span, since: int, before: int | None) -> list[Window]:
        kept = [_read(one) for one in self._kept.get(of, {}).values()]
        end = float("inf") if before is None else before
        found = [one for one in kept if one.span == span and since <= one.first < end]
        return sorted(found, key=lambda one: one.first)


def _some(window: Window, measures: Named | None) -> Window:
    """Return a window without those measures of its columns that are not named."""
    if measures is None:
        return window
    kept = {
        name: reading
        for name, reading in window.measures.items()
        if not is_of_column(name) or is_named(name, measures)
    }
    return replace(window, measures=kept)


def _read(data: bytes) -> Window:
    return msgspec.json.decode(data, type=Window)
