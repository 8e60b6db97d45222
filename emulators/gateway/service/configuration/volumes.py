"""Copies of config maps and secrets as the files of a volume."""

from collections.abc import Callable
from pathlib import Path

from emulators.gateway.disk import files_in
from emulators.gateway.model.volumes import Source, Volume
from emulators.gateway.service.runtime import StartError

_FOLDER_MODE = 0o755


def write(volume: Volume, folder: Path, place: Callable[[Source], Path]) -> None:
    """Make a volume's folder.

    Args:
        volume: Which.
        folder: Where; made here.
        place: Returns where the keys of a source lie.

    Raises:
        StartError: A source, or a key of it, is missing.
    """
    folder.mkdir(mode=_FOLDER_MODE)
    for source in volume.sources:
        for path, content, mode in _files(volume, source, place(source)):
            file = folder / path
            file.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            file.touch(0o600)
            file.write_bytes(content)
            file.chmod(mode)


def _files(volume: Volume, source: Source, keys: Path) -> list[tuple[str, bytes, int]]:
    """Return each file's path, content and mode."""
    if not keys.is_dir():
        if source.optional:
            return []
        raise StartError(
            f"volume {volume.name!r}: the {source.kind} {source.name!r} is missing: "
            f"there is no {keys}"
        )
    if not source.items:
        return [(file.name, file.read_bytes(), volume.mode) for file in files_in(keys)]
    found = []
    for item in source.items:
        file = keys / item.key
        if file.is_file():
            mode = volume.mode if item.mode is None else item.mode
            found.append((item.path, file.read_bytes(), mode))
        elif not source.optional:
            raise StartError(
                f"volume {volume.name!r}: the {source.kind} {source.name!r} has no key {item.key!r}"
            )
    return found
