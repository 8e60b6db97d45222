"""Shows quality: all of a window's, and how near estimates have been to the truth so far."""

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.monitoring.model.quality.record import Record, record_of
from functions.monitoring.model.quality.summary import Quality
from functions.monitoring.model.windows.window import Monitored, Span, Window, read_id
from functions.monitoring.service.ports import Models
from functions.monitoring.service.quality.measuring import QualityMeasurer
from functions.monitoring.service.windows.ports import Windows
from functions.monitoring.service.windows.rows import Log, LoggedRows
from functions.monitoring.service.windows.viewing import Viewing


class QualityViewing:
    """Shows it.

    Args:
        viewing: finds versions that have windows.
        windows: those that there are.
        models: those that are registered.
        measurer: measures.
        log: predictions with their labels.
    """

    def __init__(
        self,
        viewing: Viewing,
        windows: Windows,
        models: Models,
        measurer: QualityMeasurer,
        log: Log,
    ) -> None:
        self._viewing = viewing
        self._windows = windows
        self._models = models
        self._measurer = measurer
        self._log = log

    def window(self, model: Place, version: int | None, window: str) -> Quality:
        """Return all that is said of a window's quality, as labels are now; raises NotFound."""
        found = self._find(model, version, window)
        life = self._models.life(model)
        if found is None or life is None:
            raise not_found("window", window, of=model.name)
        of, minutes = Monitored(model, found.version), (found.first, found.end_minute)
        rows = LoggedRows(of, found.span, minutes, life, self._log)
        quality = self._measurer.assess(rows)
        if quality is None:
            raise not_found("version", str(found.version), of=model.name)
        return quality

    def record(self, model: Place, version: int | None, span: Span, last: int) -> Record:
        """Return how near estimates of a version's newest windows were to what labels say."""
        number, windows = self._viewing.windows(model, version, span, last, ())
        return record_of(number, span, windows)

    def _find(self, model: Place, version: int | None, window: str) -> Window | None:
        read = read_id(window)
        if read is None:
            return None
        number, _ = self._viewing.windows(model, version, read[0], 1, ())
        if number is None:
            return None
        return self._windows.find(Monitored(model, number), [window], ()).get(window)
