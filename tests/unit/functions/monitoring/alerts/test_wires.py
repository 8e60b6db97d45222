"""Notices on the wire: a real mail server, a real receiver of webhooks and its own verifier."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from msgspec.structs import replace
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from functions.kit.adapters import guarded_client
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import ConfigError
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.monitoring.adapters.alerts.mail import Mail
from functions.monitoring.adapters.alerts.sealing import Seal
from functions.monitoring.adapters.alerts.webhook import LARGEST, Webhook
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.notices import Line, Notice
from functions.monitoring.service.alerts.channels import secret_place, url_place
from functions.monitoring.service.alerts.ports import NotTaken
from tests.support.servers.hooks import Receiver, open_receiver
from tests.support.servers.mailboxes import Mailbox, open_mailbox

SENDER = "Mayfly <mayfly@example.org>"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of Standard Webhooks
SEAL = Seal("step secret")
LINE = Line(
    alert="a1",
    rule="drift",
    name="Inputs drift\nBcc: eve@example.org",
    measure="drift",
    looks_for="drift of any column more than chance explains, over an hour",
    severity="warning",
    change="firing",
    value=0.0012,
    at=START,
)
NOTICE = Notice(
    id="n1", workspace="w", model="titanic", channel="c", lines=[LINE], created_at=START
)
CHANNEL = Channel(
    id="c",
    workspace="w",
    kind="email",
    name="",
    everybody=True,
    to=["ann@example.org", "bob@example.org"],
    by="ann",
    created_at=START,
    updated_at=START,
)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with open_receiver() as found:
        yield found


def mail(mailbox: Mailbox, user: str = "") -> Mail:
    return Mail(
        f"smtp://{user}{mailbox.address}", SENDER, "https://pages.example.org", ManualClock()
    )


def hook(url: str, allowed: str = "127.0.0.1") -> tuple[Webhook, Channel]:
    channel = replace(CHANNEL, kind="webhook", host="hooks")
    channel = replace(
        channel,
        sealed_url=SEAL.sealed(url, url_place(channel)),
        sealed_secret=SEAL.sealed(SECRET, secret_place(channel)),
    )
    env = {"MAYFLY_ALLOWED_ADDRESSES": allowed}
    client = guarded_client.from_env(env, seconds=5, largest=LARGEST)
    return Webhook(SEAL, SystemClock(), lambda: client), channel


def test_a_mail_says_what_is_wrong_and_has_an_id_that_stays(mailbox: Mailbox) -> None:
    for _ in range(2):
        assert mail(mailbox).send(NOTICE, CHANNEL) == ""
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"] == "<n1.w@example.org>"
    assert first["Subject"] == "[warning] titanic: Inputs drift Bcc: eve@example.org"
    assert first["To"] == "ann@example.org, bob@example.org"
    assert (first["Bcc"], first["Auto-Submitted"]) == (None, "auto-generated")
    text = first.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert "would happen by chance about once in 833 times (p = 0.0012)." in text.decode()
    assert "Found at 2026-01-31 12:00 UTC; alert a1." in text.decode()
    assert "https://pages.example.org/models/titanic" in text.decode()


def test_a_name_that_no_mail_may_have_keeps_back_nothing_else(mailbox: Mailbox) -> None:
    odd = replace(LINE, name="Slow\x00 \x1b[31mred\x7f")
    mail(mailbox).send(replace(NOTICE, lines=[odd, LINE]), CHANNEL)
    [found] = mailbox.mails
    text = found.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert not {*range(9), 0x1B, 0x7F} & {*text, *str(found["Subject"]).encode()}
    assert "Slow" in found["Subject"]
    assert "red" in text.decode()


@pytest.mark.parametrize("url", ["smtp://host:abc", "smtp://host:99999", "smtp://"])
def test_an_address_of_no_mail_server_is_named_as_such(url: str) -> None:
    with pytest.raises(ConfigError, match="MAYFLY_SMTP_URL"):
        Mail(url, SENDER, "", ManualClock())


def test_who_of_several_is_refused_is_told(mailbox: Mailbox) -> None:
    mailbox.refused = {"bob@example.org"}
    said = mail(mailbox).send(NOTICE, CHANNEL)
    assert said == "Refused: bob@example.org: 550 nobody of that name"
    assert len(mailbox.mails) == 1


def test_where_all_are_refused_nothing_is_tried_again(mailbox: Mailbox) -> None:
    mailbox.refused = set(CHANNEL.to)
    with pytest.raises(NotTaken, match=r"ann@example\.org: 550") as caught:
        mail(mailbox).send(NOTICE, CHANNEL)
    assert caught.value.for_good


@pytest.mark.parametrize(("answer", "for_good"), [("451 busy", False), ("554 spam", True)])
def test_a_server_s_no_is_for_now_or_for_good(
    mailbox: Mailbox,
    answer: str,
    for_good: bool,
) -> None:
    mailbox.answers = [answer]
    with pytest.raises(NotTaken, match=answer[:3]) as caught:
        mail(mailbox).send(NOTICE, CHANNEL)
    assert caught.value.for_good is for_good


def test_a_server_that_is_away_is_tried_again() -> None:
    with open_mailbox() as gone:
        sender = mail(gone)
    with pytest.raises(NotTaken, match="refused") as caught:
        sender.send(NOTICE, CHANNEL)
    assert not caught.value.for_good


def test_without_a_server_the_notice_says_which_setting_there_is() -> None:
    with pytest.raises(NotTaken, match="MAYFLY_SMTP_URL"):
        Mail("", SENDER, "", ManualClock()).send(NOTICE, CHANNEL)


def test_a_password_is_not_sent_in_the_clear() -> None:
    seen: list[Any] = []

    def authenticate(*given: Any) -> AuthResult:
        seen.append(given)
        return AuthResult(success=True)

    with open_mailbox(authenticator=authenticate, auth_require_tls=False) as found:
        with pytest.raises(NotTaken, match="in the clear") as caught:
            mail(found, "ann:pass@").send(NOTICE, CHANNEL)
        assert (seen, found.mails, caught.value.for_good) == ([], [], True)
        assert "pass@" not in str(caught.value)


def test_a_goodbye_that_goes_wrong_undoes_no_mail(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def quit_badly(server: Any, _: str) -> None:
        await server.push("421 going down")

    monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_QUIT", quit_badly)
    assert mail(mailbox).send(NOTICE, CHANNEL) == ""
    assert len(mailbox.mails) == 1


def test_a_webhook_is_what_its_receiver_s_own_library_verifies(receiver: Receiver) -> None:
    sender, channel = hook(f"{receiver.url}/hooks/1?key=2")
    sender.send(NOTICE, channel)
    [came] = receiver.came
    assert (came.path, came.headers["content-type"]) == ("/hooks/1?key=2", "application/json")
    told = Verifier(SECRET).verify(came.body, came.headers)
    assert (told["type"], told["data"]["model"]) == ("mayfly.alerts", "titanic")
    assert told["data"]["alerts"][0]["value"] == 0.0012
    assert came.headers["webhook-id"] == "n1"
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(came.body.replace(b"titanic", b"Titanic"), came.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier("whsec_" + "A" * 32).verify(came.body, came.headers)
    late = str(int((dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10)).timestamp()))
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(came.body, came.headers | {"webhook-timestamp": late})


def test_the_same_notice_again_has_the_same_id_and_body(receiver: Receiver) -> None:
    sender, channel = hook(receiver.url)
    for _ in range(2):
        sender.send(NOTICE, channel)
    first, second = receiver.came
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize(
    ("status", "headers", "for_good", "wait"),
    [
        (500, {}, False, 0),
        (503, {"Retry-After": "120"}, False, 120),
        (429, {"Retry-After": "99999"}, False, 3600),
        (302, {"Location": "http://127.0.0.1:1/"}, False, 0),
        (410, {}, True, 0),
    ],
)
def test_a_receiver_s_no(
    receiver: Receiver,
    status: int,
    headers: dict[str, str],
    for_good: bool,
    wait: float,
) -> None:
    receiver.answers = [(status, headers)]
    sender, channel = hook(receiver.url)
    with pytest.raises(NotTaken, match=f"hooks answered {status}") as caught:
        sender.send(NOTICE, channel)
    assert (caught.value.for_good, caught.value.wait) == (for_good, wait)


def test_a_private_address_is_not_called_and_not_told(receiver: Receiver) -> None:
    sender, channel = hook(f"{receiver.url}/secret/path", allowed="")
    with pytest.raises(NotTaken, match="hooks may not be called") as caught:
        sender.send(NOTICE, channel)
    assert caught.value.for_good
    assert "secret/path" not in str(caught.value)
    assert receiver.came == []
