"""What a caller expects of an object or a bucket before anything is done to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from emulators.storage.model.errors import (
    InvalidError,
    NotModifiedError,
    PreconditionFailedError,
)
from emulators.storage.model.etags import matches

_DIGITS = 19
_FAILED = "At least one of the pre-conditions you specified did not hold."


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What must hold; generation 0 stands for no live object.

    Attributes:
        etags: As in `If-Match`; empty where nothing is expected.
        not_etags: As in `If-None-Match`.
    """

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None
    etags: str = ""
    not_etags: str = ""

    def check(
        self, generation: int, metageneration: int, etag: str = "", *, reading: bool = False
    ) -> None:
        """Let what holds pass.

        Args:
            generation: What is there; 0 for nothing.
            metageneration: Likewise.
            etag: Likewise; "" for nothing.
            reading: Whether "not" asks for what the caller lacks, as a GET's does.

        Raises:
            PreconditionFailedError: It does not hold.
            NotModifiedError: The caller that reads has just this.
        """
        if self._differs(generation, metageneration, etag):
            raise PreconditionFailedError(_FAILED)
        if self._is_known(generation, metageneration, etag):
            raise NotModifiedError(_FAILED) if reading else PreconditionFailedError(_FAILED)

    def _differs(self, generation: int, metageneration: int, etag: str) -> bool:
        return (
            self.generation not in (None, generation)
            or self.metageneration not in (None, metageneration)
            or bool(self.etags and not matches(self.etags, etag))
        )

    def _is_known(self, generation: int, metageneration: int, etag: str) -> bool:
        return (
            self.not_generation == generation
            or self.not_metageneration == metageneration
            or bool(self.not_etags and matches(self.not_etags, etag))
        )


NONE = Preconditions()


def read_preconditions(
    query: Mapping[str, str], prefix: str = "if", headers: Mapping[str, str] | None = None
) -> Preconditions:
    """Return what a request expects.

    Args:
        query: Its parameters.
        prefix: Of their names: `ifSource` for those of a copy's source.
        headers: Its fields by lower-case name, where etags count.

    Raises:
        InvalidError: A parameter is no number.
    """
    told = headers or {}
    # Python's client writes "ifMetaGenerationNotMatch" in an upload.
    asked = {name.replace("MetaGeneration", "Metageneration"): query[name] for name in query}
    return Preconditions(
        number(asked, f"{prefix}GenerationMatch"),
        number(asked, f"{prefix}GenerationNotMatch"),
        number(asked, f"{prefix}MetagenerationMatch"),
        number(asked, f"{prefix}MetagenerationNotMatch"),
        told.get("if-match", ""),
        told.get("if-none-match", ""),
    )


def number(query: Mapping[str, str], name: str) -> int | None:
    """Return a parameter that is a whole number; None where it is not there.

    Raises:
        InvalidError: It is none.
    """
    text = query.get(name)
    if text is None:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS):
        raise InvalidError(f"Invalid long value: '{text[:100]}' ({name}).")
    return int(text)
