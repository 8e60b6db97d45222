"""Both guarded clients connect to what was checked, and to nothing else: real sockets and TLS."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulators.gateway.http import client
from emulators.gateway.http import guarded_client as gateway
from emulators.gateway.model import addresses as gateway_addresses
from functions.kit.adapters import addresses as kit_addresses
from functions.kit.adapters import guarded_client as kit
from tests.support.outward import Script, certificate, serving

HEADERS = [(b"x-own", b"kept")]
Ask = Callable[..., int]


class _Awaited:
    """A scripted resolver for the gateway's side."""

    def __init__(self, script: Script) -> None:
        self.is_own = script.is_own
        self._script = script

    async def addresses(self, _host: str, _port: int) -> list[str]:
        return self._script.next()


class _Plain:
    """A scripted resolver for the kit's side."""

    def __init__(self, script: Script) -> None:
        self.is_own = script.is_own
        self._script = script

    def addresses(self, _host: str, _port: int) -> list[str]:
        return self._script.next()


def through_gateway(url: str, allowed: str, script: Script, *, seconds: float = 20) -> int:
    rules = gateway_addresses.Rules(gateway_addresses.read_entries(allowed))
    outward = gateway.Outward(rules, _Awaited(script))
    answer = asyncio.run(client.call(outward, url, HEADERS, b"told", seconds))
    return answer.status


def through_kit(url: str, allowed: str, script: Script, *, seconds: float = 20) -> int:
    rules = kit_addresses.Rules(kit_addresses.read_entries(allowed))
    outward = kit.GuardedClient(rules, _Plain(script), seconds)
    return outward.request("POST", url, {"X-Own": "kept"}, b"told").status


REFUSED = (PermissionError, kit_addresses.AddressError)
FAILED = (OSError, TimeoutError, kit.GuardedClientError)


@pytest.fixture(params=[through_gateway, through_kit], ids=["gateway", "kit"])
def ask(request: pytest.FixtureRequest) -> Ask:
    found: Ask = request.param
    return found


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a listener that accepts and says nothing more than a begun head, drop by drop."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        thread.join()


def test_a_name_is_resolved_once_and_the_connection_bound_to_it(ask: Ask) -> None:
    with serving() as server:
        script = Script(["127.0.0.1"], ["127.0.0.66"])
        status = ask(f"http://rebound.example:{server.port}/in?a=b", "127.0.0.1", script)
        [(path, fields, body)] = server.received
    assert (status, script.asked) == (200, 1)
    assert (path, body, fields["x-own"]) == ("/in?a=b", b"told", "kept")
    assert fields["host"] == f"rebound.example:{server.port}"


def test_a_name_that_turns_private_is_refused_then(ask: Ask) -> None:
    with serving() as server:
        url = f"http://rebound.example:{server.port}/"
        script = Script(["127.0.0.1"], ["127.0.0.2"])
        assert ask(url, "127.0.0.1", script) == 200
        with pytest.raises(REFUSED, match="private"):
            ask(url, "127.0.0.1", script)
        assert len(server.received) == 1


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1", "10.0.0.1"],
        ["10.0.0.1", "127.0.0.1"],
        ["127.0.0.1", "::1"],
        ["127.0.0.1", "64:ff9b::7f00:2"],
    ],
)
def test_one_private_address_among_others_is_enough(ask: Ask, answer: list[str]) -> None:
    with serving() as server:
        with pytest.raises(REFUSED, match="private"):
            ask(f"http://mixed.example:{server.port}/", "127.0.0.1", Script(answer))
        assert server.received == []


def test_an_address_of_this_machine_is_private_whatever_it_is(ask: Ask) -> None:
    with pytest.raises(REFUSED, match="private"):
        ask("http://here.example/", "", Script(["8.8.8.8"], own=("8.8.8.8",)))


def test_literals_are_checked_like_names(ask: Ask) -> None:
    with serving() as server:
        with pytest.raises(REFUSED, match="private"):
            ask(f"http://127.0.0.1:{server.port}/", "", Script(["127.0.0.1"]))
        with pytest.raises(REFUSED, match="no http address"):
            ask(f"ftp://127.0.0.1:{server.port}/", "127.0.0.1", Script(["127.0.0.1"]))
        assert server.received == []


def test_the_next_address_is_tried_where_one_does_not_answer(ask: Ask) -> None:
    with serving() as server:
        script = Script(["127.0.0.9", "127.0.0.1"])
        assert ask(f"http://two.example:{server.port}/", "127.0.0.0/8", script) == 200


def test_a_redirect_is_not_followed(ask: Ask) -> None:
    with serving() as inner, serving() as outer:
        to = f"http://127.0.0.1:{inner.port}/secret"
        url = f"http://moves.example:{outer.port}/moved?to={to}"
        assert ask(url, "127.0.0.1", Script(["127.0.0.1"])) == 302
        assert len(outer.received) == 1
        assert inner.received == []


def test_a_certificate_must_be_for_the_name_though_the_address_is_what_is_called(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path, "right.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with serving(tls=context) as server:
        script = Script(["127.0.0.1"])
        assert ask(f"https://right.example:{server.port}/", "127.0.0.1", script) == 200
        with pytest.raises(FAILED, match=r"(?i)certificate|hostname"):
            ask(f"https://wrong.example:{server.port}/", "127.0.0.1", script)
        with pytest.raises(FAILED, match=r"(?i)certificate|address"):
            ask(f"https://127.0.0.1:{server.port}/", "127.0.0.1", script)
        assert len(server.received) == 1


def test_an_answer_is_bounded_in_size(ask: Ask) -> None:
    with serving() as server:
        url = f"http://large.example:{server.port}/size/"
        assert ask(f"{url}1048576", "127.0.0.1", Script(["127.0.0.1"])) == 200
        with pytest.raises(FAILED, match="is over"):
            ask(f"{url}2097152", "127.0.0.1", Script(["127.0.0.1"]))


def test_an_answer_is_bounded_in_time_even_when_it_comes_drop_by_drop(
    ask: Ask, silent: int
) -> None:
    began = time.monotonic()
    with pytest.raises(FAILED):
        ask(f"http://slow.example:{silent}/", "127.0.0.1", Script(["127.0.0.1"]), seconds=0.5)
    assert time.monotonic() - began >= 0.5


def test_proxies_of_the_environment_are_not_used(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy, serving() as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        url = f"http://direct.example:{server.port}/"
        assert ask(url, "127.0.0.1", Script(["127.0.0.1"])) == 200
        assert (len(proxy.received), len(server.received)) == (0, 1)


def test_the_system_s_resolver_is_held_to_the_same() -> None:
    with serving() as server, pytest.raises(kit_addresses.AddressError, match="private"):
        kit.from_env({}).request("POST", f"http://localhost:{server.port}/", {})
    with serving() as server:
        env = {"MAYFLY_ALLOWED_ADDRESSES": "127.0.0.1 ::1"}
        asked = kit.from_env(env).request("POST", f"http://localhost:{server.port}/", {})
        closed = kit.from_env({**env, "MAYFLY_GATEWAY_URL": f"http://127.0.0.1:{server.port}"})
        with pytest.raises(kit_addresses.AddressError, match="private"):
            closed.request("POST", f"http://127.0.0.1:{server.port}/", {})
    assert (asked.status, asked.body) == (200, b"ok")


def test_what_the_operator_gave_may_be_private() -> None:
    with serving() as server:
        outward = gateway.Outward(None, gateway.SystemResolver())
        url = f"http://localhost:{server.port}/x"
        assert asyncio.run(client.post(outward, url, [], b"", 20)) == 200
