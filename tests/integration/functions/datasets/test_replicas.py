"""The function as a process of its own, served as in its container, and killed."""

import base64
import hashlib
import http.client
import json
import socket
import threading
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlencode

import pytest

from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.steps import Step
from tests.support.in_memory.steps import let_lease_end
from tests.support.processes import PATIENCE, ROOT, Emulator, free_port, wait_until

ROWS = 20_000
MANY = "n,word\n" + "".join(f"{row},w{row % 7}\n" for row in range(1, ROWS + 1))


@contextmanager
def replica(monkeypatch):
    port = free_port()
    monkeypatch.setenv("FUNCTION_SOURCE", str(ROOT / "functions" / "datasets" / "main.py"))
    monkeypatch.setenv("PORT", str(port))
    ready = f"http://127.0.0.1:{port}/_/health"
    with Emulator("functions.kit.http.serve", [], port, ready) as process:
        yield process


def step(port, path, secret):
    """Deliver a step; tell the status, or None when the replica died over it."""
    token = step_tokens.authorization(
        secret, "datasets", step_tokens.Call("POST", "datasets", path)
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2 * PATIENCE)
    try:
        connection.request("POST", path, headers={"Authorization": token})
        return connection.getresponse().status
    except (http.client.HTTPException, OSError):
        return None
    finally:
        connection.close()


def has_more_than(api, path, rows):
    return api.get(path).json["rows_done"] > rows


@pytest.mark.parametrize("kills", [3])
def test_an_import_survives_kill_9_at_any_moment(api, name, emulators, monkeypatch, kills):
    path = api.place(api.upload(MANY, name))
    secret = emulators["MAYFLY_STEP_SECRET"]
    seen = 0
    for _ in range(kills):
        with replica(monkeypatch) as process:
            thread = threading.Thread(target=step, args=(process.port, f"{path}/import", secret))
            thread.start()
            wait_until(partial(has_more_than, api, path, seen), what="progress")
        thread.join()  # leaving the block killed the replica in the middle of its step
        let_lease_end(Step("datasets", f"{path}/import"))
        done = api.get(path).json["rows_done"]
        assert done >= seen
        seen = done
    with replica(monkeypatch) as process:
        assert step(process.port, f"{path}/import", secret) == 204
    dataset = api.get(path).json
    assert (dataset["state"], dataset["rows_done"], dataset["revision"]) == ("ready", ROWS, 1)
    text = api.get(f"{path}/export.csv").get_data(as_text=True)
    assert text.replace("\r\n", "\n") == MANY


def has_written(api, path):
    return api.get(f"{path}/changes/2").json["written"] > 0


def test_a_removal_of_many_survives_kill_9_and_is_seen_whole_or_not_at_all(
    api, name, emulators, monkeypatch
):
    table = "n\n" + "".join(f"{row}\n" for row in range(6_000))
    path, secret = api.load(table, name), emulators["MAYFLY_STEP_SECRET"]
    assert api.delete(f"{path}/records?filter=n>=1000").status_code == 202

    def exported():
        return api.get(f"{path}/export.csv").get_data(as_text=True).split()[1:]

    with replica(monkeypatch) as process:
        thread = threading.Thread(target=step, args=(process.port, f"{path}/change", secret))
        thread.start()
        wait_until(partial(has_written, api, path), what="records that are removed")
    thread.join()  # leaving the block killed the replica in the middle of its step
    assert api.get(f"{path}/changes/2").json["state"] == "running"
    assert exported() == [str(row) for row in range(6_000)]
    let_lease_end(Step("datasets", f"{path}/change"))
    with replica(monkeypatch) as process:
        assert step(process.port, f"{path}/change", secret) == 204
    dataset = api.get(path).json
    assert (dataset["rows"], dataset["revision"], dataset["changing"]) == (1000, 2, None)
    assert exported() == [str(row) for row in range(1000)]


@pytest.mark.parametrize("kills", [1])
def test_new_rows_survive_kill_9_and_show_at_once(api, name, emulators, monkeypatch, kills):
    path = api.load("n,word\n1,old\n7,old\n", name)
    asked = "mode=upsert&key=n"
    answer = api.post(f"{path}/imports?{asked}", data=MANY, content_type="text/csv")
    assert answer.status_code == 202, answer.json
    at, secret, seen = api.place(answer), emulators["MAYFLY_STEP_SECRET"], 0
    for _ in range(kills):
        with replica(monkeypatch) as process:
            thread = threading.Thread(target=step, args=(process.port, at, secret))
            thread.start()
            wait_until(partial(has_more_than, api, at, seen), what="progress")
        thread.join()  # leaving the block killed the replica in the middle of its step
        let_lease_end(Step("datasets", at))
        found = api.get(at).json
        assert (found["state"], found["rows_done"] >= seen) == ("importing", True)
        seen = found["rows_done"]
        text = api.get(f"{path}/export.csv").get_data(as_text=True)
        assert text.replace("\r\n", "\n") == "n,word\n1,old\n7,old\n"
    with replica(monkeypatch) as process:
        assert step(process.port, at, secret) == 204
    found = api.get(at).json
    assert (found["state"], found["revision"], found["rows_done"]) == ("done", 2, ROWS)
    text = api.get(f"{path}/export.csv").get_data(as_text=True)
    rows = sorted(text.splitlines()[1:], key=lambda row: int(row.partition(",")[0]))
    assert ["n,word", *rows] == MANY.splitlines()


