"""Seals of credentials, and the digests that name owners."""

import os
from pathlib import Path

import msgspec
import pytest

from emulators.gateway.model.queued_call import QueuedRequest, decode, encode, read_or_empty
from emulators.gateway.queue.vault import SealError, Vault, load_key

SECRET = ((b"authorization", b"Bearer word"), (b"x-api-key", b"other"), (b"cookie", b"a=b"))
PLAIN = ((b"host", b"h"), (b"x-own", b"kept"))
REQUEST = QueuedRequest("id", "fn", "ns", "POST", b"/path", (*PLAIN, *SECRET), b"body", 1)
VAULT = Vault(b"k" * 32)


def test_what_is_sealed_can_be_opened_and_not_be_read() -> None:
    sealed = VAULT.sealed(REQUEST)
    assert sealed.headers == PLAIN
    for word in (b"word", b"other", b"a=b"):
        assert word not in encode(sealed)
    opened = VAULT.opened(decode(encode(sealed)))
    assert opened == msgspec.structs.replace(REQUEST, owner=sealed.owner)


def test_a_message_that_is_no_text_is_nobody_s() -> None:
    foreign = encode(REQUEST).replace(b"POST", b"POS\xff")
    with pytest.raises(msgspec.DecodeError, match="utf-8"):
        decode(foreign)
    assert read_or_empty(foreign, "c") == QueuedRequest("c", "", "", "", b"", (), b"", 0)


def test_every_seal_is_another() -> None:
    assert VAULT.sealed(REQUEST).sealed != VAULT.sealed(REQUEST).sealed


def test_without_a_credential_there_is_nothing_to_seal() -> None:
    plain = msgspec.structs.replace(REQUEST, headers=PLAIN)
    assert VAULT.sealed(plain) == plain
    assert VAULT.opened(plain) == plain


@pytest.mark.parametrize(
    "change",
    [
        {"call_id": "x"},
        {"function": "x"},
        {"namespace": "x"},
        {"method": "GET"},
        {"path": b"/x"},
        {"sealed": b"x" * 40},
        {"sealed": b"x"},
    ],
)
def test_a_seal_holds_for_its_own_call_alone(change: dict[str, str | bytes]) -> None:
    moved = msgspec.structs.replace(VAULT.sealed(REQUEST), **change)
    with pytest.raises(SealError):
        VAULT.opened(moved)


def test_another_key_opens_nothing_and_names_others() -> None:
    other = Vault(b"l" * 32)
    with pytest.raises(SealError):
        other.opened(VAULT.sealed(REQUEST))
    assert other.owner(REQUEST.headers) != VAULT.owner(REQUEST.headers)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"authorization": "Bearer k"}, {"authorization": "bearer  k "}, True),
        ({"authorization": "Bearer k"}, {"x-api-key": "k"}, True),
        ({"authorization": "Bearer k"}, {"authorization": "Bearer k", "x-api-key": "k"}, True),
        ({"authorization": "Bearer k"}, {"authorization": "Bearer l"}, False),
        ({"authorization": "Bearer k"}, {"authorization": "Step k"}, False),
        ({"authorization": "Bearer k"}, {"authorization": "Bearer k", "x-api-key": "l"}, False),
        (
            {"authorization": "Bearer k", "x-api-key": "l"},
            {"authorization": "Bearer l", "x-api-key": "k"},
            True,
        ),
        ({"authorization": "Bearer k", "cookie": "a"}, {"authorization": "Bearer k"}, True),
        ({"cookie": "a"}, {}, True),
    ],
)
def test_owners(one: dict[str, str], other: dict[str, str], *, same: bool) -> None:
    named = [
        VAULT.owner([(k.encode(), v.encode()) for k, v in given.items()]) for given in (one, other)
    ]
    assert (named[0] == named[1]) is same


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"x-api-key": " "}, {"authorization": "Bearer "}]
)
def test_nobody_owns_a_call_without_a_credential(headers: dict[str, str]) -> None:
    assert VAULT.owner([(k.encode(), v.encode()) for k, v in headers.items()]) == ""


def test_a_key_is_made_once_and_a_wrong_file_named(tmp_path: Path) -> None:
    path = tmp_path / "data" / "queue-key"
    made = load_key(path)
    assert (len(made), load_key(path), path.stat().st_mode & 0o777) == (32, made, 0o600)
    assert load_key(tmp_path / "other") != made
    path.write_bytes(os.urandom(31))
    with pytest.raises(SystemExit, match="queue-key"):
        load_key(path)
