"""Sections 8.2 and 8.3 of the contract: the emulator's own routes."""

import json
import queue
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cloudevents.http import from_http
from google.api_core import exceptions

from tests.contract.firestore.emulator import Emulator
from tests.contract.firestore.test_rest import ask
from tests.support.processes import PATIENCE


def test_the_root_says_ok(emulator):
    assert ask(emulator, "GET", "/") == (200, b"Ok\n")


def test_clearing_deletes_and_tells_listeners(emulator, client, project):
    seen: queue.Queue = queue.Queue()
    client.document("c/a").set({"n": 1})
    client.document("c/a/d/b").set({"n": 1})
    watch = client.collection("c").on_snapshot(lambda states, *_: seen.put(len(states)))
    assert seen.get(timeout=PATIENCE) == 1
    path = f"/emulator/v1/projects/{project}/databases/(default)/documents"
    assert ask(emulator, "DELETE", path.replace("(", "%28")) == (200, b"{}")
    assert seen.get(timeout=PATIENCE) == 0
    watch.unsubscribe()
    assert not client.document("c/a").get().exists
    assert list(client.collections()) == []
    client.document("c/a").create({"n": 2})  # no stale version is in the way
    assert [one.to_dict() for one in client.collection("c").stream()] == [{"n": 2}]


def test_clearing_aborts_a_transaction_that_read(emulator, client, project):
    client.document("c/a").set({"n": 1})
    transaction = client.transaction(max_attempts=1)
    transaction._begin()
    client.document("c/a").get(transaction=transaction)
    ask(emulator, "DELETE", f"/emulator/v1/projects/{project}/databases/(default)/documents")
    transaction.set(client.document("c/b"), {"n": 1})
    with pytest.raises(exceptions.Aborted):
        transaction._commit()


def test_rules_are_accepted_and_said_not_to_be_enforced(tmp_path, capfd):
    rules = {"rules": {"files": [{"name": "my.rules", "content": "deny all"}]}}
    path = "/emulator/v1/projects/ruled:securityRules"
    with Emulator(tmp_path) as emulator:
        code, answer = ask(emulator, "PUT", path, json.dumps(rules).encode())
        [issue] = json.loads(answer)["issues"]
        assert (code, issue["severity"]) == (200, "WARNING")
        assert issue["sourcePosition"]["fileName"] == "my.rules"
        assert "not enforced" in issue["description"]
        for odd in (b"", b"{}", b"[]", b'{"rules": 5}'):
            assert ask(emulator, "PUT", path, odd)[0] == 200
        page = ask(emulator, "GET", "/", headers={"accept": "text/html"})[1].decode()
        assert "not enforced" in page
        assert "ruled" in page
    assert "rules of the project ruled were uploaded" in capfd.readouterr().err


def test_shutdown(tmp_path):
    emulator = Emulator(tmp_path, "--allow-shutdown").start()
    assert ask(emulator, "POST", "/shutdown")[0] == 200
    assert emulator.wait() == 0


def test_shutdown_is_off_unless_a_flag_allows_it(emulator):
    code, answer = ask(emulator, "POST", "/shutdown")
    assert code == 403
    assert b"--allow-shutdown" in answer
    assert ask(emulator, "GET", "/") == (200, b"Ok\n")


class Functions:
    """A functions host that refuses the first event that it is sent."""

    def __init__(self):
        self.events: queue.Queue = queue.Queue()
        refusals = [503]
        events = self.events

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                code = refusals.pop() if refusals else 200
                if code == 200:
                    events.put((self.path, from_http(dict(self.headers), body)))
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def next(self):
        return self.events.get(timeout=PATIENCE)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def functions():
    host = Functions()
    yield host
    host.close()


@pytest.fixture
def triggering(tmp_path, functions, connect, monkeypatch):
    """An emulator of its own, which the clients that are made from now on use."""
    url = f"http://127.0.0.1:{functions.server.server_port}/function/{{name}}"
    monkeypatch.setenv("FIRESTORE_FUNCTIONS_URL", url)
    emulator = Emulator(tmp_path).start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
    yield emulator
    assert emulator.stop() == 0


def trigger(emulator, project, name, path, kind):
    event = {
        "resource": f"projects/{project}/databases/(default)/documents/{path}",
        "eventType": kind,
        "service": "firestore.googleapis.com",
    }
    body = json.dumps({"eventTrigger": event}).encode()
    return ask(emulator, "PUT", f"/emulator/v1/projects/{project}/triggers/{name}", body)


