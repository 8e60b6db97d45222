"""Shows how a file would be read; nothing of it is kept."""

import random
from collections.abc import Iterator

from functions.datasets.model import limits
from functions.datasets.model.detection import describing
from functions.datasets.model.files import inference
from functions.datasets.model.files.csv_rows import Refused, Row
from functions.datasets.model.files.inference import Rows, Schema
from functions.datasets.model.reading.previews import Preview, Sampled
from functions.datasets.model.reading.questions import asked
from functions.datasets.model.reading.shapes import Overrule
from functions.datasets.service.files.opening import Opened, Opener
from functions.kit.contract.errors import Flaw

FIRST = 20
SAMPLED = 20


class Previewer:
    """Shows how files would be read, by the code that takes them in."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def preview(self, chunks: Iterator[bytes], said: Overrule) -> Preview:
        """Read a whole file and say all that was decided, why, and what must be asked.

        Raises:
            TooLarge: when it is over a limit, packed or not.
            Unreadable: when it breaks off.
        """
        try:
            with self._opener.open(chunks, said, lambda _: None) as opened:
                return _previewed(opened, said)
        except Refused as error:
            return _refused(error.flaws)
        finally:
            for _ in chunks:  # a client that is still sending would miss the answer
                pass


def _previewed(opened: Opened, said: Overrule) -> Preview:
    try:
        return _Look(opened, said).preview()
    except Refused as error:
        refused = _refused(error.flaws)
        refused.decisions, refused.questions = opened.decisions, opened.questions
        return refused


class _Look:
    def __init__(self, opened: Opened, said: Overrule) -> None:
        self._opened = opened
        self._schema = Schema(opened.rows, opened.dialect, said)
        self._first: list[list[str]] = []
        self._sample: list[Sampled] = []
        # The same file is shown alike each time.
        self._random = random.Random(0)  # noqa: S311 - no secret

    def preview(self) -> Preview:
        rows: Rows = self._opened.rows
        for batch in inference.looks(rows):
            self._schema.add(batch)
            for row in batch:
                self._note(row)
        if self._schema.rows == 0:
            raise Refused(rows.flaws or [Flaw("the file has no rows")])
        decided = self._schema.decided()
        flaws = [*rows.flaws, *(flaw for one in decided for flaw in one.flaws())]
        return Preview(
            reading=self._schema.reading(),
            rows=self._schema.rows,
            decisions=[*self._opened.decisions, describing.decimal(self._schema.reading())],
            columns=[
                describing.column(one, is_last=place == len(decided))
                for place, one in enumerate(decided, 1)
            ],
            questions=[*self._opened.questions, *(q for one in decided for q in asked(one))],
            offers=[
                offer
                for place, one in enumerate(decided, 1)
                for offer in describing.offers(one, is_last=place == len(decided))
            ],
            first=self._first,
            sampled=sorted(self._sample, key=lambda one: one.row),
            flaws=flaws[: limits.FLAWS],
        )

    def _note(self, row: Row) -> None:
        """Keep the first rows, and of all others each with the same chance."""
        if len(self._first) < FIRST:
            self._first.append(_shown(row))
            return
        count = row.number - FIRST
        if len(self._sample) < SAMPLED:
            self._sample.append(Sampled(row.number, _shown(row)))
        elif (place := self._random.randrange(count)) < SAMPLED:
            self._sample[place] = Sampled(row.number, _shown(row))


def _shown(row: Row) -> list[str]:
    return [str(cell)[:200] for cell in row.cells]


def _refused(flaws: list[Flaw]) -> Preview:
    """Say why a file cannot be read at all."""
    return Preview(reading=None, rows=0, flaws=flaws[: limits.FLAWS])
