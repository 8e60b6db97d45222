"""The demo's client and table, without sockets."""

import json

import httpx
import pytest
from rich.console import Console
from rich.progress import Progress

from functions.kit.adapters.calls.function_addresses import BY_PATH, FunctionAddresses
from infra.local.demo import client as clients
from infra.local.demo import measure, steps, users
from infra.local.demo.client import Access, Client, UnansweredError
from infra.local.demo.run import Candidates
from infra.local.demo.table import Outcome, agrees, render
from infra.local.errors import LocalError
from tests.support.servers import sources

Answers = list[httpx.Response | Exception]


@pytest.mark.parametrize("answer", [sources.SHORT, sources.CHUNKED])
def test_an_answer_that_breaks_off_is_none(answer: bytes) -> None:
    with sources.breaking_off(answer) as url, pytest.raises(UnansweredError):
        Client(Access(FunctionAddresses(url + BY_PATH), "key")).once(
            "GET", "datasets/datasets/titanic/export.csv"
        )


def client_of(monkeypatch: pytest.MonkeyPatch, answers: Answers, revived: list[int]) -> Client:
    """Return a client whose calls get these answers, one after the other; the last one forever."""

    def handle(_request: httpx.Request) -> httpx.Response:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx.MockTransport(handle)
    whole = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **options: whole(**options | {"transport": transport})
    )
    monkeypatch.setattr(clients, "FIRST_WAIT", 0.0)
    access = Access(FunctionAddresses("http://gateway" + BY_PATH), "key")
    return Client(access, 0.2, lambda: revived.append(1))


def test_a_call_goes_on_through_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    revived: list[int] = []
    answers: Answers = [
        httpx.ConnectError("refused"),
        httpx.Response(503),
        httpx.Response(500, headers={"X-Openfaas-Internal": "proxy"}),
        httpx.Response(200, json={"state": "ready"}),
    ]

    found = client_of(monkeypatch, answers, revived).call("GET", "datasets/datasets/titanic")

    assert found == {"state": "ready"}
    assert revived == [1]


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(monkeypatch, [httpx.Response(502, text="no replica")], [])

    with pytest.raises(UnansweredError, match="502 no replica"):
        client.call("GET", "x")


def test_a_refusal_is_told_with_row_column_and_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = {"detail": "The file is refused.", "errors": [{"row": 3, "reason": "too short"}]}
    client = client_of(monkeypatch, [httpx.Response(422, json=problem)], [])

    with pytest.raises(LocalError, match=r"422 The file is refused\.; row 3: too short"):
        client.call("POST", "datasets/datasets")


def test_a_job_whose_answer_was_lost_is_found_and_not_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = {"id": "new", "dataset": "titanic", "state": "succeeded"}
    answers: Answers = [
        httpx.Response(200, json={"items": [{"id": "old", "dataset": "titanic"}]}),
        httpx.ReadError("gone"),
        httpx.Response(200, json={"items": [begun, {"id": "old", "dataset": "titanic"}]}),
        httpx.Response(200, json=begun),
    ]

    job = steps.train(client_of(monkeypatch, answers, []), "titanic", "survived", lambda _: None)

    assert job["id"] == "new"


def test_a_failed_job_ends_the_demo_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {"id": "a", "dataset": "d", "state": "failed", "failure": "the target is constant"}
    answers: Answers = [
        httpx.Response(200, json={"items": []}),
        httpx.Response(202, json=failed),
        httpx.Response(200, json=failed),
    ]

    with pytest.raises(LocalError, match="failed: the target is constant"):
        steps.train(client_of(monkeypatch, answers, []), "d", "t", lambda _: None)


def test_warm_latency_counts_only_what_it_says() -> None:
    calls: list[int] = []

    found = measure.warm(lambda: calls.append(1))

    assert found.calls == measure.CALLS
    assert len(calls) == measure.WARM_UP + measure.CALLS
    assert 0 <= found.median <= found.p95


def outcome(*, agree: bool) -> Outcome:
    parity = {"rows": 262, "max_difference": 1.5e-7, "tolerance": 1e-5, "agree": agree}
    good = {"index": 0, "algorithm": "forest", "folds": 5, "settings": {"trees": 9}}
    job = {
        "model": "titanic",
        "version": 3,
        "best": 0,
        "candidates": [
            good | {"metrics": {"accuracy": 0.81, "roc_auc": 0.86}},
            {"index": 1, "algorithm": "tree", "folds": 5, "metrics": {}, "failure": "no memory"},
        ],
        "evaluation": {"metrics": {"accuracy": 0.8, "roc_auc": 0.85}, "parity": parity},
    }
    dataset = {"name": "titanic", "rows": 1309, "columns": [{}] * 11}
    passengers = [("a woman", {"label": "1", "probability": 0.9})]
    return Outcome(dataset, job, passengers, None, measure.Latency(200, 2.0, 4.0), 6.5)


