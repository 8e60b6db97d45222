"""Takes labels in: late, in bulk, and again when they turn out otherwise.

A label is on disk when its call is answered. It lies beside its prediction, by the hour in which
the prediction's id was given, so it finds one that comes later, too. A label by key is for the
predictions that are there when it comes; where there are none, for the first that come.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

import msgspec
import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away, Conflict
from functions.kit.contract.ports import Clock
from functions.kit.contract.records.sensitive import text_of
from functions.kit.contract.telemetry.hourly import HOUR, microseconds, moment
from functions.kit.contract.telemetry.predictions import given_at
from functions.kit.service.upkeep import Upkeep
from functions.monitoring.model.files import LogFile, label_file, predictions_of
from functions.monitoring.model.labels import ByKey, LabelsTaken
from functions.monitoring.model.logged import Label, Life, Logged
from functions.monitoring.service.ports import (
    LabelFiles,
    Models,
    PredictionFiles,
    Waiting,
    WaitingLabels,
)

log = structlog.get_logger()

Hashed = Callable[[str, str, str], str]
"""Workspace, column, value as text → what stands for it where the column is sensitive."""
Corrected = Callable[[Place, Collection[int]], object]
"""A model, and the hours since 1970 of predictions that have other labels now."""
MOST_WAITING = 500_000
"""Labels by key that wait for a model's predictions: five of the largest calls. All are read once a
minute, and those by a wrong key never find any."""
SETTLE_EVERY = 60.0
"""Seconds between two looks of this replica for what labels by key wait for."""
TRIES = 5
"""How often files are listed again that were merged while they were read."""
LOGGED_WITHIN = 60_000_000
"""Microseconds after its id was given within which a prediction is logged."""
OVERLAP = dt.timedelta(minutes=5)
"""How much longer ago than the last look a file may have been written to be looked at again."""


class Labelling:
    """Keeps labels, and finds those of predictions.

    Args:
        predictions: what labels are for.
        labels: where they are kept.
        waiting: where those are kept that find nothing yet.
        models: those that have names now.
        upkeep: keeps files few.
        hashed: what stands for sensitive values.
        clock: tells when labels came.
        keep: how long labels wait.
        corrected: is told of which hours since 1970 predictions have other labels now.
    """

    def __init__(
        self,
        predictions: PredictionFiles,
        labels: LabelFiles,
        waiting: WaitingLabels,
        models: Models,
        upkeep: Upkeep[LogFile],
        hashed: Hashed,
        clock: Clock,
        keep: dt.timedelta,
        *,
        corrected: Corrected,
    ) -> None:
        self._corrected = corrected
        self._predictions = predictions
        self._labels = labels
        self._waiting = waiting
        self._models = models
        self._upkeep = upkeep
        self._hashed = hashed
        self._clock = clock
        self._keep = keep
        self._settled = float("-inf")

    def of(self, found: Sequence[Logged]) -> dict[str, Label]:
        """Return the labels of predictions, by id."""
        by_model: dict[Place, list[str]] = {}
        for one in found:
            by_model.setdefault(Place(one.told.workspace, one.told.model), []).append(one.id)
        return {
            name: label
            for model, ids in by_model.items()
            for name, label in self.of_ids(model, ids).items()
        }

    def of_ids(self, model: Place, ids: Iterable[str]) -> dict[str, Label]:
        """Return the labels of a model's predictions, by id."""
        return self._labels.read(model, _by_hour(ids))

    def take(self, model: Place, labels: Mapping[str, str]) -> LabelsTaken:
        """Keep labels by predictions' ids; raises NoRoom, Away."""
        self._write(model, labels)
        known = self._known(model, labels)
        self._upkeep.look()
        return LabelsTaken(len(labels), len(known), len(labels) - len(known))

    def take_by_key(
        self, model: Place, life: Life | None, key: str, labels: Mapping[str, str]
    ) -> LabelsTaken:
        """Keep labels by the value of a column, for what a model predicted in its life.

        Raises:
            Conflict: with those that find nothing yet, more would wait than may.
            NoRoom, Away: it cannot be kept now.
        """
        by = ByKey(key, dict(labels), microseconds(self._clock.now()), life.uid if life else "")
        files = list(self._predictions.listed(predictions_of(model)))
        found, left = self._match(model, by, files, life)
        if left:
            self._check_room(model, len(left))
        self._write(model, found, by.at)
        if left:
            self._waiting.keep(model, ByKey(key, left, by.at, by.uid))
        self._upkeep.look()
        return LabelsTaken(len(labels), len(found), len(left))

    def _check_room(self, model: Place, count: int) -> None:
        """Refuse what would wait beside too much: what was taken in goes on waiting."""
        waits = self._waiting.count(model)
        if waits + count > MOST_WAITING:
            raise Conflict(
                f"{count:,} of these labels find no prediction, and {waits:,} wait already: at "
                f"most {MOST_WAITING:,} do for a model. None of this call was kept. Look whether "
                "the key column and its values are those of the predictions; send labels once "
                f"these are there; what waits goes after {self._keep.days:,} days."
            )

    def settle(self) -> None:
        """Give labels that wait to predictions that have come, if it is time to; never fails."""
        now = self._clock.monotonic()
        if now < self._settled + SETTLE_EVERY:
            return
        self._settled = now
        try:
            for one in self._waiting.all():
                self._settle(one)
        except Exception as error:  # noqa: BLE001 - who looks wants something else; labels stay
            log.warning("labels not settled", error=str(error))

    def _settle(self, one: Waiting) -> None:
        prefix = predictions_of(one.model)
        files = self._predictions.written_since(prefix, one.since - OVERLAP)
        life = self._models.life(one.model)
        is_over = moment(one.by.at) + self._keep < self._clock.now()
        if life is not None and not life.has(one.by.uid, one.by.at):
            is_over, files = True, []  # the model that they are of is no more
        if not files and not is_over:
            return
        found, left = self._match(one.model, one.by, files, life)
        self._write(one.model, found, one.by.at)
        if left and not is_over:  # as of now: the next look reads what is written from now on
            self._waiting.keep(one.model, ByKey(one.by.key, left, one.by.at, one.by.uid))
        self._waiting.drop(one.name)

    def _match(
        self, model: Place, by: ByKey, files: Sequence[LogFile], life: Life | None
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return the labels of predictions in files, by id, and those that found none."""
        wanted = {value: (value, label) for value, label in by.labels.items()}
        for value, label in by.labels.items():
            wanted[self._hashed(model.workspace, by.key, value)] = value, label
        found: dict[str, str] = {}
        left = dict(by.labels)
        for name, held in self._values(files, by.key, life):
            if held is not None and (hit := wanted.get(text_of(held))) is not None:
                found[name] = hit[1]
                left.pop(hit[0], None)
        return found, left

    def _values(
        self, files: Sequence[LogFile], key: str, life: Life | None
    ) -> Iterable[tuple[str, object]]:
        for file in files:
            yield from self._ids(file, key, life)

    def _ids(
        self,
        file: LogFile,
        key: str | None = None,
        life: Life | None = None,
        tries: int = TRIES,
    ) -> Iterable[tuple[str, object]]:
        """Return the ids in a file with their values, or in those that it was merged into."""
        try:
            return self._predictions.ids(file, key, life)
        except FileNotFoundError:
            if not tries:
                raise Away("The predictions kept changing; send the labels again.") from None
            now = list(self._predictions.listed(file.hour_prefix))
            return chain.from_iterable(self._ids(one, key, life, tries - 1) for one in now)

    def _write(self, model: Place, labels: Mapping[str, str], at: int | None = None) -> None:
        came = microseconds(self._clock.now()) if at is None else at
        for hour, ids in _by_hour(labels).items():
            part = {name: labels[name] for name in ids}
            digest = hashlib.sha256(msgspec.json.encode(sorted(part.items()))).hexdigest()[:32]
            file = label_file(model, hour, came, len(part), digest)
            self._labels.write(file, part)
            self._upkeep.count(file, file.hour_prefix)
        if hours := _logged_in(labels):
            self._corrected(model, hours)

    def _known(self, model: Place, ids: Iterable[str]) -> set[str]:
        """Return those ids that predictions of the model have."""
        hours = _by_hour(ids)
        known: set[str] = set()
        for file in self._predictions.listed(predictions_of(model)):
            # A prediction is logged right after its id is given: in that hour, or the next.
            meant = hours.get(file.name.hour, set()) | hours.get(file.name.hour - 1, set())
            if meant:
                known |= meant & {name for name, _ in self._ids(file)}
        return known


def _by_hour(ids: Iterable[str]) -> dict[int, set[str]]:
    """Part ids by the hour in which they were given; what is no id of ours is left out."""
    found: dict[int, set[str]] = {}
    for one in ids:
        second = given_at(one)
        if second is not None:
            found.setdefault(second * 1_000_000 // HOUR, set()).add(one)
    return found


def _logged_in(ids: Iterable[str]) -> set[int]:
    """Return the hours in which predictions may be logged whose ids these are."""
    seconds = [second for second in map(given_at, ids) if second is not None]
    return {
        (second * 1_000_000 + late) // HOUR for second in seconds for late in (0, LOGGED_WITHIN)
    }
