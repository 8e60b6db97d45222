"""Rows that a database answers: real PostgreSQL, real SQLite, and what SQLAlchemy knows."""

import datetime as dt
import decimal
import re
import sqlite3
from collections.abc import Iterator

import pytest

from functions.datasets.adapters.sources import databases
from functions.datasets.adapters.sources import query as query_process
from functions.datasets.adapters.sources.databases import Databases
from functions.datasets.model.imports.connections import Connection, secret_of
from functions.kit.adapters.guarded_client import SystemResolver
from functions.kit.contract.errors import Conflict
from tests.support.servers import postgres
from tests.support.servers.postgres import PASSWORD, Postgres

TABLE = "id,town\n1,Rome\n2,Oslo\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres.running() as made:
        made.run(
            "CREATE TABLE towns (id bigint, town text, at timestamptz, price numeric, ok bool)",
            "INSERT INTO towns VALUES (2, 'Ulm', '2026-01-31 12:00+00', 1.50, true), "
            "(3, 'Bern', NULL, NULL, false)",
        )
        yield made


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("MAYFLY_SECRETS_DIR", str(tmp_path))
    (tmp_path / secret_of("main", "shop")).write_text(PASSWORD)
    return tmp_path


DRIVERS = ["postgresql", "postgresql+psycopg"]


@pytest.fixture
def shop(request, api, server, secrets, monkeypatch):
    """Define a connection to the server, as its workspace's owner."""
    driver = getattr(request, "param", "postgresql")
    monkeypatch.setenv("MAYFLY_ALLOWED_ADDRESSES", f"127.0.0.1:{server.port}")
    body = {
        "driver": driver,
        "host": "localhost",
        "port": server.port,
        "database": "postgres",
        "user": "owner",
        "tls": "disable",
    }
    made = api.put("/connections/shop", json=body)
    assert made.status_code == 200, made.json
    assert made.json == body | {"name": "shop", "secret": "mayfly-sql.main.shop"}
    yield body
    assert api.delete("/connections/shop").status_code == 204


def bring(api, path, query, connection="shop", **asked):
    source = {"connection": connection, "query": query}
    answer = api.post(f"{path}/imports", json={"mode": "append", **asked, "source": source})
    assert answer.status_code == 202, answer.json
    api.queue.deliver(api.client)
    return api.get(api.place(answer)).json


def rows(api, path):
    return [tuple(one["values"].values()) for one in api.get(f"{path}/records").json["items"]]


@pytest.mark.parametrize("shop", DRIVERS, indirect=True)
def test_rows_of_postgresql(api, name, shop):
    path = api.load(TABLE, name)
    query = "SELECT id, town FROM towns ORDER BY id"
    found = bring(api, path, query, mode="upsert", key=["id"])
    assert (found["state"], found["revision"]) == ("done", 2), found["failure"]
    assert found["source"] == {"kind": "query", "connection": "shop", "query": query}
    assert rows(api, path) == [(1, "Rome"), (2, "Ulm"), (3, "Bern")]
    source = {"connection": "shop", "query": "SELECT * FROM towns ORDER BY id"}
    made = api.post("/datasets", json={"name": f"{name}-2", "source": source})
    assert made.status_code == 202, made.json
    api.queue.deliver(api.client)
    assert rows(api, api.place(made)) == [
        (2, "Ulm", "2026-01-31T12:00:00Z", 1.5, True),
        (3, "Bern", None, None, False),
    ]
    kinds = [one["kind"] for one in made.json["columns"]]
    assert kinds == ["integer", "text", "datetime", "number", "boolean"]


READS = {
    "SELECT nothing FROM towns": r'column "nothing" does not exist',
    "WITH x AS (DELETE FROM towns RETURNING id) SELECT 9 AS id, 'x' AS town": (
        "read-only|must not contain"
    ),
    "SELECT 1; DELETE FROM towns": "SELECT 1|one statement is taken",
    "SELECT id, town FROM towns WHERE id = 9": "gave no rows",
    "SELECT set_config('transaction_read_only', 'off', false) AS town, 1 AS id": "read-write",
    "SELECT 1; COMMIT; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; DELETE FROM towns": (
        "multiple commands|one statement is taken"
    ),
}


@pytest.mark.parametrize("shop", DRIVERS, indirect=True)
def test_a_query_only_reads(api, name, shop):
    path = api.load(TABLE, name)
    for query, told in READS.items():
        found = bring(api, path, query)
        assert (found["state"], found["revision"]) == ("failed", None)
        assert re.search(told, found["failure"])
        assert PASSWORD not in found["failure"]
    assert api.get(path).json["revision"] == 1
    assert bring(api, path, "SELECT id, town FROM towns")["report"]["new"] == 2


def test_a_query_is_bounded(server, secrets, monkeypatch):
    monkeypatch.setenv("MAYFLY_ALLOWED_ADDRESSES", "127.0.0.1")
    connection = Connection(
        name="shop", secret="mayfly-sql.main.shop", driver="postgresql", host="127.0.0.1",
        port=server.port, database="postgres", user="owner", tls="disable",
    )  # fmt: skip

    def ask(query, rows=1_000, size=10_000_000, seconds=60.0):
        asked = Databases(rows, size, seconds, SystemResolver())
        with pytest.raises(Conflict) as caught:
            asked.ask(connection, query, lambda _: None)
        return caught.value.detail

    assert "more than 1,000 rows" in ask("SELECT * FROM generate_series(1, 100000)")
    text = "SELECT md5(x::text) FROM generate_series(1, 100000) AS x"
    assert "more than 100,000 bytes" in ask(text, rows=10**6, size=100_000)
    late = ask("SELECT pg_sleep(60)", seconds=3.0)
    assert "timeout" in late or "longer than 3 s" in late


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"host": "127.0.0.2"}, "private address"),
        ({"port": 1}, "private address"),
        ({"host": "a..b"}, "has no address"),
        ({"database": "nowhere"}, "does not exist"),
        ({"user": "stranger"}, "authentication failed"),
    ],
)
def test_a_connection_that_leads_nowhere_says_why(api, name, shop, changed, told):
    path = api.load(TABLE, name)
    assert api.put("/connections/shop", json=shop | changed).status_code == 200
    found = bring(api, path, "SELECT 1 AS id, 'x' AS town")
    assert (found["state"], told in found["failure"]) == ("failed", True), found["failure"]
    assert PASSWORD not in found["failure"]


