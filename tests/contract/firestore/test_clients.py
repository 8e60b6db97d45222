"""Section 0 of the contract: the other official clients, and the process itself."""

import asyncio
import json
import subprocess
import sys

import firebase_admin
import grpc
import pytest
from firebase_admin import firestore as admin_firestore
from google.cloud import firestore

from emulators.firestore.model.protocol import message
from tests.contract.firestore.emulator import Emulator
from tests.support.processes import PATIENCE

METHOD = "/google.firestore.v1.Firestore/"


def test_the_async_client(connect, project):
    async def scene():
        client = connect(project, firestore.AsyncClient)
        reference = client.document("c/a")
        await reference.set({"n": 1})

        @firestore.async_transactional
        async def increment(transaction):
            snapshot = await reference.get(transaction=transaction)
            transaction.update(reference, {"n": snapshot.get("n") + 1})

        await increment(client.transaction())
        found = [one.to_dict() async for one in client.collection("c").stream()]
        count = (await client.collection("c").count().get())[0][0].value
        client.close()
        return found, count

    assert asyncio.run(scene()) == ([{"n": 2}], 1)


def test_firebase_admin(emulator, project, monkeypatch, tmp_path):
    account = {
        "type": "authorized_user",
        "client_id": "x",
        "client_secret": "x",
        "refresh_token": "x",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
    app = firebase_admin.initialize_app(options={"projectId": project}, name=project)
    client = admin_firestore.client(app)
    client.document("c/a").set({"n": 1})
    assert client.document("c/a").get().to_dict() == {"n": 1}
    client.close()
    firebase_admin.delete_app(app)


def call(channel, method, payload):
    return channel.unary_unary(METHOD + method)(payload, timeout=PATIENCE)


def status(channel, method, payload):
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, method, payload)
    return caught.value.code().name


def test_malformed_requests_get_a_status(channel):
    assert status(channel, "Commit", b"\xff\xff\xff") == "INVALID_ARGUMENT"
    assert status(channel, "GetDocument", b"") == "INVALID_ARGUMENT"
    assert status(channel, "Commit", b"") == "INVALID_ARGUMENT"
    assert status(channel, "ExecutePipeline", b"") == "UNIMPLEMENTED"


def test_the_calls_on_one_document(channel, project):
    root = f"projects/{project}/databases/(default)/documents"
    create = message("CreateDocumentRequest")(parent=root, collection_id="c")
    create.document.fields["n"].integer_value = 1
    made = (
        message("RunQueryResponse")
        .DESCRIPTOR.fields_by_name["document"]
        .message_type._concrete_class
    )
    document = made.FromString(call(channel, "CreateDocument", create.SerializeToString()))
    assert len(document.name.rsplit("/", 1)[1]) == 20
    update = message("UpdateDocumentRequest")(document=document)
    update.document.fields["m"].integer_value = 2
    update.update_mask.field_paths.append("m")
    update.mask.field_paths.append("m")
    updated = made.FromString(call(channel, "UpdateDocument", update.SerializeToString()))
    assert list(updated.fields) == ["m"]
    get = message("GetDocumentRequest")(name=document.name).SerializeToString()
    assert sorted(made.FromString(call(channel, "GetDocument", get)).fields) == ["m", "n"]
    delete = message("DeleteDocumentRequest")(name=document.name)
    call(channel, "DeleteDocument", delete.SerializeToString())
    assert status(channel, "GetDocument", get) == "NOT_FOUND"


def test_the_write_stream(channel, project):
    database = f"projects/{project}/databases/(default)"
    kind = message("WriteRequest")
    opening, writing = kind(database=database), kind()
    writing.writes.add().update.name = f"{database}/documents/c/a"
    call_stream = channel.stream_stream(METHOD + "Write")
    requests = iter([opening.SerializeToString(), writing.SerializeToString()])
    raws = list(call_stream(requests, timeout=PATIENCE))
    first, second = (message("WriteResponse").FromString(raw) for raw in raws)
    assert first.stream_id
    assert first.stream_token
    assert len(second.write_results) == 1
    assert second.commit_time == second.write_results[0].update_time
    get = message("GetDocumentRequest")(name=writing.writes[0].update.name)
    assert call(channel, "GetDocument", get.SerializeToString())


def run(*arguments):
    command = [sys.executable, "-m", "emulators.firestore", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_a_busy_port_is_one_clear_line(emulator, tmp_path):
    done = run("--data", str(tmp_path), "--port", str(emulator.port))
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert str(emulator.port) in done.stderr


def test_a_folder_that_cannot_be_used_is_one_clear_line(emulator, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", emulator.folder):
        done = run("--data", str(folder), "--port", "0")
        assert done.returncode != 0
        assert len(done.stderr.strip().splitlines()) == 1
        assert str(folder) in done.stderr
    assert "an emulator as a rule, holds" in done.stderr
    assert "name another folder" in done.stderr


def test_what_is_no_port_is_said(tmp_path):
    done = run("--data", str(tmp_path), "--port", "99999")
    assert done.returncode == 2
    assert "'99999' is no port: a number from 1 to 65535 is wanted" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_says_where_it_listens(tmp_path, capfd):
    with Emulator(tmp_path) as emulator:
        host = emulator.host
    told = json.loads(capfd.readouterr().err.splitlines()[0])
    assert told["event"] == f"listening on http://{host}: export FIRESTORE_EMULATOR_HOST={host}"
