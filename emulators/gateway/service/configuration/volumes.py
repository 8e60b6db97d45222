"""Copies of config maps and secrets as the files of a volume."""

from collections.abc import Callable
from pathlib import Path

from emulators.gateway.disk import UNFINISHED, files_in
from emulators.gateway.model.volumes import Source, Volume
from emulators.gateway.service.runtime import StartError

_FOLDER_MODE = 0o755


def write(volume: Volume, folder: Path, place: Callable[[Source], Path]) -> None:
    """Make a volume's folder, or bring it up to date: each file is there whole, old or new.

    Args:
        volume: Which.
        folder: Where; made when needed.
        place: Returns where the keys of a source lie.

    Raises:
        StartError: A source, or a key of it, is missing.
    """
    files = [file for source in volume.sources for file in _files(volume, source, place(source))]
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    for path, content, mode in files:
        file = folder / path
        file.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        new = file.with_name(f"{UNFINISHED}new")
        new.touch(0o600)
        new.write_bytes(content)
        new.chmod(mode)
        new.replace(file)
    wanted = {folder / path for path, _, _ in files}
    for file in [] if volume.empty else [path for path in folder.rglob("*") if path.is_file()]:
        if file not in wanted:
            file.unlink()


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
