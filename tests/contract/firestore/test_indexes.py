"""Index mode (README): queries without an index are refused as by the real service."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.query_profile import ExplainOptions

from emulators.firestore.model.protocol import ListenRequest, ListenResponse, Target
from tests.contract.firestore.emulator import Emulator
from tests.support.processes import PATIENCE, ROOT

DECLARED: dict[str, list[object]] = {
    "indexes": [
        {
            "collectionGroup": "runs",
            "queryScope": "COLLECTION",
            "fields": [
                {"fieldPath": "kind", "order": "ASCENDING"},
                {"fieldPath": "at", "order": "DESCENDING"},
            ],
        }
    ],
    "fieldOverrides": [{"collectionGroup": "runs", "fieldPath": "secret", "indexes": []}],
}
PLAN = ExplainOptions(analyze=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("indexes")
    (folder / "declared.json").write_text(json.dumps(DECLARED))
    return folder


@pytest.fixture(scope="module")
def strict(files):
    """An emulator that knows one index, refuses what needs another, and records what is needed."""
    declared, recorded = str(files / "declared.json"), str(files / "recorded.json")
    options = ["--indexes", declared, "--require-indexes", "--record-indexes", recorded]
    emulator = Emulator(files / "data", *options).start()
    yield emulator
    assert emulator.stop() == 0


@pytest.fixture
def runs(strict, monkeypatch, project):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", strict.host)
    client = firestore.Client(project=project, credentials=AnonymousCredentials())
    runs = client.collection("runs")
    for number in range(3):
        runs.document(f"r{number}").set({"kind": "a", "at": number, "secret": number})
    yield runs
    client.close()


def by_kind(runs, direction):
    return runs.where(filter=FieldFilter("kind", "==", "a")).order_by("at", direction=direction)


def test_the_client_gets_the_real_services_error(runs, project):
    assert [one.id for one in by_kind(runs, "DESCENDING").get()] == ["r2", "r1", "r0"]
    with pytest.raises(exceptions.FailedPrecondition) as refused:
        by_kind(runs, "ASCENDING").get()
    assert refused.value.grpc_status_code is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.value.message.startswith(
        "The query requires an index. You can create it here: "
        f"https://console.firebase.google.com/v1/r/project/{project}/firestore/indexes"
        "?create_composite=C"
    )
    with pytest.raises(exceptions.FailedPrecondition, match="COLLECTION_ASC index for collection"):
        runs.where(filter=FieldFilter("secret", "==", 1)).get()
    with pytest.raises(exceptions.FailedPrecondition, match="COLLECTION_GROUP_ASC index for"):
        runs._client.collection_group("runs").where(filter=FieldFilter("at", "==", 1)).get()


def test_aggregations_transactions_and_lists_are_held_to_it(runs):
    with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
        by_kind(runs, "ASCENDING").count().get()
    with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
        runs.where(filter=FieldFilter("kind", "==", "a")).sum("other").get()
    in_transaction = firestore.transactional(
        lambda transaction: by_kind(runs, "ASCENDING").get(transaction=transaction)
    )
    with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
        in_transaction(runs._client.transaction())
    [[total]] = by_kind(runs, "DESCENDING").sum("at").get()
    assert total.value == 3
    api, root = runs._client._firestore_api, runs._client._database_string + "/documents"
    request = {"parent": root, "collection_id": "runs", "order_by": "kind, at"}
    with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
        next(iter(api.list_documents(request)))
    assert len(list(api.list_documents({**request, "order_by": "at desc"}))) == 3


def test_a_listener_is_refused_and_its_stream_goes_on(strict, runs):
    def target(number, direction):
        message = ListenRequest(database=runs._client._database_string)
        query = by_kind(runs, direction)._to_protobuf()._pb
        parent = runs._client._database_string + "/documents"
        message.add_target.CopyFrom(Target(target_id=number))
        message.add_target.query.parent = parent
        message.add_target.query.structured_query.CopyFrom(query)
        return message

    with grpc.insecure_channel(strict.host) as channel:
        listen = channel.stream_stream(
            "/google.firestore.v1.Firestore/Listen",
            ListenRequest.SerializeToString,
            ListenResponse.FromString,
        )
        answers = listen(iter([target(1, "ASCENDING"), target(2, "DESCENDING")]), timeout=PATIENCE)
        refused = next(answers).target_change
        assert refused.cause.code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
        assert "create_composite=" in refused.cause.message
        names: list[str] = []
        while len(names) < 3:
            names += filter(None, [next(answers).document_change.document.name])
        answers.cancel()
    assert [name.rpartition("/")[2] for name in names] == ["r2", "r1", "r0"]


def test_rest_answers_alike(strict, runs, project):
    body = {
        "structuredQuery": {
            "from": [{"collectionId": "runs"}],
            "where": {
                "fieldFilter": {
                    "field": {"fieldPath": "kind"},
                    "op": "EQUAL",
                    "value": {"stringValue": "a"},
                }
            },
            "orderBy": [{"field": {"fieldPath": "at"}}],
        }
    }
    path = f"/v1/projects/{project}/databases/(default)/documents:runQuery"
    request = urllib.request.Request(f"http://{strict.host}{path}", json.dumps(body).encode())
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=PATIENCE)
    with refused.value as answer:
        [told] = json.load(answer)
    assert (answer.code, told["error"]["status"]) == (400, "FAILED_PRECONDITION")
    with pytest.raises(exceptions.FailedPrecondition) as over_grpc:
        by_kind(runs, "ASCENDING").get()
    assert told["error"]["message"] == over_grpc.value.message


def test_the_plan_names_the_indexes_that_serve(runs):
    def plan(query):
        found = query.get(explain_options=PLAN).get_explain_metrics().plan_summary.indexes_used
        return [one["properties"] for one in found]

    assert plan(by_kind(runs, "DESCENDING")) == ["(kind ASC, at DESC, __name__ DESC)"]
    both = runs.where(filter=FieldFilter("kind", "==", "a")).where(
        filter=FieldFilter("at", "==", 1)
    )
    assert plan(both) == ["(at ASC, __name__ ASC)", "(kind ASC, __name__ ASC)"]
    tags = runs.where(filter=FieldFilter("tags", "array_contains", 1))
    assert plan(tags) == ["(tags ARRAY_CONTAINS, __name__ ASC)"]
    with pytest.raises(exceptions.FailedPrecondition, match=r"^400 no matching index found\.$"):
        by_kind(runs, "ASCENDING").get(explain_options=PLAN)


def test_what_the_queries_seen_need_is_recorded(files, runs):
    query = runs.where(filter=FieldFilter("kind", "==", "a")).order_by("other")
    with pytest.raises(exceptions.FailedPrecondition):
        query.get()
    by_kind(runs, "DESCENDING").get()
    recorded = json.loads((files / "recorded.json").read_text())["indexes"]
    fields = [[field["fieldPath"] for field in one["fields"]] for one in recorded]
    assert ["kind", "other"] in fields
    assert DECLARED["indexes"][0] in recorded  # declared elsewhere, but needed by what was seen


def started(tmp_path, *options, **variables):
    """What an emulator says that cannot start."""
    command = [sys.executable, "-m", "emulators.firestore", "--data", str(tmp_path / "data")]
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [*command, "--port", "1", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("option", ["--indexes", "--record-indexes"])
def test_a_malformed_file_ends_the_start_with_a_line(tmp_path, option):
    path = tmp_path / "firestore.indexes.json"
    path.write_text(
        json.dumps({"indexes": [{"collectionGroup": "c", "fields": [{"order": "UP"}]}]})
    )
    line = f'firestore: cannot use {path} ({option}): indexes[0].fields[0]: "fieldPath" is missing'
    assert started(tmp_path, option, str(path)) == f"{line} or no text; name it.\n"
    path.write_text('{"indexes": [\n}')
    assert "line 2, column 1: Expecting value; the file must be JSON." in started(
        tmp_path, option, str(path)
    )
    path.write_bytes(b"\xff")
    assert "byte 0 is not UTF-8" in started(tmp_path, option, str(path))
    assert not (tmp_path / "data").exists()


def test_the_variables_stand_for_the_options(tmp_path, monkeypatch, project):
    absent = str(tmp_path / "absent.json")
    assert absent in started(tmp_path, FIRESTORE_INDEXES=absent)
    nowhere = str(tmp_path / "absent" / "recorded.json")
    assert nowhere in started(tmp_path, FIRESTORE_RECORD_INDEXES=nowhere)
    said = started(tmp_path, FIRESTORE_REQUIRE_INDEXES="perhaps")
    assert said == "firestore: FIRESTORE_REQUIRE_INDEXES is 'perhaps'; it must be 1 or 0.\n"

    def first_refusal(*options):
        emulator = Emulator(tmp_path / "data", *options).start()
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
        client = firestore.Client(project=project, credentials=AnonymousCredentials())
        try:
            by_kind(client.collection("runs"), "DESCENDING").get()
        except exceptions.FailedPrecondition as error:
            return error.message
        finally:
            client.close()
            assert emulator.stop() == 0
        return None

    monkeypatch.setenv("FIRESTORE_REQUIRE_INDEXES", "1")
    assert "requires an index" in first_refusal()
    assert first_refusal("--no-require-indexes") is None
