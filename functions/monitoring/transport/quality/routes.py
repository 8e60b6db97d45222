"""Quality out, for whoever may see the model."""

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.http.api import Api
from functions.monitoring.model.quality.record import Record
from functions.monitoring.model.quality.summary import Quality
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.quality.viewing import QualityViewing
from functions.monitoring.transport.windows.routes import VersionQuery, WindowsQuery


def add(api: Api, quality: QualityViewing, known: KnownModels) -> None:
    """Register the routes."""

    @api.route("GET", "/models/{model}/windows/{window}/quality")
    def get_window_quality(model: str, window: str, query: VersionQuery, caller: Caller) -> Quality:
        """Tell how good the model is over a window: by labels, as estimated, and in each slice.

        It is worked out of the log and of the labels that are there now; of many predictions out of
        an even sample of 20,000.
        """
        place = Place(caller.workspace, model)
        known.check(place)
        return quality.window(place, query.version, window)

    @api.route("GET", "/models/{model}/estimates")
    def get_estimates_record(model: str, query: WindowsQuery, caller: Caller) -> Record:
        """Tell how near estimates of the newest windows were to what labels said of them."""
        place = Place(caller.workspace, model)
        known.check(place)
        return quality.record(place, query.version, query.span, query.last)
