"""Channels: whom notices go to. What is secret of one is taken in, and never given out again."""

import base64
import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated

import msgspec

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.requests.names import ModelName

LONGEST_ADDRESS = 254
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets of webhooks begin with, and none itself
MOST_CHANNELS = 50
"""Of a workspace."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_URL = re.compile(r"https?://([^/?#@\s]+)(?:[/?#]\S*)?", re.IGNORECASE)

Address = Annotated[str, msgspec.Meta(min_length=3, max_length=LONGEST_ADDRESS)]
Secret = Annotated[str, msgspec.Meta(min_length=16, max_length=500)]


class EmailSpec(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="email"
):
    """Mail to some addresses.

    Attributes:
        to: addresses.
        name: what people call the channel.
        everybody: it is told by rules that name no channels.
    """

    to: Annotated[list[Address], msgspec.Meta(min_length=1, max_length=20)]
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    everybody: bool = True


class WebhookSpec(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="webhook"
):
    """A POST to an address, signed (Standard Webhooks).

    Attributes:
        url: of http or https; where it leads may not be private. Only its host is shown again.
        secret: that bodies are signed with; null for the one that there is, or a new one, which the
            answer shows this once.
        name: what people call the channel.
        everybody: it is told by rules that name no channels.
    """

    url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    secret: Secret | None = None
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    everybody: bool = True


ChannelSpec = EmailSpec | WebhookSpec


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as it is stored.

    Attributes:
        id: in its workspace.
        kind: `email` or `webhook`.
        to: addresses of mail.
        host: of a webhook.
        sealed_url: of a webhook: many have a password in their path.
        sealed_secret: of a webhook.
        revision: raised by each change; the entity tag.
    """

    id: str
    workspace: str = MAIN
    kind: str
    name: str
    everybody: bool
    to: list[str] = []
    host: str = ""
    sealed_url: str = ""
    sealed_secret: str = ""
    revision: int = 1
    by: str
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)


class ChannelView(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as it is shown.

    Attributes:
        secret: what bodies are signed with, in the answer to who made it alone; else null.
    """

    id: ModelName
    kind: str
    name: str
    everybody: bool
    to: list[str]
    host: str
    secret: str | None = None
    revision: int
    by: str
    created_at: dt.datetime
    updated_at: dt.datetime


def view(channel: Channel, secret: str | None = None) -> ChannelView:
    """Return what is shown of a channel."""
    names = set(ChannelView.__struct_fields__) - {"secret"}
    return ChannelView(**{name: getattr(channel, name) for name in names}, secret=secret)


def check(spec: ChannelSpec, *, is_new: bool) -> None:
    """Refuse a channel that cannot be; raises Invalid with each flaw."""
    flaws = [*_flaws(spec, is_new=is_new)]
    if flaws:
        raise refused("The channel was refused", *flaws, noun="field")


def signing_key(secret: str) -> bytes | None:
    """Return the bytes that a secret signs with, as Standard Webhooks has it; None for none.

    After SECRET_PREFIX they are base64; any other secret is the bytes themselves.
    """
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True) or None
    except ValueError:
        return None


def host_of(url: str) -> str:
    """Return what is shown of a URL: its host, and its port where it names one."""
    found = _URL.fullmatch(url)
    return found[1] if found else ""


def _flaws(spec: ChannelSpec, *, is_new: bool) -> Iterator[Flaw]:
    if isinstance(spec, EmailSpec):
        for place, one in enumerate(spec.to):
            if not _ADDRESS.fullmatch(one):
                reason = "Expected an e-mail address such as ann@example.org, in ASCII"
                yield Flaw(reason, column=f"to[{place}]", value=one[:80])
        return
    if spec.secret is not None and signing_key(spec.secret) is None:
        yield Flaw(f"Expected base64 after {SECRET_PREFIX}", column="secret")
    if spec.url is None and is_new:
        yield Flaw("Expected the address that is to be told", column="url")
    if spec.url is not None and not host_of(spec.url):
        reason = "Expected a URL such as https://example.org/hooks/1, without a user's name"
        yield Flaw(reason, column="url")
