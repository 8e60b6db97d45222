"""Notices by a POST to an address that somebody gave, signed as Standard Webhooks has it."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

import msgspec

from functions.kit.adapters.once import Once
from functions.kit.contract.ports import Clock
from functions.kit.lazy import Lazy
from functions.monitoring.model.alerts import words
from functions.monitoring.model.alerts.channels import Channel, signing_key
from functions.monitoring.model.alerts.notices import Notice
from functions.monitoring.service.alerts.channels import secret_place, url_place
from functions.monitoring.service.alerts.ports import NotTaken, Seal

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.kit.adapters import addresses, guarded_client
    from functions.kit.adapters.guarded_client import Answer, GuardedClient
else:  # of those who send to webhooks alone
    addresses = Lazy("functions.kit.adapters.addresses")
    guarded_client = Lazy("functions.kit.adapters.guarded_client")

SECONDS = 10.0
LARGEST = 64 * 1024
TYPE = "mayfly.alerts"
GONE = 410
LONGEST_WAIT = 3600.0


def default_client() -> "GuardedClient":
    """Return the client of this function's environment."""
    return guarded_client.from_env(seconds=SECONDS, largest=LARGEST)


class Webhook:
    """A Sender that POSTs notices as JSON.

    Args:
        seal: opens what is secret.
        clock: tells the time that is signed.
        client: makes what asks addresses, once.
    """

    def __init__(
        self, seal: Seal, clock: Clock, client: "Callable[[], GuardedClient]" = default_client
    ) -> None:
        self._seal = seal
        self._clock = clock
        self._client = Once(client)

    def send(self, notice: Notice, channel: Channel) -> str:
        """See Sender: `webhook-id` follows from the notice."""
        url = self._seal.opened(channel.sealed_url, url_place(channel))
        secret = self._seal.opened(channel.sealed_secret, secret_place(channel))
        body = body_of(notice)
        headers = {"Content-Type": "application/json", "User-Agent": "mayfly"}
        headers |= signed(notice.id, int(self._clock.now().timestamp()), body, secret)
        try:
            answer = self._client().request("POST", url, headers, body)
        except addresses.AddressError as error:
            # Its words hold the address, of which we show the host alone.
            why = f"{channel.host} may not be called: it is no public address, or no address at all"
            raise NotTaken(why, for_good=True) from error
        except guarded_client.GuardedClientError as error:
            raise NotTaken(str(error)) from error
        if not 200 <= answer.status < 300:
            why = f"{channel.host} answered {answer.status}"
            raise NotTaken(why, for_good=answer.status == GONE, wait=_wait(answer))
        return ""


def body_of(notice: Notice) -> bytes:
    """Return what is sent of a notice: the same bytes each time."""
    data = {
        "workspace": notice.workspace,
        "model": notice.model,
        "subject": words.subject(notice),
        "severity": notice.severity,
        "alerts": notice.lines,
    }
    return msgspec.json.encode({"type": TYPE, "timestamp": notice.created_at, "data": data})


def signed(ident: str, seconds: int, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that prove who sends a body, and when.

    Args:
        ident: of what is sent: the same when it is sent again.
        seconds: since 1970.
        body: what is sent.
        secret: of the channel.
    """
    key = signing_key(secret) or b""
    text = f"{ident}.{seconds}.".encode() + body
    digest = hmac.new(key, text, hashlib.sha256).digest()
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _wait(answer: "Answer") -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), LONGEST_WAIT) if text.isascii() and text.isdecimal() else 0.0
