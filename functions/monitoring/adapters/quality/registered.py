"""What the registry has of versions."""

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.contract.access.workspaces import path
from functions.kit.contract.models import registration
from functions.kit.contract.models.registration import MODELS, VERSIONS
from functions.monitoring.model.quality.known import Known, known_of
from functions.monitoring.model.windows.window import Monitored


class RegisteredVersions:
    """The Versions that are documents."""

    @translated()
    def known(self, of: Monitored) -> Known | None:
        """See Versions."""
        models = firestore.client().collection(path(of.model.workspace, MODELS))
        versions = models.document(of.model.name).collection(VERSIONS)
        found = versions.document(str(of.version)).get(**firestore.PATIENCE)
        if not found.exists:
            return None
        version = registration.read_version(firestore.plain(found.to_dict()))
        return known_of(version.signature, version.evaluation)


class MemoryVersions:
    """Versions of one process, for tests without Firestore."""

    def __init__(self) -> None:
        self.there: dict[Monitored, Known] = {}

    def known(self, of: Monitored) -> Known | None:
        """See Versions."""
        return self.there.get(of)
