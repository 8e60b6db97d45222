"""Is a version's file the one that was registered, and one that can be served?"""

import hashlib
import tempfile
from collections.abc import Callable
from typing import IO, TypeVar

from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.measures import held_out
from functions.kit.contract.models import background, reference
from functions.kit.contract.models.background import Background
from functions.kit.contract.models.registration import ModelFile, Registration
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.ports import Bucket
from functions.models.model import comparisons

T = TypeVar("T")

UNREADABLE = (held_out.Unreadable, background.Unreadable, reference.Unreadable)
# An open file, its bytes, its signature → what is wrong with it (`examiner.Examiner.flaws`).
Examine = Callable[[IO[bytes], int, Signature], list[Flaw]]


class FileCheck:
    """Looks at files before their versions are registered.

    Args:
        source: the bucket.
        examine: opens a file and lets it answer.
        most_bytes: the largest file that is taken.
    """

    def __init__(self, source: Bucket, examine: Examine, most_bytes: int) -> None:
        self._source = source
        self._examine = examine
        self._most_bytes = most_bytes

    def check(self, registration: Registration) -> None:
        """Refuse what could not be served; raises Invalid with each flaw, or Away.

        A function has no file: whether it answers is asked whenever it is to.
        """
        told = registration.file
        if told is None:
            return
        if told.bytes > self._most_bytes:
            reason = f"Expected {self._most_bytes:,} bytes at most; train a smaller model"
            raise _refused(Flaw(reason, column="file.bytes", value=f"{told.bytes:,}"))
        with tempfile.TemporaryFile() as file:
            self._fetch(told, file)
            flaws = self._examine(file, told.bytes, registration.signature)
        if flaws:
            raise _refused(*flaws)
        if registration.held_out is not None:
            self._check_held_out(registration.held_out, registration)
        if registration.background is not None:
            self._check_background(registration.background, registration.signature)
        if registration.reference is not None:
            self._check_reference(registration.reference, registration.signature)

    def _check_held_out(self, told: ModelFile, registration: Registration) -> None:
        found = self._read(told, "held_out", held_out.MOST_BYTES, comparisons.unpacked)
        if found.task != registration.task or found.labels != registration.signature.labels:
            raise _refused(Flaw("Expected the version's task and labels", column="held_out"))

    def _check_background(self, told: ModelFile, signature: Signature) -> None:
        def read(data: bytes) -> Background:
            return background.from_bytes(data, signature)

        self._read(told, "background", background.MOST_BYTES, read)

    def _check_reference(self, told: ModelFile, signature: Signature) -> None:
        found = self._read(told, "reference", reference.MOST_BYTES, reference.from_bytes)
        if [one.name for one in found.columns] != [one.name for one in signature.columns]:
            raise _refused(Flaw("Expected the signature's columns", column="reference"))

    def _read(self, told: ModelFile, field: str, most: int, read: Callable[[bytes], T]) -> T:
        """Return what a file beside the version's has; raises Invalid that names its field."""
        if told.bytes > most:
            reason = f"Expected {most:,} bytes at most"
            raise _refused(Flaw(reason, column=f"{field}.bytes", value=f"{told.bytes:,}"))
        with tempfile.TemporaryFile() as file:
            self._fetch(told, file, field)
            file.seek(0)
            try:
                return read(file.read())
            except UNREADABLE as error:
                raise _refused(Flaw(str(error), column=field, value=told.path)) from error

    def _fetch(self, told: ModelFile, file: IO[bytes], field: str = "file") -> None:
        """Copy the stored file, but no more of it than was told."""
        digest, size = hashlib.sha256(), 0
        try:
            for chunk in self._source.chunks(told.path):
                size += len(chunk)
                if size > told.bytes:
                    break
                digest.update(chunk)
                file.write(chunk)
        except FileNotFoundError as error:
            flaw = Flaw(
                "There is no such file in the bucket", column=f"{field}.path", value=told.path
            )
            raise _refused(flaw) from error
        if size != told.bytes or digest.hexdigest() != told.sha256:
            flaw = Flaw("The file has another size or SHA-256", column=field, value=told.path)
            raise _refused(flaw)


def _refused(*flaws: Flaw) -> Exception:
    return refused("The model's file was refused", *flaws, noun="field")
