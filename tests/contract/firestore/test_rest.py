"""Section 8.1 of the contract: REST v1, with the official client's REST transport and by hand."""

import json
import urllib.error
import urllib.request

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreRestTransport

from tests.contract.firestore.emulator import Emulator
from tests.support.processes import PATIENCE


@pytest.fixture
def root(database):
    return f"{database}/documents"


@pytest.fixture
def rest(emulator):
    transport = FirestoreRestTransport(
        host=emulator.host, url_scheme="http", credentials=AnonymousCredentials()
    )
    yield FirestoreClient(transport=transport)
    transport.close()


def number(value):
    return types.Value(integer_value=value)


def test_documents(rest, root):
    parent = f"{root}/p/q"  # the client itself refuses to create below the root
    made = rest.create_document(
        request={
            "parent": parent,
            "collection_id": "c",
            "document_id": "a b%",
            "document": {"fields": {"n": number(1)}},
        }
    )
    assert made.name == f"{parent}/c/a b%"
    update = types.Document(name=made.name, fields={"m": number(2), "x": number(3)})
    mask = types.DocumentMask(field_paths=["m"])
    rest.update_document(document=update, update_mask=mask)
    found = rest.get_document(request={"name": made.name})
    assert {name: value.integer_value for name, value in found.fields.items()} == {"n": 1, "m": 2}
    assert found.update_time > found.create_time == made.create_time
    listed = rest.list_documents(request={"parent": parent, "collection_id": "c", "page_size": 1})
    assert [one.name for one in listed] == [made.name]
    assert list(rest.list_collection_ids(parent=parent)) == ["c"]
    assert list(rest.list_collection_ids(parent=root)) == ["p"]
    rest.delete_document(name=made.name)
    with pytest.raises(exceptions.NotFound):
        rest.get_document(request={"name": made.name})


def test_an_automatic_id(emulator, root):
    code, answer = ask(emulator, "POST", f"/v1/{root}/c", b"{}")
    assert code == 200
    assert len(json.loads(answer)["name"].rsplit("/", 1)[1]) == 20


def test_every_kind_of_value_comes_back(rest, root):
    fields = types.Document.to_json(
        types.Document(
            fields={
                "bytes": types.Value(bytes_value=b"\x00\xff"),
                "nan": types.Value(double_value=float("nan")),
                "large": number(2**62 + 1),
                "null": types.Value(null_value=0),
                "empty": types.Value(array_value={}),
                "geo": types.Value(geo_point_value={"latitude": 1.5, "longitude": -2}),
                "map": types.Value(map_value={"fields": {"ü": types.Value(string_value="")}}),
                "truth": types.Value(boolean_value=False),
            }
        )
    )
    name = f"{root}/c/a"
    document = types.Document.from_json(fields)
    rest.commit(
        database=root.removesuffix("/documents"),
        writes=[types.Write(update=types.Document(name=name, fields=dict(document.fields)))],
    )
    back = json.loads(types.Document.to_json(rest.get_document(request={"name": name})))
    assert back["fields"] == json.loads(fields)["fields"]


def test_queries_and_transactions(rest, root, database):
    writes = [
        types.Write(update=types.Document(name=f"{root}/c/{n}", fields={"n": number(n)}))
        for n in range(3)
    ]
    rest.commit(database=database, writes=writes)
    query = types.StructuredQuery(
        from_=[types.StructuredQuery.CollectionSelector(collection_id="c")],
        limit={"value": 2},
    )
    found = rest.run_query(request={"parent": root, "structured_query": query})
    assert [one.document.name[-1] for one in found] == ["0", "1"]
    counted = types.StructuredAggregationQuery(
        structured_query=query, aggregations=[{"count": {}, "alias": "all"}]
    )
    request = {"parent": root, "structured_aggregation_query": counted}
    (answer,) = rest.run_aggregation_query(request=request)
    assert answer.result.aggregate_fields["all"].integer_value == 2
    transaction = rest.begin_transaction(database=database).transaction
    names = [f"{root}/c/9", f"{root}/c/1"]
    request = {"database": database, "documents": names, "transaction": transaction}
    answers = list(rest.batch_get_documents(request=request))
    assert [answers[0].found.name, answers[1].missing] == [names[1], names[0]]
    request = {"database": database, "writes": writes[:1], "transaction": transaction}
    rest.commit(request=request)
    rest.rollback(database=database, transaction=transaction)
    statuses = rest.batch_write(request={"database": database, "writes": writes}).status
    assert [one.code for one in statuses] == [0, 0, 0]


def test_an_empty_result_is_one_response(rest, root):
    query = types.StructuredQuery(from_=[{"collection_id": "none"}])
    (only,) = rest.run_query(request={"parent": root, "structured_query": query})
    assert only.read_time
    assert not only.document.name


def ask(emulator, method, path, body=None, headers=None):
    code, answer, _ = ask_all(emulator, method, path, body, headers)
    return code, answer


def ask_all(emulator, method, path, body=None, headers=None):
    url = f"http://{emulator.host}{path}"
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


