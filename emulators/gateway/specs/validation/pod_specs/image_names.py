"""Names of images, as registries have them."""

import re

_LOCAL = ("/", "file://")  # folders: here they are images, too
_REPOSITORY = re.compile(r"[-a-z0-9_./]{2,255}")
_TAG = re.compile(r"[-\w.]{1,128}", re.ASCII)
_REGISTRY = re.compile(r"[-\w.]+(:\d*)?|\[[0-9a-fA-F:.]+\](:\d*)?", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def is_one(text: str) -> bool:
    """Tell whether a registry, or this machine, could have an image of the name."""
    if text.startswith(_LOCAL):
        return True
    name, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return False
    base, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        name = base
        if tag and not _TAG.fullmatch(tag):
            return False
    registry, slash, repository = name.partition("/")
    if slash and ("." in registry or ":" in registry):
        return bool(_REGISTRY.fullmatch(registry) and _REPOSITORY.fullmatch(repository))
    return bool(_REPOSITORY.fullmatch(name))
