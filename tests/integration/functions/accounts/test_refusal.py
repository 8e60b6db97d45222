"""What was withdrawn is refused by every replica within a second; what nobody can look up, later.

Replicas of three functions, each a process of its own, over a Firestore that is killed for real.
"""

import datetime as dt
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from functions.kit.adapters.access.identities import MAX_AGE
from functions.kit.contract.access.accounts import ACCOUNTS, Account, Session, document_of
from functions.kit.contract.access.api_key import SESSIONS, digest, new_key, new_session
from functions.kit.contract.access.workspaces import MAIN
from tests.support.processes import PATIENCE, ROOT, Emulator, free_port, wait_until

KEPT_FOR = 2.5  # seconds
WITHIN = 1.0
# A route of each function that asks for nothing but who calls.
PATHS = {"accounts": "/me", "datasets": "/openapi.json", "models": "/openapi.json"}
FIRST = new_key()


class World:
    """A Firestore of its own, and a replica of each function over it."""

    def __init__(self, folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
        port = free_port()
        place = f"127.0.0.1:{port}"
        arguments = ["--data", str(folder), "--port", str(port)]
        self.firestore = Emulator("emulators.firestore", arguments, port, f"tcp://{place}")
        patch.setenv("FIRESTORE_EMULATOR_HOST", place)
        stack.enter_context(self.firestore)
        patch.setenv("MAYFLY_STEP_SECRET", "secret")
        patch.setenv("MAYFLY_FIRST_KEY", digest(FIRST))
        patch.setenv("MAYFLY_IDENTITIES_KEPT_SECONDS", str(KEPT_FOR))
        patch.setenv("GOOGLE_CLOUD_PROJECT", "mayfly-refusal")
        self.ports = {name: _start(name, stack, patch) for name in PATHS}
        client = firestore.Client("mayfly-refusal", AnonymousCredentials())
        self.documents = client
        stack.callback(client.close)

    def call(self, method: str, path: str, credential: str, body: Any = None) -> Any:
        """Call the function `accounts`; return what it answers, None for nothing."""
        status, answer = _answer(self.ports["accounts"], method, path, credential, body)
        assert status < 300, answer
        return json.loads(answer) if answer else None

    def statuses(self, credential: str) -> list[int]:
        """Return what each replica says to a credential."""
        return [
            _answer(self.ports[name], "GET", path, credential)[0] for name, path in PATHS.items()
        ]

    def account(self, name: str) -> str:
        """Make an account; return the token of its session."""
        now, token = dt.datetime.now(dt.UTC), new_session()
        made = Account(
            id=name, email=name, name=name, roles={MAIN: "editor"}, created_at=now, updated_at=now
        )
        ends = now + dt.timedelta(days=1)
        session = Session(id=f"s-{name}", account=name, created_at=now, ends_at=ends)
        self.documents.document(ACCOUNTS, name).set(document_of(made))
        self.documents.document(SESSIONS, digest(token)).set(document_of(session))
        return token


def _start(name: str, stack: ExitStack, patch: pytest.MonkeyPatch) -> int:
    port = free_port()
    patch.setenv("FUNCTION_SOURCE", str(ROOT / "functions" / name / "main.py"))
    patch.setenv("PORT", str(port))
    ready = f"http://127.0.0.1:{port}/_/health"
    stack.enter_context(Emulator("functions.kit.http.serve", [], port, ready))
    return port


def _answer(
    port: int, method: str, path: str, credential: str, body: Any = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("firestore")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        yield World(folder, stack, patch)


def test_what_is_withdrawn_is_refused_by_each_replica_within_a_second(world: World) -> None:
    revoked = world.call("POST", "/keys", FIRST, {"name": "ci", "scopes": ["read"]})
    ended, shut_out = world.account("ended"), world.account("shut-out")
    held = world.call("POST", "/keys", shut_out, {"name": "hers", "scopes": ["read"]})
    credentials = [revoked["key"], ended, shut_out, held["key"]]
    for credential in credentials:
        assert world.statuses(credential) == [200] * len(PATHS)

    world.documents.document(SESSIONS, digest(ended)).delete()
    world.documents.document(ACCOUNTS, "shut-out").update({"disabled": True})
    world.call("DELETE", f"/keys/{revoked['id']}", FIRST)
    withdrawn = time.monotonic()
    while time.monotonic() < withdrawn + WITHIN:  # it is asked for all the time, so remembered
        found = {status for one in credentials for status in world.statuses(one)}
        assert found <= {200, 401}
    assert [world.statuses(one) for one in credentials] == [[401] * len(PATHS)] * 4
    assert world.statuses(FIRST) == [200] * len(PATHS)


def test_what_is_known_counts_for_so_long_while_firestore_is_away(world: World) -> None:
    key = world.call("POST", "/keys", FIRST, {"name": "ci", "scopes": ["read"]})["key"]
    session = world.account("there")
    for credential in (key, session):
        assert world.statuses(credential) == [200] * len(PATHS)
    asked = time.monotonic()
    world.firestore.kill()
    killed = time.monotonic()
    rounds = 0
    while rounds == 0 or time.monotonic() < asked + KEPT_FOR - 2.5 * MAX_AGE:
        for credential in (key, session):
            assert world.statuses(credential) == [200] * len(PATHS)
        rounds += 1
    assert world.statuses(new_key()) == [503] * len(PATHS)
    time.sleep(max(0.0, killed + KEPT_FOR - time.monotonic()))
    for credential, status in ((key, 503), (session, 503), (FIRST, 200), ("mfk_junk", 401)):
        assert world.statuses(credential) == [status] * len(PATHS)

    world.firestore.start()
    wait_until(lambda: world.statuses(key) == [200] * len(PATHS), what="all replicas know it again")
