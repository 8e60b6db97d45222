"""Mail in memory, for tests."""

from typing import NamedTuple


class Sent(NamedTuple):
    """A mail that was sent."""

    to: str
    subject: str
    text: str


class MemoryMailer:
    """A Mailer that keeps what it sent, oldest first."""

    def __init__(self, *, confirms: bool = False) -> None:
        self.confirms = confirms
        self.sent: list[Sent] = []

    def send(self, to: str, subject: str, text: str) -> None:
        """See Mailer."""
        self.sent.append(Sent(to, subject, text))