def broken(port, key, name, headers, body):
    """Send a request that ends too early; return the first line of the answer."""
    lines = [f"POST /datasets?name={name} HTTP/1.1", "Host: x", *headers]
    lines += [f"Authorization: {key['Authorization']}", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall("\r\n".join(lines).encode() + body)
        client.shutdown(socket.SHUT_WR)
        return client.makefile("rb").readline().decode()


def test_an_upload_that_breaks_off_makes_no_dataset(api, key, name, monkeypatch):
    plain, chunked = "Content-Type: text/csv", "Transfer-Encoding: chunked"
    form = "Content-Type: multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\na,b\n1,2\n'
    chunk = f"{len(part):x}\r\n".encode() + part + b"\r\n"
    with replica(monkeypatch) as process:
        port = process.port
        assert broken(port, key, name, [plain, "Content-Length: 99"], b"a,b\n1,2\n")[9:12] != "202"
        assert "411" in broken(port, key, name, [plain, chunked], b"8\r\na,b\n1,2\n\r\n")
        assert "400" in broken(port, key, name, [form, chunked], chunk)
        assert "202" in broken(
            port, key, name + "x", [form, chunked], chunk + b"9\r\n\r\n--b--\r\n\r\n"
        )
    assert api.get(f"/datasets/{name}").status_code == 404


def chunked(process, key, path, kind, body, **fields):
    """Send a body as OpenFaaS forwards every one: in chunks; return status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=PATIENCE)
    headers = {**key, "Content-Type": kind, "Transfer-Encoding": "chunked", **fields}
    pieces = iter([body[:3], body[3:]])
    connection.request("POST", path, pieces, headers, encode_chunked=True)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_bodies_in_chunks_are_taken_on_every_route(api, key, name, monkeypatch):
    path = api.load("a,b\n1,x\n", name)
    csv = b"a,b\n1,2\n"
    told = f"sha-256=:{base64.b64encode(hashlib.sha256(csv).digest()).decode()}:"
    with replica(monkeypatch) as process:
        status, made = chunked(
            process, key, f"{path}/records", "application/json", b'{"values": {"a": 2, "b": "y"}}'
        )
        assert (status, made["values"]) == (201, {"a": 2, "b": "y"})
        plain = partial(chunked, process, key, f"/datasets?name={name}-2", "text/csv")
        assert plain(csv)[0] == 411
        status, problem = plain(csv[:-2], **{"Content-Digest": told})
        assert (status, "Content-Digest" in problem["detail"]) == (400, True)
        assert plain(csv, **{"Content-Digest": told})[0] == 202


def test_the_first_key_of_a_system_is_taken_without_a_document(emulators, monkeypatch):
    monkeypatch.setenv("MAYFLY_FIRST_KEY", hashlib.sha256(b"mf_first").hexdigest())
    with replica(monkeypatch) as process:
        found = []
        for given in ("mf_first", "mf_other"):
            connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=PATIENCE)
            connection.request("GET", "/datasets", headers={"X-Api-Key": given})
            found.append(connection.getresponse().status)
            connection.close()
    assert found == [200, 401]


def found(port, key, path, condition):
    """Ask one replica for the ids of the records that meet a condition."""
    query = urlencode({"filter": condition, "sort": "-n", "count": "true"})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", f"{path}/records?{query}", headers=key)
    page = json.loads(connection.getresponse().read())
    connection.close()
    assert page["count"] == len(page["items"])
    return [record["id"] for record in page["items"]]


def test_every_replica_sees_what_was_acknowledged_by_another(api, name, key, monkeypatch):
    path = api.load("n,word\n1,a\n2,b\n3,c\n", name)
    with replica(monkeypatch) as process:
        assert found(process.port, key, path, "n>1") == ["000000003", "000000002"]
        for value in range(10, 20):
            assert (
                api.patch(f"{path}/records/000000002", json={"values": {"n": value}}).status_code
                == 200
            )
            assert found(process.port, key, path, f"n=={value}") == ["000000002"]
        assert api.delete(f"{path}/records/000000003").status_code == 204
        assert found(process.port, key, path, "n>1") == ["000000002"]
        process.kill()
    with replica(monkeypatch) as process:
        assert found(process.port, key, path, "n>0") == ["000000002", "000000001"]
