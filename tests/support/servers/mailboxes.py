"""A real mail server whose answers a test sets."""

import email
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

if TYPE_CHECKING:
    from email.message import Message

logging.getLogger("mail.log").setLevel(logging.ERROR)
TAKEN = "250 taken"


class Mailbox:
    """A server's handler: keeps what comes, and answers as it is told to.

    Attributes:
        mails: that came whole, those that were refused, too.
        answers: to the next mails; after them, each is taken.
        refused: addresses that it does not know.
        at_mail: is called when a mail has come whole, before it is answered.
        address: of the server.
    """

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.answers: list[str] = []
        self.refused: set[str] = set()
        self.at_mail: Callable[[], object] = lambda: None
        self.address = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content))
        self.at_mail()
        return self.answers.pop(0) if self.answers else TAKEN


@contextmanager
def open_mailbox(**options: Any) -> Iterator[Mailbox]:
    """Give a mail server that answers until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Mailbox()
    made.address = f"127.0.0.1:{port}"
    server = Controller(made, hostname="127.0.0.1", port=port, **options)
    server.start()
    try:
        yield made
    finally:
        server.stop()
