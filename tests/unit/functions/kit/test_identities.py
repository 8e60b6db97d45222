"""Whose a credential is: what is looked up and when, what is remembered and for how long."""

import datetime as dt
import hmac
import re
import secrets
import string
import threading
import zlib
from typing import Any

import msgspec
import pytest

from functions.kit.adapters.access.identities import (
    MAX_AGE,
    MOST_UNKNOWN,
    REVALIDATE_AFTER,
    Identities,
)
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.access import accounts, api_key
from functions.kit.contract.access.accounts import Account, ApiKey, Session
from functions.kit.contract.access.api_key import digest, is_well_formed, new_key, new_session
from functions.kit.contract.access.identity import (
    EVERY,
    KEPT_FOR,
    OWNER,
    Caller,
    IdentitiesAway,
    Identity,
    Role,
    Subject,
)
from functions.kit.contract.access.workspaces import MAIN
from tests.support.callers.identities import caller, identity
from tests.support.processes import ROOT

NOW = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


class Stored:
    """What is stored, who asked for what, and whether it answers."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Identity] = {}
        self.asked: list[tuple[str, str]] = []
        self.away = False
        self.found = threading.Event()

    def __call__(self, collection: str, name: str) -> Identity | None:
        self.asked.append((collection, name))
        self.found.set()
        if self.away:
            raise IdentitiesAway("down")
        return self.known.get((collection, name))

    def keep(self, key: str, found: Identity | None = None) -> Identity:
        kept = self.known[("api_keys", digest(key))] = found or identity()
        return kept


@pytest.fixture
def stored() -> Stored:
    return Stored()


def test_the_form_of_a_key_is_that_of_github_s() -> None:
    for make, prefix in ((new_key, "mfk_"), (new_session, "mfs_")):
        text = make()
        letters, check = text[4:-6], text[-6:]
        assert (text[:4], len(letters)) == (prefix, 43)
        value = 0
        for letter in check:
            value = value * 62 + BASE62.index(letter)
        assert value == zlib.crc32(letters.encode())
        assert is_well_formed(text)
    assert len({new_key() for _ in range(100)}) == 100


@pytest.mark.parametrize("seed", [bytes(32), b"\xff" * 32, b"\x00" * 31 + b"\x01"])
def test_every_seed_makes_a_key_of_one_length(seed: bytes) -> None:
    made = api_key.credential(api_key.PREFIX, seed)
    assert (len(made), is_well_formed(made)) == (53, True)
    with pytest.raises(ValueError, match="31 bytes make no credential"):
        api_key.credential(api_key.PREFIX, seed[:31])


def test_a_key_with_any_letter_changed_is_none() -> None:
    key = new_key()
    for place in range(4, len(key)):
        other = "0" if key[place] != "0" else "1"
        assert not is_well_formed(key[:place] + other + key[place + 1 :])
    for wrong in ("", "x", key[1:], key[:-1], key + "0", f" {key}", "mfx_" + key[4:], "mfk_é"):
        assert not is_well_formed(wrong)


def test_garbage_is_refused_without_a_look_at_what_is_stored(stored: Stored) -> None:
    of = Identities(stored).of
    key = new_key()
    for wrong in ("", "x" * 10_000, "mfk_" + "0" * 49, key[:-1], key.swapcase(), "mfs_", "Bearer"):
        assert of(wrong) is None
    assert stored.asked == []
    assert of(key) is None
    assert stored.asked == [("api_keys", digest(key))]


def test_keys_of_earlier_releases_and_sessions_are_looked_up(stored: Stored) -> None:
    session = new_session()
    of = Identities(stored).of
    assert (of("mf_old"), of(session)) == (None, None)
    assert stored.asked == [("api_keys", digest("mf_old")), ("sessions", digest(session))]


def test_a_credential_is_remembered_and_a_wrong_one_as_well(stored: Stored) -> None:
    good, bad = new_key(), new_key()
    kept, of = stored.keep(good), Identities(stored).of
    assert [of(good), of(good), of(bad), of(bad)] == [kept, kept, None, None]
    assert len(stored.asked) == 2


def test_a_key_that_is_withdrawn_is_refused_within_a_second(stored: Stored) -> None:
    key, clock = new_key(), ManualClock()
    kept = stored.keep(key)
    of = Identities(stored, clock=clock.monotonic).of
    assert of(key) == kept
    del stored.known["api_keys", digest(key)]
    clock.advance(MAX_AGE)
    assert of(key) is None
    assert MAX_AGE < 1


def test_a_key_that_is_new_counts_within_a_second(stored: Stored) -> None:
    key, clock = new_key(), ManualClock()
    of = Identities(stored, clock=clock.monotonic).of
    assert of(key) is None
    kept = stored.keep(key)
    clock.advance(MAX_AGE + 0.001)
    assert of(key) == kept


def test_callers_do_not_wait_for_a_second_look(stored: Stored) -> None:
    key, clock = new_key(), ManualClock()
    kept = stored.keep(key)
    of = Identities(stored, clock=clock.monotonic).of
    assert of(key) == kept
    stored.found.clear()
    clock.advance(REVALIDATE_AFTER)
    assert of(key) == kept
    assert stored.found.wait(5)
    assert len(stored.asked) == 2


@pytest.mark.parametrize("kept_for", [KEPT_FOR, 2.0])
def test_while_nobody_can_say_what_was_known_counts_so_long(
    stored: Stored, kept_for: float
) -> None:
    key, clock = new_key(), ManualClock()
    kept = stored.keep(key)
    of = Identities(stored, clock=clock.monotonic, kept_for=kept_for).of
    assert of(key) == kept
    stored.away = True
    clock.advance(kept_for - MAX_AGE - 0.01)
    assert of(key) == kept
    with pytest.raises(IdentitiesAway):
        of(new_key())
    clock.advance(MAX_AGE + 0.001)  # what is kept now counts no longer than was said
    with pytest.raises(IdentitiesAway):
        of(key)
    stored.away = False
    assert of(key) == kept


def test_a_flood_of_guesses_makes_nobody_forgotten(stored: Stored) -> None:
    key = new_key()
    kept = stored.keep(key)
    found = Identities(stored, clock=lambda: 0.0)  # however long that takes
    assert found.of(key) == kept
    for number in range(MOST_UNKNOWN + 10):
        assert found.of(f"mf_{number}") is None
    asked = len(stored.asked)
    assert found.of(key) == kept
    assert len(stored.asked) == asked


def test_the_first_key_counts_before_anything_is_stored(stored: Stored) -> None:
    stored.away = True
    first = Identities(stored, digest("mf_first")).of
    found = first("mf_first")
    assert found is not None
    assert found.callers[MAIN].account == OWNER
    assert "operate" in found.callers[MAIN].rights
    with pytest.raises(IdentitiesAway):
        first("mf_other")
    assert stored.asked == [("api_keys", digest("mf_other"))]
    assert first(digest("mf_first")) is None


class Watched(str):
    """A credential that tells when it is compared with anything."""

    __slots__ = ("compared",)
    compared: list[Any]

    def __eq__(self, other: object) -> bool:
        self.compared.append(other)
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_how_long_a_check_takes_tells_nothing_by_construction(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that is compared with a secret is a digest, whose bits no caller can choose.

    The store is asked by the whole digest, the first key's goes through `compare_digest`, and the
    checksum is made of what the caller sent alone.
    """
    compared = []
    real = hmac.compare_digest

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    known = new_key()
    stored.keep(known)
    guess = Watched(api_key.credential("mfk_", b"\x00" * 32))
    near = Watched("mf_" + known[3:-1])  # all but the last letter
    identities = Identities(stored, digest("mf_first"))
    for shown in (guess, near, Watched(known)):
        shown.compared = []
        identities.of(shown)
        assert shown.compared == []
    digests = [digest(shown) for shown in (guess, near, known)]
    assert compared == [(one, digest("mf_first")) for one in digests]
    assert stored.asked == [("api_keys", one) for one in digests]
    assert digests[1][:8] != digests[2][:8]


