"""What an image name means on this machine: a folder, with a ``main.py`` or a ``handler.py``."""

import re
from pathlib import Path

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import Revision

OWN_PREFIX = "mayfly/"
# What faas-cli appends to the name of an image that has no tag: `latest`, and with --tag a commit.
_TAG = re.compile(":latest[\\w.-]*$")
# How OpenFaaS's Python templates say that their container starts.
_TEMPLATES_COMMANDS = (("python", "index.py"), ("python3", "index.py"))
_WANTED = (
    "name mayfly/<folder under functions/>, or the absolute path of a folder with main.py, or with "
    "the handler.py of OpenFaaS's Python templates"
)


class Source(msgspec.Struct, frozen=True):
    """Where a function's code is.

    Attributes:
        folder: The folder with ``main.py``, or with ``handler.py``.
        target: The function in it.
        signature: ``http`` or ``cloudevent``.
        own: Whether it is one of the product's functions, imported by full path from the root.
        whole: Whether a command runs in the folder, which needs what was installed into it.
        handler: Whether it is the handler of a Python template of OpenFaaS's, imported as the
            package ``function``.
    """

    folder: str
    target: str
    signature: str
    own: bool
    whole: bool = False
    handler: bool = False


def source_for(revision: Revision, root: Path) -> Source | None:
    """Return the folder that a revision's code is in; None for a command that needs none.

    A folder with a ``main.py`` is a function, also where ``fprocess`` is given: templates of
    OpenFaaS say there how a container starts what the gateway starts by itself. So is one with a
    ``handler.py``, unless ``fprocess`` is a command of its own.

    Raises:
        Invalid: When the image cannot run here.
    """
    if revision.fprocess and not _names_folder(revision.image):
        return None
    if not (revision.command or revision.fprocess):
        return locate(revision.image, revision.env, root)
    source = source_of(revision.image, revision.env, root)
    folder = Path(source.folder)
    if not _is_folder(folder):
        raise Invalid(
            f"image {revision.image!r}: there is no folder {folder}",
            "name the absolute path of the folder that the command runs in",
        )
    if not revision.command and is_handler(folder, revision.fprocess):
        return msgspec.structs.replace(source, handler=True)
    whole = bool(revision.command) or not is_function(folder)
    return msgspec.structs.replace(source, whole=whole)


def is_function(folder: Path) -> bool:
    """Tell whether a folder holds a function for functions-framework."""
    try:
        return (folder / "main.py").is_file()
    except OSError:  # a name that is too long for the disk, or a folder that may not be looked into
        return False


def is_handler(folder: Path, fprocess: tuple[str, ...] = ()) -> bool:
    """Tell whether a folder holds the handler of a Python template of OpenFaaS's.

    Args:
        folder: It has a ``handler.py``, and no ``main.py``.
        fprocess: The command that its deploy names, which may be another than the templates', or
            run a file of the folder's own.
    """
    if is_function(folder) or (fprocess and fprocess not in _TEMPLATES_COMMANDS):
        return False
    try:
        commanded = bool(fprocess) and (folder / "index.py").is_file()
        return (folder / "handler.py").is_file() and not commanded
    except OSError:
        return False


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False


def locate(image: str, env: dict[str, str], root: Path) -> Source:
    """Find the folder that an image name stands for.

    ``mayfly/<x>`` (any registry prefix and tag left aside) is ``<root>/functions/<x>``; an
    absolute path or a ``file://`` address is itself, without the ``:latest`` of faas-cli.

    Raises:
        Invalid: When there is no such folder or no ``main.py`` (nor ``handler.py``) in it.
    """
    source = source_of(image, env, root)
    folder = Path(source.folder)
    if not source.own and is_handler(folder):
        return msgspec.structs.replace(source, handler=True)
    if not is_function(folder):
        raise Invalid(f"image {image!r}: there is no main.py in {source.folder}", _WANTED)
    return source


def source_of(image: str, env: dict[str, str], root: Path) -> Source:
    """Do as `locate` does, whether or not the folder is (still) there."""
    folder, own = _folder(image, root)
    signature = env.get("FUNCTION_SIGNATURE_TYPE", "http")
    if signature not in ("http", "cloudevent", "event", "typed"):
        raise Invalid(
            f"FUNCTION_SIGNATURE_TYPE: {signature!r} is unknown", "use http or cloudevent"
        )
    return Source(str(folder), env.get("FUNCTION_TARGET", "handle"), signature, own)


def _folder(image: str, root: Path) -> tuple[Path, bool]:
    if image.startswith(("file://", "/")):
        return Path(_TAG.sub("", image.removeprefix("file://"))), False
    name = _own_name(image)
    if not name or "/" in name or name.startswith("."):
        raise Invalid(f"image {image!r} is not one that this gateway can run", _WANTED)
    return root / "functions" / name, True


def is_own(revision: Revision) -> bool:
    """Tell whether it runs the product's own code alone: a command could do anything."""
    image = revision.image
    mine = not image.startswith(("file://", "/")) and bool(_own_name(image))
    return mine and not (revision.command or revision.fprocess)


def _names_folder(image: str) -> bool:
    return image.startswith(("file://", "/")) or bool(_own_name(image))


def _own_name(image: str) -> str:
    at = image.rfind(OWN_PREFIX)
    return re.split("[@:]", image[at + len(OWN_PREFIX) :], maxsplit=1)[0] if at >= 0 else ""
