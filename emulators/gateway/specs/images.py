"""What an image name means on this machine: a folder with a ``main.py``."""

import re
from pathlib import Path

import msgspec

from emulators.gateway.errors import GatewayError

OWN_PREFIX = "mayfly/"


class Source(msgspec.Struct, frozen=True):
    """Where a function's code is.

    Attributes:
        folder: The folder with ``main.py``.
        target: The function in it.
        signature: ``http`` or ``cloudevent``.
        own: Whether it is one of the product's functions, imported by full path from the root.
    """

    folder: str
    target: str
    signature: str
    own: bool


def locate(image: str, env: dict[str, str], root: Path) -> Source:
    """Finds the folder that an image name stands for.

    ``mayfly/<x>`` (any registry prefix and tag left aside) is ``<root>/functions/<x>``; an
    absolute path or a ``file://`` address is itself.

    Raises:
        GatewayError: 400 when there is no such folder or no ``main.py`` in it.
    """
    source = source_of(image, env, root)
    if not Path(source.folder, "main.py").is_file():
        raise GatewayError(
            400,
            f"image {image!r}: there is no main.py in {source.folder}",
            "name mayfly/<folder under functions/>, or the absolute path of a folder with main.py",
        )
    return source


def source_of(image: str, env: dict[str, str], root: Path) -> Source:
    """As `locate`, whether or not the folder is (still) there."""
    folder, own = _folder(image, root)
    signature = env.get("FUNCTION_SIGNATURE_TYPE", "http")
    if signature not in ("http", "cloudevent", "event", "typed"):
        raise GatewayError(
            400, f"FUNCTION_SIGNATURE_TYPE: {signature!r} is unknown", "use http or cloudevent"
        )
    return Source(str(folder), env.get("FUNCTION_TARGET", "handle"), signature, own)


def _folder(image: str, root: Path) -> tuple[Path, bool]:
    if image.startswith("file://"):
        return Path(image.removeprefix("file://")), False
    if image.startswith("/"):
        return Path(image), False
    at = image.rfind(OWN_PREFIX)
    name = re.split("[@:]", image[at + len(OWN_PREFIX) :], maxsplit=1)[0] if at >= 0 else ""
    if not name or "/" in name or name.startswith("."):
        raise GatewayError(
            400,
            f"image {image!r} is not one that this gateway can run",
            "name mayfly/<folder under functions/>, or the absolute path of a folder with main.py",
        )
    return root / "functions" / name, True
