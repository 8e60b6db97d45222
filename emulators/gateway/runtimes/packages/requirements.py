"""What a ``requirements.txt`` asks for, and whether the gateway's own environment has it."""

import hashlib
import importlib.metadata
import re
import sys
import sysconfig
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

FILE = "requirements.txt"
_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"\s--hash[=\s]\S+")
_ARCHIVE = re.compile(r"\.(whl|zip|egg|t[bgx]z|tar(\.\w+)?)$")  # such a name is a file's
_REMOTE = re.compile(r"(git\+)?(https?|ssh)://")


def lines_of(text: str) -> list[str]:
    """Return what is asked for, a line each, without comments."""
    joined = text.replace("\\\n", " ")
    stripped = (_COMMENT.sub("", line).strip() for line in joined.splitlines())
    return [line for line in stripped if line]


def key_of(text: str, code: str, *, alone: bool = True) -> str:
    """Return the key of a layer: equal for equal requirements of equal interpreters.

    Args:
        text: The file.
        code: Digest of the folder's files, which counts where a line may lead to one of them.
        alone: Whether nothing else in the folder says what is installed.
    """
    lines = lines_of(text)
    digest = hashlib.sha256(f"{sys.version}\n{sysconfig.get_platform()}\n".encode())
    digest.update("\n".join(lines).encode())
    if not (alone and all(_stands_alone(line) for line in lines)):
        digest.update(f"\n{code}".encode())
    return digest.hexdigest()[:16]


def _stands_alone(line: str) -> bool:
    """Tell whether a line means the same in every folder: a name, or the address of a server."""
    try:
        requirement = Requirement(_HASH.sub("", line))
    except InvalidRequirement:  # an option, a path
        return False
    if requirement.url is None:
        return not _ARCHIVE.search(requirement.name)
    return bool(_REMOTE.match(requirement.url))


def are_met(text: str) -> bool:
    """Tell whether this environment has what is asked for already, as pip would say.

    False for what is no plain requirement: an option, an address, a hash.
    """
    try:
        return all(_is_met(Requirement(line), frozenset()) for line in lines_of(text))
    except InvalidRequirement:
        return False


def _is_met(requirement: Requirement, asked: frozenset[tuple[str, str]]) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    if requirement.url is not None:
        return False
    try:
        found = importlib.metadata.distribution(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    if not requirement.specifier.contains(found.version, prereleases=True):
        return False
    name = canonicalize_name(requirement.name)
    extras = {(name, extra) for extra in requirement.extras} - asked
    return all(
        _is_met(each, asked | extras)
        for _, extra in sorted(extras)
        for each in _of_extra(found, extra)
    )


def _of_extra(found: importlib.metadata.Distribution, extra: str) -> Iterator[Requirement]:
    """Yield what an extra of a distribution brings along."""
    for line in found.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""}):
            requirement.marker = None
            yield requirement
