"""Makes a home of a backup, once all of it has been checked."""

import tempfile
from pathlib import Path

from infra.local.backups import archive, state
from infra.local.errors import LocalError
from infra.local.settings import Settings


def check(source: Path, told: archive.Told) -> archive.Manifest:
    """Unpack a backup to check it, and throw away what came out; raises LocalError."""
    with tempfile.TemporaryDirectory(prefix="mayfly-") as folder:
        return _unpacked(source, Path(folder), told)


def restore(settings: Settings, source: Path, told: archive.Told) -> archive.Manifest:
    """Make an empty home of a backup, whole or not at all; return what it holds.

    Args:
        settings: name the home.
        source: the archive.
        told: gets the bytes of each piece.

    Raises:
        LocalError: the home is not empty, or the archive is not whole or of another system.
    """
    home = settings.home
    _check_empty(home)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{home.name}-") as folder:
        unpacked = Path(folder) / "home"
        unpacked.mkdir(mode=0o700)
        manifest = _unpacked(source, unpacked, told)
        _check_same(settings, manifest)
        try:
            unpacked.rename(home)
        except OSError as error:
            raise _not_empty(home) from error
    return manifest


def _unpacked(source: Path, folder: Path, told: archive.Told) -> archive.Manifest:
    manifest = archive.unpack(source, folder, told)
    state.check_databases(folder)
    return manifest


def _check_empty(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise _not_empty(home)


def _not_empty(home: Path) -> LocalError:
    return LocalError(
        f"{home} is not an empty folder; nothing was changed.",
        "Name another home: MAYFLY_HOME=~/restored ./mayfly restore FILE",
    )


def _check_same(settings: Settings, manifest: archive.Manifest) -> None:
    """Refuse what would not be found under the names of these settings."""
    named = {
        "GOOGLE_CLOUD_PROJECT": (manifest.project, settings.project),
        "MAYFLY_BUCKET": (manifest.bucket, settings.bucket),
    }
    for variable, (was, now) in named.items():
        if was != now:
            message = f"The backup was made with {variable}={was}, which is {now} here."
            raise LocalError(message, f"Set {variable}={was} for it.")