@pytest.mark.parametrize(
    ("method", "path", "code", "status"),
    [
        ("GET", "/c/a", 404, "NOT_FOUND"),
        ("GET", "/c/a?mask.nonsense=1", 400, "INVALID_ARGUMENT"),
        ("GET", "/c?showMissing=perhaps", 400, "INVALID_ARGUMENT"),
        ("GET", "/c/%ff", 400, "INVALID_ARGUMENT"),
        ("GET", "/c/a%2Fb", 400, "INVALID_ARGUMENT"),
        ("PATCH", "/c/a?currentDocument.exists=true", 404, "NOT_FOUND"),
        ("POST", ":commit", 400, "INVALID_ARGUMENT"),
        ("POST", ":executePipeline", 501, "UNIMPLEMENTED"),
        ("POST", ":listen", 501, "UNIMPLEMENTED"),
        ("POST", ":nonsense", 404, "NOT_FOUND"),
        ("PUT", "/c/a", 404, "NOT_FOUND"),
    ],
)
def test_errors(emulator, root, method, path, code, status):
    body = b"{" if path == ":commit" else b"{}"
    found, answer = ask(emulator, method, f"/v1/{root}{path}", body if method != "GET" else None)
    error = json.loads(answer)["error"]
    assert (found, error["code"], error["status"]) == (code, code, status)
    assert error["message"]


def test_the_error_of_a_stream_is_in_an_array(emulator, root):
    body = json.dumps({"structuredQuery": {"offset": -1}}).encode()
    code, answer = ask(emulator, "POST", f"/v1/{root}:runQuery", body)
    assert code == 400
    assert json.loads(answer)[0]["error"]["status"] == "INVALID_ARGUMENT"


def test_a_body_that_is_too_large(emulator, root):
    code, answer = ask(emulator, "POST", f"/v1/{root}:commit", b" " * 10_485_761)
    assert code == 400
    assert b"exceeds the limit: 10485760 bytes" in answer


STRANGERS = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://localhost.evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", STRANGERS)
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_pages_of_other_sites_are_refused(emulator, root, headers, kind):
    code, answer = ask(
        emulator, "POST", f"/v1/{root}:commit", b"{}", {"Content-Type": kind, **headers}
    )
    assert code == 403
    assert b"FIRESTORE_ALLOWED_" in answer


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:1", "http://[::1]"])
def test_a_web_app_of_this_machine_may_call(emulator, root, origin):
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-site", "Content-Type": "text/plain"}
    code, _, told = ask_all(emulator, "POST", f"/v1/{root}:commit", b"{}", headers)
    assert (code, told["Access-Control-Allow-Origin"], told["Vary"]) == (200, origin, "Origin")
    code, _, told = ask_all(emulator, "GET", f"/v1/{root}/none/here", None, headers)
    assert (code, told["Access-Control-Allow-Origin"]) == (404, origin)


def test_a_browser_asks_before_it_sends(emulator, root):
    asks = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,x-goog-api-client",
    }
    code, answer, told = ask_all(emulator, "OPTIONS", f"/v1/{root}/c/d", None, asks)
    assert (code, answer) == (204, b"")
    assert told["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert told["Access-Control-Allow-Headers"] == "authorization,x-goog-api-client"
    assert "PATCH" in told["Access-Control-Allow-Methods"]
    foreign = asks | {"Origin": "https://evil.example"}
    code, answer, told = ask_all(emulator, "OPTIONS", f"/v1/{root}/c/d", None, foreign)
    assert code == 403
    assert "Access-Control-Allow-Origin" not in told


@pytest.mark.parametrize("path", ["/emulator/v1:export", "/emulator/v1:import", "/shutdown"])
def test_what_touches_the_machine_is_no_page_s_business(emulator, path):
    body = b'{"folder": "/nowhere"}'
    assert ask(emulator, "POST", path, body, {"Origin": "http://localhost:3000"})[0] == 403


def test_a_link_from_another_site_shows_the_page_and_nothing_else(emulator, root):
    link = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Accept": "text/html",
    }
    assert ask(emulator, "GET", "/", None, link)[0] == 200
    assert ask(emulator, "GET", f"/v1/{root}/c/d", None, link)[0] == 403


def test_hosts_and_origins_that_a_setting_names(tmp_path, monkeypatch, root):
    monkeypatch.setenv("FIRESTORE_ALLOWED_HOSTS", "firestore, *.test")
    monkeypatch.setenv("FIRESTORE_ALLOWED_ORIGINS", "https://app.example.org")
    with Emulator(tmp_path) as own:
        for host, code in (("firestore:8200", 200), ("a.test", 200), ("evil.example", 403)):
            assert ask(own, "GET", "/", None, {"Host": host})[0] == code
        for origin, code in (("https://app.example.org", 200), ("https://evil.example", 403)):
            assert ask(own, "POST", f"/v1/{root}:commit", b"{}", {"Origin": origin})[0] == code
