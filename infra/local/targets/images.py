"""The images of Mayfly: which there are, how each is built, and where it goes."""

from collections.abc import Mapping
from types import MappingProxyType

from infra.local.targets import described

EMULATORS = ("broker", "firestore", "gateway", "storage")
WEB = "mayfly/web"
_PREFIX = "mayfly/"


def _recipes() -> dict[str, tuple[str, ...]]:
    """Return what `docker build` is told of each image, but for its name."""
    found: dict[str, tuple[str, ...]] = {}
    for image in described.images():
        word = f"FUNCTION={image.removeprefix(_PREFIX)}"
        found[image] = ("--build-arg", word, "-f", "functions/Dockerfile")
    for name in EMULATORS:
        word = f"EMULATOR={name}"
        found[f"{_PREFIX}emulator-{name}"] = ("--build-arg", word, "-f", "emulators/Dockerfile")
    return found | {WEB: ("-f", "web/Dockerfile")}


RECIPES: Mapping[str, tuple[str, ...]] = MappingProxyType(_recipes())
ALL = tuple(RECIPES)


def placed(image: str, registry: str) -> str:
    """Return where an image goes: `mayfly/web` in `REGISTRY/you/mayfly` is `…/mayfly/web`."""
    return f"{registry.rstrip('/')}/{image.removeprefix(_PREFIX)}"
