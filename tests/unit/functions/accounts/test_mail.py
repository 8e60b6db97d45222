"""Mail: to a real server, tried again, never in the clear with a password; or into files."""

import email
import logging
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from functions.accounts.adapters.config import AccountSettings
from functions.accounts.adapters.mail.mailers import mailer
from functions.accounts.adapters.mail.outbox import Outbox
from functions.accounts.adapters.mail.smtp import PAUSES, SmtpMail
from functions.kit.adapters.config import ConfigError
from functions.kit.adapters.manual_clock import ManualClock

if TYPE_CHECKING:
    from email.message import Message

logging.getLogger("mail.log").setLevel(logging.ERROR)
ANN = "ann@example.org"


class Inbox:
    """A server's handler: keeps what comes, after it has answered `first` so many times."""

    def __init__(self, *first: str) -> None:
        self.first = list(first)
        self.mails: list[Message] = []
        self.tries = 0

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.tries += 1
        if self.first:
            return self.first.pop(0)
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 taken"


@pytest.fixture
def serve() -> Iterator[Any]:
    """Return what starts a server with a handler, and gives its address."""
    running: list[Controller] = []

    def start(inbox: Inbox, **options: Any) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        running.append(Controller(inbox, hostname="127.0.0.1", port=port, **options))
        running[-1].start()
        return f"127.0.0.1:{port}"

    yield start
    for one in running:
        one.stop()


def send(url: str, clock: ManualClock | None = None) -> list[Any]:
    """Send a mail; return what was logged."""
    with structlog.testing.capture_logs() as lines:
        found = SmtpMail(url, "mayfly@example.org", clock or ManualClock())
        found.send(ANN, "A subject", "Hello\n.\nhttp://pages/x?token=1\n")
    return list(lines)


def test_a_mail_comes_as_it_was_written(serve: Any) -> None:
    inbox = Inbox()
    assert send(f"smtp://{serve(inbox)}") == []
    [mail] = inbox.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == (ANN, "mayfly@example.org", "A subject")
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().replace("\r\n", "\n") == "Hello\n.\nhttp://pages/x?token=1\n"


def test_a_server_that_is_busy_is_asked_again(serve: Any) -> None:
    inbox, clock = Inbox("451 busy", "421 busy"), ManualClock()
    assert send(f"smtp://{serve(inbox)}", clock) == []
    assert (len(inbox.mails), clock.monotonic()) == (1, sum(PAUSES))


def test_a_server_that_refuses_is_asked_once_and_the_log_says_so(serve: Any) -> None:
    inbox, clock = Inbox("550 never"), ManualClock()
    [line] = send(f"smtp://{serve(inbox)}", clock)
    assert (line["event"], line["server"], inbox.tries) == ("a mail was not sent", "127.0.0.1", 1)
    assert "550" in line["error"]
    assert ANN not in str(line)


def test_a_server_that_stays_away_is_given_up() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        clock = ManualClock()
        [line] = send(f"smtp://127.0.0.1:{nobody.getsockname()[1]}", clock)
    assert (line["log_level"], clock.monotonic()) == ("error", sum(PAUSES))


def test_a_password_is_not_sent_in_the_clear(serve: Any) -> None:
    seen: list[Any] = []

    def authenticate(*arguments: Any) -> AuthResult:
        seen.append(arguments)
        return AuthResult(success=True)

    options = {"authenticator": authenticate, "auth_require_tls": False}
    inbox = Inbox()
    [line] = send(f"smtp://user:pass@{serve(inbox, **options)}")
    assert "in the clear" in line["error"]
    assert (seen, inbox.mails) == ([], [])


@pytest.mark.parametrize("url", ["smtp://", "smtp:///x", "smtps://:25"])
def test_an_address_without_a_host_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="MAYFLY_SMTP_URL"):
        SmtpMail(url, "mayfly@example.org", ManualClock())


# The outbox


def test_without_a_server_a_mail_is_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "outbox"
    with structlog.testing.capture_logs() as lines:
        Outbox(folder, "mayfly@example.org", ManualClock()).send(ANN, "A subject", "token=1\n")
    [path] = folder.iterdir()
    mail = email.message_from_bytes(path.read_bytes())
    assert (mail["To"], mail["Subject"], mail.get_payload()) == (ANN, "A subject", "token=1\n")
    assert path.name.startswith("20260131T120000-")
    assert path.suffix == ".eml"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (folder, path)] == [0o700, 0o600]
    [line] = lines
    assert line["file"] == str(path)
    assert "token" not in str(line)


def test_an_outbox_that_others_can_read_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(PermissionError, match="chmod 700"):
        Outbox(tmp_path, "mayfly@example.org", ManualClock()).send(ANN, "A", "b")
    assert list(tmp_path.iterdir()) == []


def test_an_outbox_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    (tmp_path / "outbox").symlink_to(tmp_path / "theirs")
    with pytest.raises(PermissionError):
        Outbox(tmp_path / "outbox", "mayfly@example.org", ManualClock()).send(ANN, "A", "b")


# Settings


def test_settings_have_defaults_for_a_laptop() -> None:
    found = AccountSettings.from_env({})
    assert (found.owner_email, found.web_url) == ("owner@localhost", "http://127.0.0.1:8000")
    assert (found.smtp_url, found.outbox.name, found.trusted_hops) == ("", "mayfly-outbox", 1)
    assert isinstance(mailer(found, ManualClock()), Outbox)


def test_a_mail_server_is_taken_from_a_secret_file(tmp_path: Path) -> None:
    (tmp_path / "mayfly-smtp-url").write_text("smtps://mail.example.org\n")
    found = AccountSettings.from_env({"MAYFLY_SECRETS_DIR": str(tmp_path)})
    assert isinstance(mailer(found, ManualClock()), SmtpMail)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MAYFLY_TRUSTED_HOPS", "-1"),
        ("MAYFLY_TRUSTED_HOPS", "many"),
        ("MAYFLY_SMTP_URL", "mail.example.org"),
        ("MAYFLY_SMTP_URL", "https://mail.example.org"),
    ],
)
def test_a_wrong_setting_is_named(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=key):
        AccountSettings.from_env({key: value})