def test_a_connection_without_a_secret_says_so(api, name, shop, secrets):
    (secrets / "mayfly-sql.main.shop").unlink()
    found = bring(api, api.load(TABLE, name), "SELECT 1 AS id")
    assert "there is no secret 'mayfly-sql.main.shop'" in found["failure"]


def test_rows_of_sqlite(api, name, tmp_path, monkeypatch):
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE towns (id INTEGER, town TEXT)")
        database.execute("INSERT INTO towns VALUES (3, 'Bern'), (4, 'Lima')")
    database.close()
    body = {"driver": "sqlite", "database": "shop.db"}
    assert api.put("/connections/file", json=body).status_code == 200
    path = api.load(TABLE, name)
    query = "SELECT id, town FROM towns"
    assert databases.FILES in bring(api, path, query, "file")["failure"]
    monkeypatch.setenv(databases.FILES, str(tmp_path))
    found = bring(api, path, query, "file")
    assert (found["state"], found["report"]["new"]) == ("done", 2), found["failure"]
    assert rows(api, path)[2:] == [(3, "Bern"), (4, "Lima")]
    outside = {"driver": "sqlite", "database": "../shop.db"}
    assert api.put("/connections/file", json=outside).status_code == 200
    assert "no SQLite file" in bring(api, path, query, "file")["failure"]
    assert api.delete("/connections/file").status_code == 204
    assert "no connection 'file'" in bring(api, path, query, "file")["failure"]


def test_rows_of_what_sqlalchemy_knows(api, name, tmp_path, monkeypatch):
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE towns (id INTEGER, town TEXT)")
        database.execute("INSERT INTO towns VALUES (3, 'Bern'), (4, NULL)")
    database.close()
    monkeypatch.setenv(databases.FILES, str(tmp_path))
    body = {"driver": "sqlite+pysqlite", "database": "shop.db"}
    assert api.put("/connections/rows", json=body).status_code == 200
    source = {"connection": "rows", "query": "SELECT * FROM towns"}
    made = api.post("/datasets", json={"name": name, "source": source})
    assert made.status_code == 202, made.json
    api.queue.deliver(api.client)
    assert rows(api, api.place(made)) == [(3, "Bern"), (4, None)]
    path = api.place(made)
    assert (
        "readonly" in bring(api, path, "WITH x AS (SELECT 1) DELETE FROM towns", "rows")["failure"]
    )
    for query, told in READS_ROWS.items():
        assert told in bring(api, path, query, "rows")["failure"]
    assert api.delete("/connections/rows").status_code == 204


READS_ROWS = {
    "SELECT 1 AS id, 2 AS id": "two columns are called 'id'; name them apart by AS",
    "SELECT 1 AS id; SELECT 2 AS id": "one statement is taken",
    "SELECT id FROM nowhere": "failed: OperationalError: no such table: nowhere",
}


def test_a_query_takes_so_much_memory_at_most(tmp_path, monkeypatch):
    sqlite3.connect(tmp_path / "shop.db").close()
    monkeypatch.setenv(databases.FILES, str(tmp_path))
    for driver in ("sqlite", "sqlite+pysqlite"):
        connection = Connection(name="shop", secret="none", driver=driver, database="shop.db")
        with pytest.raises(Conflict, match=r"out of memory|bytes of memory"):
            Databases(10, 10**12, 60, SystemResolver()).ask(
                connection, "SELECT 1 AS id, zeroblob(900000000) || 'x' AS t", lambda _: None
            )


def test_decimals_of_rows_are_numbers():
    line = query_process._line({"price": decimal.Decimal("12.50"), "at": dt.date(2026, 1, 31)})
    assert line == b'{"price":12.50,"at":"2026-01-31"}\n'


@pytest.mark.parametrize(
    "body",
    [
        {"driver": "postgresql", "database": "x"},
        {"driver": "../x", "database": "x", "host": "h"},
        {"driver": "postgresql", "database": "x", "host": "h", "password": "p"},
        {"driver": "postgresql+pg8000", "database": "x", "host": "h"},
        {"driver": "postgresql", "database": "x", "host": "h?hostaddr=10.0.0.1&x="},
        {"driver": "mysql+pymysql", "database": "x", "host": "h"},
    ],
)
def test_what_cannot_be_a_connection(api, body):
    assert api.put("/connections/x", json=body).status_code == 422
    assert api.put("/connections/X_", json={"driver": "sqlite", "database": "x"}).status_code == 422
    assert api.get("/connections/x").status_code == 404


def test_what_is_no_query_is_refused_at_once(api, name):
    path = api.load(TABLE, name)
    source = {"connection": "shop", "query": "DELETE FROM towns"}
    answer = api.post(f"{path}/imports", json={"mode": "append", "source": source})
    assert (answer.status_code, answer.json["errors"][0]["column"]) == (422, "query")
