"""What the services need of the world."""

import datetime as dt
from collections.abc import Callable
from typing import Protocol, TypeVar

from functions.accounts.model.documents import Document

T = TypeVar("T")

Later = Callable[[Callable[[], None]], None]
"""Has work done after the answer, perhaps never: what fails is told in the log."""


class Reader(Protocol):
    """Reads documents by their path, `accounts/owner`."""

    def get(self, path: str) -> Document | None:
        """Return a document, or None."""

    def find(self, collection: str, field: str, value: str) -> dict[str, Document]:
        """Return the documents, by name, that have exactly this in one field."""


class Transaction(Reader, Protocol):
    """Reads, then writes; all of it counts at one moment, or nothing does."""

    def set(self, path: str, document: Document) -> None:
        """Write a whole document."""

    def delete(self, path: str) -> None:
        """Remove a document; one that is not there is as good as removed."""


class Database(Reader, Protocol):
    """Keeps documents."""

    def page(self, collection: str, limit: int, after: str | None) -> dict[str, Document]:
        """Return at most `limit` documents by name, in the order of their names."""

    def until(self, collection: str, field: str, moment: dt.datetime, most: int) -> list[str]:
        """Return the names of at most so many documents with a time in a field, by `moment`."""

    def transact(self, work: Callable[[Transaction], T], /) -> T:
        """Run `work`, again when what it read was changed meanwhile, and commit.

        An error from `work` writes nothing, and is the caller's.

        Raises:
            Away: the store does not answer.
            NoRoom: it takes no more.
        """


class Hasher(Protocol):
    """Makes of passwords what may be stored: slow on purpose."""

    def hash(self, password: str) -> str:
        """Return what to store."""

    def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether it is the password; None, for no password, takes as long and is False."""

    def is_outdated(self, stored: str) -> bool:
        """Tell whether it was hashed with less work than is usual now."""


class Mailer(Protocol):
    """Sends mail."""

    confirms: bool
    """Whether a mail comes to its address, so that a link in it proves whose that is."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Send a mail; one that cannot be sent is told in the log."""