def account(**fields: Any) -> Account:
    usual = {"id": "ann", "email": "a@b", "name": "Ann", "roles": {MAIN: "editor"}, "home": MAIN}
    return Account(**{**usual, "created_at": NOW, "updated_at": NOW, **fields})


def key(**fields: Any) -> ApiKey:
    usual = {"id": "k", "name": "ci", "account": "ann", "workspace": MAIN, "created_at": NOW}
    return ApiKey(**{**usual, "scopes": ["read", "write"], "last_four": "wxyz", **fields})


def test_a_key_may_what_it_was_given_as_far_as_its_account_may() -> None:
    found = accounts.of_key(key(only=Subject("model", "m")), account())
    assert found is not None
    [held] = found.callers.values()
    assert held.rights == {"read", "write"}
    assert (held.only, held.last_four) == (Subject("model", "m"), "wxyz")
    less = accounts.of_key(key(), account(roles={MAIN: "viewer"}))
    assert less is not None
    assert less.callers[MAIN].rights == {"read"}
    more = accounts.of_key(key(), account(roles={MAIN: "owner"}, operator=True))
    assert more is not None
    assert more.callers[MAIN].rights == {"read", "write"}


@pytest.mark.parametrize(
    "holder", [None, account(disabled=True), account(roles={"lab": "owner"})], ids=str
)
def test_a_key_of_nobody_here_opens_nothing(holder: Account | None) -> None:
    assert accounts.of_key(key(), holder) is None


def test_who_is_shut_out_is_not_signed_in_either() -> None:
    session = Session(id="s", account="ann", created_at=NOW, ends_at=NOW)
    found = accounts.of_session(session, account())
    assert found is not None
    assert found.ends == NOW.timestamp()
    assert accounts.of_session(session, account(disabled=True)) is None
    assert accounts.of_session(session, None) is None


def test_a_key_of_an_earlier_release_is_the_owner_s_and_has_an_id() -> None:
    name = digest("mf_old")
    owner = accounts.owner("", NOW)

    def held(**roles: Role) -> Caller | None:
        account = msgspec.structs.replace(owner, roles=roles)
        known = accounts.of_old_key({"name": "old", "role": "admin"}, name, account)
        return known.callers[MAIN] if known else None

    found = held(main="owner")
    assert found
    assert found.rights == EVERY
    lowered = held(main="viewer")
    assert lowered
    assert lowered.rights == {"read", "predict"}
    assert held(other="owner") is None
    assert (found.account, found.name, found.key) == (OWNER, "old", api_key.id_of(name))
    listed = accounts.old_key({"name": "old", "created_at": NOW}, name)
    assert (listed.id, listed.account, listed.workspace) == (found.key, OWNER, MAIN)
    assert caller().key != found.key


def test_the_documented_patterns_find_what_is_made() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| `(\\b[^`]+)` \|", text, re.MULTILINE)
    found = {what: re.compile(pattern) for what, pattern in rows}
    old = "mf_" + secrets.token_urlsafe(32)
    leaked = {"API key": new_key(), "session": new_session(), "API key of an earlier release": old}
    for what, credential in leaked.items():
        line = f'KEY="{credential}"'
        hits = {name: pattern.findall(line) for name, pattern in found.items()}
        assert hits == {name: [credential] if name == what else [] for name in leaked}
