"""An archive of state: a tar file by gzip, whose last member says what all others have to be."""

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from infra.local.backups.state import SECRETS
from infra.local.errors import LocalError

FORMAT = "mayfly-backup-1"
MANIFEST = "manifest.json"
_LEVEL = 1  # of gzip: most of it are files that are packed already
_CHUNK = 1 << 20
Told = Callable[[int], None]


@dataclass(frozen=True)
class Manifest:
    """What an archive is.

    Attributes:
        version: of Mayfly.
        made_at: when, in ISO 8601.
        project: of Firestore's documents.
        bucket: of the files.
        files: path → SHA-256 in hex and bytes.
    """

    version: str
    made_at: str
    project: str
    bucket: str
    files: dict[str, tuple[str, int]]

    @property
    def bytes(self) -> int:
        """How much all files together are."""
        return sum(size for _, size in self.files.values())


class _Counted:
    """A file that is hashed and told of as it is read.

    Args:
        file: it.
        told: how many bytes were read.
    """

    def __init__(self, file: IO[bytes], told: Told) -> None:
        self._file = file
        self._told = told
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        self._told(len(data))
        return data


def write(folder: Path, target: IO[bytes], about: dict[str, str], told: Told) -> Manifest:
    """Write all that lies in a folder as an archive; return what it holds.

    Args:
        folder: it.
        target: where the archive goes.
        about: the manifest's fields but `files`.
        told: gets the bytes of each piece.
    """
    files: dict[str, tuple[str, int]] = {}
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=_LEVEL) as archive:
        for path in sorted(folder.rglob("*")):
            member = archive.gettarinfo(path, path.relative_to(folder).as_posix())
            member.type = tarfile.DIRTYPE if path.is_dir() else tarfile.REGTYPE  # no hard links
            member.size = path.stat().st_size if path.is_file() else 0
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            if not path.is_file():
                archive.addfile(member)
                continue
            with path.open("rb") as file:
                counted = _Counted(file, told)
                archive.addfile(member, cast("IO[bytes]", counted))  # it reads, no more
                files[member.name] = (counted.digest.hexdigest(), member.size)
        manifest = Manifest(files=files, **about)
        _add_manifest(archive, manifest)
    return manifest


def _add_manifest(archive: tarfile.TarFile, manifest: Manifest) -> None:
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(text), 0o600
    archive.addfile(member, BytesIO(text))


def unpack(source: Path, folder: Path, told: Told) -> Manifest:
    """Unpack an archive into an empty folder, and hold all of it against its manifest.

    Args:
        source: the archive.
        folder: where to.
        told: gets the bytes of each piece.

    Raises:
        LocalError: it is no such archive, it is cut off, or a file is not as it was.
    """
    found: dict[str, tuple[str, int]] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(source, mode="r|gz") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if member.name == MANIFEST and content is not None:
                    manifest = _manifest(content.read())
                elif member.isdir():
                    _place(folder, member.name).mkdir(mode=member.mode & 0o777)
                elif member.isreg() and content is not None:
                    found[member.name] = _extract(
                        content, _place(folder, member.name), member, told
                    )
                else:
                    raise _unusable(f"{member.name} is neither file nor folder")
    except (tarfile.TarError, EOFError, ValueError, TypeError, KeyError, FileExistsError) as error:
        raise _unusable(f"{source} cannot be unpacked ({error})") from error
    if manifest is None:
        raise _unusable(f"{source} is cut off, or no backup of Mayfly: it has no manifest")
    _compare(found, manifest)
    return manifest


def _extract(
    content: IO[bytes], path: Path, member: tarfile.TarInfo, told: Told
) -> tuple[str, int]:
    counted = _Counted(content, told)
    with path.open("xb") as file:
        for chunk in _chunks(counted):
            file.write(chunk)
    path.chmod(member.mode & 0o777)
    return counted.digest.hexdigest(), member.size


def _chunks(file: _Counted) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _place(folder: Path, name: str) -> Path:
    """Return where a member goes; raises LocalError for one that leads elsewhere."""
    path = PurePosixPath(name)
    known = path.parts[:1] == ("data",) or name in SECRETS
    if path.is_absolute() or ".." in path.parts or not known:
        raise _unusable(f"{name} is no place in a home")
    return folder / path


def _manifest(text: bytes) -> Manifest:
    found: dict[str, Any] = json.loads(text)
    if found.pop("format", None) != FORMAT:
        raise _unusable(f"its format is not {FORMAT}")
    found["files"] = {name: (str(sha), int(size)) for name, (sha, size) in found["files"].items()}
    return Manifest(**found)


def _compare(found: dict[str, tuple[str, int]], manifest: Manifest) -> None:
    for name in sorted(found.keys() | manifest.files.keys()):
        if found.get(name) != manifest.files.get(name):
            raise _unusable(f"{name} is not as it was when the archive was made")


def _unusable(why: str) -> LocalError:
    return LocalError(f"The backup cannot be used: {why}.", "Take another one.")
