"""Tables as people have them, and how the function `datasets` reads them."""

from typing import Any

import msgspec

from functions.datasets.model.reading.previews import ColumnPreview, Decision, Preview
from functions.datasets.model.reading.shapes import ColumnReading, Overrule
from tests.support.in_memory.datasets import House


def said(**fields: Any) -> Overrule:
    """Return what somebody says of a reading."""
    return msgspec.convert(fields, Overrule)


def column(**fields: Any) -> Overrule:
    """Return what somebody says of one column."""
    return said(columns=[fields])


class Reading:
    """A file, previewed and imported in a house of its own."""

    def __init__(self, file: str | bytes, overrule: Overrule | None = None) -> None:
        self.data = file.encode() if isinstance(file, str) else file
        self.overrule = overrule or Overrule()
        self.house = House()

    @property
    def preview(self) -> Preview:
        """What is said before anything is stored."""
        return self.house.previewer.preview(iter([self.data]), self.overrule)

    def column(self, name: str) -> ColumnReading:
        """How the preview reads a column."""
        reading = self.preview.reading
        assert reading is not None, self.preview.flaws
        return next(one for one in reading.columns if one.name == name)

    def shown(self, name: str) -> ColumnPreview:
        """What the preview says of a column."""
        return next(one for one in self.preview.columns if one.name == name)

    def decision(self, what: str, column: str | None = None) -> Decision:
        """One decision of the preview."""
        found = self.preview.decisions if column is None else self.shown(column).decisions
        return next(one for one in found if one.what == what)

    def values(self, name: str) -> list[object]:
        """The imported values of a column."""
        stored = self.house.load(self.data, said=self.overrule)
        assert stored.state == "ready"
        reading = self.preview.reading
        assert stored.reading == reading
        return [row[name] for row in self.house.values()]
