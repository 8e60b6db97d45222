"""From an archive into a project: the real one's services, or emulators that variables name."""

import time
from collections.abc import Mapping
from pathlib import Path

from functions.kit.lazy import Lazy
from infra.local.errors import LocalError
from infra.local.moving import source
from infra.local.moving.documents import Documents
from infra.local.moving.files import Files
from infra.local.moving.pace import Pace
from infra.local.moving.work import Moved, Place, Told, move

exceptions = Lazy("google.api_core.exceptions")
auth_exceptions = Lazy("google.auth.exceptions")


def project(
    file: Path, name: str, bucket: str, environment: Mapping[str, str], told: Told
) -> Moved:
    """Fill a project from an archive of ./mayfly backup.

    Args:
        file: the archive.
        name: the project.
        bucket: its.
        environment: names emulators in the place of services, as for Google's clients.
        told: gets what is being done, and how many of it were.

    Raises:
        LocalError: the archive cannot be used, the project holds something else, a service refuses
            or does not answer, or what arrived is not the same.
    """
    unpacked = 0

    def unpacking(size: int) -> None:
        nonlocal unpacked
        unpacked += size
        if unpacked >> 20:
            told("MB unpacked", unpacked >> 20)

    firestore = environment.get("FIRESTORE_EMULATOR_HOST", "")
    storage = environment.get("STORAGE_EMULATOR_HOST", "")
    if bool(firestore) != bool(storage):
        raise LocalError(
            "FIRESTORE_EMULATOR_HOST and STORAGE_EMULATOR_HOST are set one without the other.",
            "Set both, or none for the real services.",
        )
    with source.opened(file, unpacking) as (manifest, documents, files):
        try:
            target = Place(Documents(name, firestore), Files(name, bucket, storage))
            pace = None if firestore else Pace(time.monotonic, time.sleep)
            return move(manifest, Place(documents, files), target, told, pace)
        except auth_exceptions.GoogleAuthError as error:
            raise LocalError(
                f"No login of Google's can be used ({error}).",
                "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS=FILE.",
            ) from error
        except (exceptions.GoogleAPIError, OSError) as error:
            raise LocalError(
                f"The project {name} does not take it ({' '.join(str(error).split())[:300]}).",
                "Give the same command again: it goes on where it was.",
            ) from error
