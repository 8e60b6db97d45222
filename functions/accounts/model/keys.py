"""API keys: what one is asked for with, and how another takes its place. Pure."""

import datetime as dt
import hashlib
import hmac
from typing import Annotated, Literal, NamedTuple, get_args

import msgspec

from functions.kit.contract.access import api_key
from functions.kit.contract.access.accounts import Account, ApiKey
from functions.kit.contract.access.identity import RIGHTS, Scope, Subject
from functions.kit.contract.errors import Flaw, Invalid
from functions.kit.contract.requests.names import check_name

_PURPOSE = "mayfly api key 1"  # other things made of the same secret are no keys
DAY = 24 * 3600  # seconds
MOST_DAYS = 3650
USUAL_OVERLAP = DAY
MOST_OVERLAP = 90 * DAY


class Only(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one model or dataset that a key is for."""

    kind: Literal["model", "dataset"]
    name: str


class KeyRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants a key for.

    Attributes:
        name: what lists, histories and logs call it.
        scopes: what it may do, as far as its account may.
        only: the one model or dataset that it is for; everything of the workspace without.
        days: how long it counts; for ever without.
        account: whose it is, another's than the caller's; for who runs the system.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=3)]
    only: Only | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] | None = None
    account: str | None = None


class RotateRequest(msgspec.Struct, forbid_unknown_fields=True):
    """For how long, in seconds, the key that is replaced goes on counting."""

    overlap_seconds: Annotated[int, msgspec.Meta(ge=0, le=MOST_OVERLAP)] = USUAL_OVERLAP


class NewKey(NamedTuple):
    """A key as it is kept, with the text that is shown once."""

    kept: ApiKey
    text: str


def text_of(secret: str, workspace: str, account: str, repeat: str) -> str:
    """Return the key that a request of this Idempotency-Key makes, each time the same.

    Args:
        secret: known to the functions of this system alone, and kept with no key.
        workspace: of the caller.
        account: of the caller; neither it nor a workspace holds a line break.
        repeat: the Idempotency-Key.
    """
    named = f"{_PURPOSE}\n{workspace}\n{account}\n{repeat}"
    seed = hmac.new(secret.encode(), named.encode(), hashlib.sha256).digest()
    return api_key.credential(api_key.PREFIX, seed)


def asked_for(text: str, request: KeyRequest, workspace: str, now: dt.datetime) -> NewKey:
    """Return the key of a request that was checked; its `account` is filled in."""
    only = None
    if request.only is not None:
        only = Subject(request.only.kind, request.only.name)
    kept = ApiKey(
        id=api_key.id_of(api_key.digest(text)),
        name=request.name,
        account=request.account or "",
        workspace=workspace,
        scopes=sorted(set(request.scopes)),
        only=only,
        last_four=text[-4:],
        created_at=now,
        days=request.days,
        ends_at=_end(request.days, now),
    )
    return NewKey(kept, text)


def in_place_of(old: ApiKey, text: str, now: dt.datetime) -> NewKey:
    """Return the key that replaces another: for the same, and for as long from now on."""
    kept = msgspec.structs.replace(
        old,
        id=api_key.id_of(api_key.digest(text)),
        last_four=text[-4:],
        created_at=now,
        ends_at=_end(old.days, now),
        last_used_at=None,
        replaces=old.id,
    )
    return NewKey(kept, text)


def is_of_an_earlier_release(key: ApiKey) -> bool:
    """Tell whether a key is older than accounts: what may be done with it has no bounds."""
    return not key.last_four


def end_of(old: ApiKey, overlap: int, now: dt.datetime) -> dt.datetime:
    """Return when a key that is replaced ends: not later than it would have."""
    end = now + dt.timedelta(seconds=overlap)
    return end if old.ends_at is None else min(end, old.ends_at)


def is_same(known: ApiKey, asked: ApiKey) -> bool:
    """Tell whether two keys of one Idempotency-Key were asked for alike."""
    return _essence(known) == _essence(asked)


def check(request: KeyRequest, account: Account | None, workspace: str) -> None:
    """Refuse a key that its account could do nothing with; raises Invalid.

    Args:
        request: with `account` filled in.
        account: whose it shall be; None when there is none of that id.
        workspace: where it shall count.
    """
    role = None if account is None or account.disabled else account.roles.get(workspace)
    if role is None:
        raise _refused(f"Account '{request.account}' does not belong to this workspace", "account")
    beyond = sorted(set(request.scopes) - RIGHTS[role])
    if beyond:
        may = ", ".join(sorted(RIGHTS[role].intersection(get_args(Scope))))
        raise _refused(f"As {role} the account may {may}, not {', '.join(beyond)}", "scopes")
    if request.only is not None:
        check_name(request.only.kind, request.only.name)


def _end(days: int | None, now: dt.datetime) -> dt.datetime | None:
    return None if days is None else now + dt.timedelta(days=days)


def _refused(reason: str, field: str) -> Invalid:
    return Invalid(f"{reason}.", Flaw(reason, column=field))


def _essence(key: ApiKey) -> tuple[object, ...]:
    return (key.name, key.account, tuple(key.scopes), key.only, key.days, key.replaces)
