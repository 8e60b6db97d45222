"""What people do with channels; what is secret of one is sealed before it is stored."""

import base64
import secrets
import uuid
from collections.abc import Sequence

from msgspec.structs import replace

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Invalid, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.conditions import IfMatch, check_match
from functions.kit.contract.requests.idempotency import other_request
from functions.monitoring.model.alerts import channels
from functions.monitoring.model.alerts.channels import (
    MOST_CHANNELS,
    SECRET_PREFIX,
    Channel,
    ChannelSpec,
    ChannelView,
    EmailSpec,
    WebhookSpec,
    view,
)
from functions.monitoring.service.alerts.ports import Channels, Seal

_SECRET_BYTES = 32


class ChannelService:
    """Keeps channels.

    Args:
        store: where they are.
        seal: seals what is secret.
        clock: tells the time.
    """

    def __init__(self, store: Channels, seal: Seal, clock: Clock) -> None:
        self._store = store
        self._seal = seal
        self._clock = clock

    def all(self, workspace: str) -> list[ChannelView]:
        """Return a workspace's channels, by id."""
        return [view(one) for one in sorted(self._store.all(workspace), key=lambda one: one.id)]

    def get(self, place: Place) -> ChannelView:
        """Return a channel; raises NotFound."""
        found = self._store.find(place)
        if found is None:
            raise not_found("channel", place.name)
        return view(found)

    def everybody(self, workspace: str) -> Sequence[str]:
        """Return the ids of the channels that are told by rules that name none."""
        return sorted(one.id for one in self._store.all(workspace) if one.everybody)

    def create(
        self, workspace: str, spec: ChannelSpec, caller: Caller, ident: str | None = None
    ) -> ChannelView:
        """Add a channel; where there is one of this id (`idempotency.id_of`) already, that one.

        A new secret is in what is returned, this once.

        Raises:
            Invalid: it cannot be.
            Conflict: the workspace has too many, or the id is of another channel.
        """
        channels.check(spec, is_new=True)
        now, place = self._clock.now(), Place(workspace, ident or uuid.uuid4().hex)
        known = self._store.find(place) if ident else None
        if known is not None:
            return self._same(known, spec)
        if len(self._store.all(workspace)) >= MOST_CHANNELS:
            raise Conflict(
                f"The workspace has {MOST_CHANNELS} channels, the most it may: remove one, or add "
                "addresses to one that there is."
            )
        made = Channel(
            id=place.name,
            workspace=workspace,
            kind="email" if isinstance(spec, EmailSpec) else "webhook",
            name=spec.name,
            everybody=spec.everybody,
            by=caller.name,
            created_at=now,
            updated_at=now,
        )
        secret = _new_secret() if isinstance(spec, WebhookSpec) and spec.secret is None else None
        if not self._store.create(self._said(made, spec, secret)):
            return self._same(self._store.find(place) or made, spec)
        return view(self._store.find(place) or made, secret)

    def replace(
        self, place: Place, spec: ChannelSpec, caller: Caller, if_match: IfMatch
    ) -> ChannelView:
        """Change a channel; what is secret stays where the change says nothing of it.

        Raises:
            NotFound: there is none.
            Stale: it was changed meanwhile.
            Invalid: it cannot be.
        """
        channels.check(spec, is_new=False)
        now = self._clock.now()

        def change(found: Channel) -> Channel:
            check_match(if_match, found.revision, f"The channel '{found.id}'")
            if (found.kind == "email") != isinstance(spec, EmailSpec):
                raise Invalid(f"The channel '{found.id}' is of kind {found.kind}, and stays so.")
            more = {"revision": found.revision + 1, "by": caller.name, "updated_at": now}
            said = {"name": spec.name, "everybody": spec.everybody}
            return self._said(replace(found, **more, **said), spec, None)

        return view(self._store.change(place, change))

    def remove(self, place: Place, if_match: IfMatch) -> None:
        """Remove a channel; notices to it fail from then on. Raises NotFound, Stale."""

        def change(found: Channel) -> None:
            check_match(if_match, found.revision, f"The channel '{found.id}'")

        self._store.change(place, change)

    def _same(self, known: Channel, spec: ChannelSpec) -> ChannelView:
        """Return the channel of a request that came again; raises Conflict where it is another."""
        said = (spec.name, spec.everybody)
        if isinstance(spec, EmailSpec):
            is_same = known.kind == "email" and known.to == spec.to
        else:
            url = self._seal.opened(known.sealed_url, url_place(known)) if known.sealed_url else ""
            is_same = known.kind == "webhook" and url == spec.url
        if not is_same or said != (known.name, known.everybody):
            raise other_request()
        return view(known)

    def _said(self, channel: Channel, spec: ChannelSpec, secret: str | None) -> Channel:
        if isinstance(spec, EmailSpec):
            return replace(channel, to=spec.to)
        url, given = spec.url, spec.secret or secret
        if url is not None:
            sealed = self._seal.sealed(url, url_place(channel))
            channel = replace(channel, host=channels.host_of(url), sealed_url=sealed)
        if given is not None:
            sealed = self._seal.sealed(given, secret_place(channel))
            channel = replace(channel, sealed_secret=sealed)
        return channel


def url_place(channel: Channel) -> str:
    """Return what a channel's URL is sealed for."""
    return f"{channel.workspace}/{channel.id}/url"


def secret_place(channel: Channel) -> str:
    """Return what a channel's secret is sealed for."""
    return f"{channel.workspace}/{channel.id}/secret"


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