def test_triggers_post_document_events(triggering, functions, connect, project):
    written = "google.cloud.firestore.document.v1.written"
    assert trigger(triggering, project, "rename", "users/{id}", written) == (200, b"{}")
    client = connect(project)
    reference = client.document("users/ä b")
    reference.set({"n": 1, "m": 1})
    path, event = functions.next()
    assert path == "/function/rename"
    assert event["type"] == written
    assert event["source"] == f"//firestore.googleapis.com/projects/{project}/databases/(default)"
    assert event["subject"] == "documents/users/%C3%A4%20b"
    assert event.data["value"]["fields"] == {"n": {"integerValue": "1"}, "m": {"integerValue": "1"}}
    assert "oldValue" not in event.data
    client.document("others/x").set({"n": 1})
    client.document("users/a/deep/er").set({"n": 1})
    reference.update({"n": 2})
    _, event = functions.next()
    assert event.data["oldValue"]["fields"]["n"] == {"integerValue": "1"}
    assert event.data["updateMask"] == {"fieldPaths": ["n"]}
    reference.delete()
    _, event = functions.next()
    assert "value" not in event.data
    path = f"/emulator/v1/projects/{project}/triggers/rename"
    assert ask(triggering, "DELETE", path) == (200, b"{}")
    reference.set({"n": 3})
    assert ask(triggering, "DELETE", path)[0] == 404
    assert functions.events.empty()


def test_earlier_names_of_event_types(triggering, functions, connect, project):
    kind = "providers/cloud.firestore/eventTypes/document.delete"
    assert trigger(triggering, project, "gone", "{path=**}", kind)[0] == 200
    client = connect(project)
    client.document("a/b/c/d").set({})
    client.document("a/b/c/d").delete()
    _, event = functions.next()
    assert event["type"] == "google.cloud.firestore.document.v1.deleted"
    assert event["document"] == "a/b/c/d"


def test_a_bad_trigger_is_refused(emulator, triggering, project):
    assert trigger(triggering, project, "x", "users/{id}", "nonsense")[0] == 400
    assert trigger(triggering, project, "x", "", "google.cloud.firestore.document.v1.written")
    code, answer = trigger(
        emulator, project, "x", "users/{id}", "google.cloud.firestore.document.v1.written"
    )
    assert code == 400
    assert b"--functions" in answer


def transfer(*arguments):
    command = [sys.executable, "-m", "emulators.firestore.transfer", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def contents(folder):
    databases = json.loads((folder / "manifest.json").read_text())["databases"]
    return {one["name"]: one["sha256"] for one in databases if one["documents"]}


def test_export_and_import(emulator, connect, project, tmp_path):
    """All databases go out and come back, with their times, over HTTP and at rest."""
    first, second = connect(project), connect(project, database="second")
    time = first.document("c/a").set({"n": 1, "b": b"\x00"}).update_time
    first.document("c/a/d/b").set({"n": 2})
    second.document("c/a").set({"n": 3})
    folder = tmp_path / "out"
    body = json.dumps({"folder": str(folder)}).encode()
    assert ask(emulator, "POST", "/emulator/v1:export", body) == (200, b"{}")
    assert ask(emulator, "POST", "/emulator/v1:export", body)[0] == 400  # it is there already
    first.document("c/a").delete()
    second.document("c/a").set({"n": 4})
    second.document("c/kept").set({"n": 5})
    done = transfer("import", folder, "--port", emulator.port)
    assert done.returncode == 0, done.stderr
    assert first.document("c/a").get().to_dict() == {"n": 1, "b": b"\x00"}
    assert first.document("c/a").get().update_time == time
    assert first.document("c/a/d/b").get().to_dict() == {"n": 2}
    assert second.document("c/a").get().to_dict() == {"n": 3}
    assert second.document("c/kept").get().exists
    assert first.document("c/a").set({"n": 9}).update_time > time
    at_rest, again = tmp_path / "data", tmp_path / "again"
    assert transfer("import", folder, "--data", at_rest).returncode == 0
    assert transfer("export", again, "--data", at_rest).returncode == 0
    assert contents(folder) == contents(again)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_damaged_export_changes_nothing(emulator, connect, project, tmp_path):
    client = connect(project)
    client.document("c/a").set({"n": 1})
    folder = tmp_path / "out"
    assert transfer("export", folder, "--port", emulator.port).returncode == 0
    client.document("c/a").set({"n": 2})
    for file in folder.glob("*.documents"):
        file.write_bytes(file.read_bytes()[:-1])
    done = transfer("import", folder, "--port", emulator.port)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert client.document("c/a").get().to_dict() == {"n": 2}
    assert transfer("import", tmp_path, "--port", emulator.port).returncode != 0