def test_the_table_shows_every_figure() -> None:
    console = Console(width=120, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        console.print(render(outcome(agree=True)))

    text = captured.get()
    for figure in ("1309 rows", "0.810", "0.860", "best", "no memory", "0.850", "262", "1.5e-07"):
        assert figure in text
    for figure in ("survives (probability 0.90)", "not measured", "2.0 ms", "p95 4.0 ms", "6.5 s"):
        assert figure in text


def test_a_candidate_is_one_line_of_80_columns_with_what_tells_it_apart() -> None:
    found = outcome(agree=True)
    same = {"l2_regularization": 0.0, "max_iter": 100}
    settings = [
        same | {"max_leaf_nodes": 15, "learning_rate": 0.1},
        same | {"max_leaf_nodes": 6, "learning_rate": 0.05},
    ]
    scores = {"accuracy": 0.816, "roc_auc": 0.86}
    found.job["candidates"] = [
        {"index": place, "algorithm": "hist_gradient_boosting", "folds": 5}
        | {"settings": one, "metrics": scores}
        for place, one in enumerate(settings)
    ]
    console = Console(width=80, force_terminal=False)
    with console.capture() as captured:
        console.print(render(found))

    lines = [line.split() for line in captured.get().splitlines()]
    scored = ["accuracy", "0.816", "ROC", "AUC", "0.860"]
    assert ["hist_gradient_boosting", "learning_rate=0.1", *scored, "best"] in lines
    assert ["hist_gradient_boosting", "learning_rate=0.05", *scored] in lines


def test_each_candidate_has_a_bar_of_its_own_name() -> None:
    found = outcome(agree=True).job["candidates"]
    for place, one in enumerate(found):
        one |= {"algorithm": "forest", "settings": {"trees": place}, "folds_done": 0}
    progress = Progress(disable=True)

    Candidates(progress)({"candidates": found})

    assert [task.description for task in progress.tasks] == ["forest trees=0", "forest trees=1"]


def test_a_difference_is_told() -> None:
    assert agrees(outcome(agree=True).job)
    assert not agrees(outcome(agree=False).job)


class People:
    """The function `accounts` of a system: its accounts, and who was made."""

    def __init__(self, *emails: str) -> None:
        self.accounts = [{"email": email, "plan": "unlimited"} for email in emails]
        self.made: list[tuple[str, dict[str, str]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            cursor = int(request.url.params.get("cursor", "0"))
            last = cursor + 1 >= len(self.accounts)
            page = {"items": self.accounts[cursor : cursor + 1]}
            return httpx.Response(200, json={**page, "next": None if last else str(cursor + 1)})
        body = json.loads(request.content)
        self.made.append((request.headers["Idempotency-Key"], body))
        self.accounts.append(body)
        if len(self.made) == 1:
            raise httpx.ReadError("the answer is lost")
        return httpx.Response(201, json=body)


def demo_client(monkeypatch: pytest.MonkeyPatch, handle: People, key: str = "mf_key") -> Client:
    whole, transport = httpx.Client, httpx.MockTransport(handle)
    monkeypatch.setattr(
        httpx, "Client", lambda **options: whole(**options | {"transport": transport})
    )
    monkeypatch.setattr(clients, "FIRST_WAIT", 0.0)
    return Client(Access(FunctionAddresses("http://gateway" + BY_PATH), key), 0.2)


def test_example_users_are_made_once_one_on_each_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    people = People("owner@localhost", "other@example.com")
    client = demo_client(monkeypatch, people)
    first = users.ensure(client)
    assert [(one.email, one.plan) for one in first] == list(users.PLANS.items())
    lost, again, premium = people.made
    assert lost == again
    assert premium[1].items() >= {"workspace": "main", "role": "viewer"}.items()
    assert [lost[1]["password"], premium[1]["password"]] == [one.password for one in first]
    assert users.ensure(client) == first
    assert len(people.made) == 3


def test_a_password_of_the_demo_is_its_system_s_own() -> None:
    made = {users.password_of(key, email) for key in ("mf_a", "mf_b") for email in users.PLANS}
    assert len(made) == 4
    assert all(len(one) >= 20 for one in made)


def test_a_demo_without_accounts_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = {"detail": "The key 'ci' does not let you run the system.", "instance": "/accounts"}
    client = client_of(monkeypatch, [httpx.Response(403, json=problem)], [])
    [line] = users.told(client)
    assert "there are no example users" in line
    assert "403 The key 'ci' does not let you run the system." in line


def test_all_rows_of_a_dataset_are_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: Answers = [
        httpx.Response(200, json={"items": [{"values": {"age": 1}}], "next": "c"}),
        httpx.Response(200, json={"items": [{"values": {"age": None}}], "next": None}),
    ]
    client = client_of(monkeypatch, pages, [])
    assert steps.rows(client, "titanic") == [{"age": 1}, {"age": None}]
