"""Each part is away for a moment: what goes on, what is said of the rest, and what comes later.

The rows of `docs/failures.md`, on one stack: parts are killed and kept from coming back, functions
are silent. Calls are made together, for some wait seconds for a part that is away.
"""

import time
from functools import partial
from uuid import uuid4

import grpc
import httpx
import pytest

from tests.e2e.conftest import queued
from tests.support.callers.visits import reader
from tests.support.processes import wait_until
from tests.support.servers.durable_jobs import AGAIN
from tests.support.servers.grpc_house import TrainingClient
from tests.support.servers.outages import at_once, kill_replicas, killed, replicas_of, silent

pytestmark = pytest.mark.slow

CSV = {"Content-Type": "text/csv"}
ROWS = "size,colour,good\n" + "".join(f"{n},{'ab'[n % 2]},{n > 30}\n" for n in range(60))
MODEL = "shapes"
RECORD = {"size": 7, "colour": "a"}
# Parts are asked for ten seconds; the rest is for a machine that is busy.
IN_TIME = 25.0
# Function: a page that needs it, and the words of the banner that says what cannot be done.
PAGES = {
    "datasets": ("/datasets", "tables cannot be opened or changed"),
    "training": ("/jobs", "trainings do not start, and are not shown"),
    "models": ("/models", "models cannot be looked at or promoted"),
    "reports": ("/reports", "reports are not made or shown"),
    "accounts": ("/keys", "nobody can sign in, and people and keys are not shown"),
}


class World:
    """A stack with a table and a model, a program that calls it, and a reader of its pages.

    The program shows a key that is stored, which each replica looks up.

    Attributes:
        taken: what was accepted while a part was away, and the state that it must come to.
    """

    def __init__(self, stack, pages, owner):
        self.stack, self.pages = stack, pages
        self.taken: dict[str, str] = {}
        made = owner.post(
            "/accounts/keys", json={"name": "shop", "scopes": ["read", "write", "predict"]}
        )
        self.key = made.raise_for_status().json()["key"]
        headers = {"Authorization": f"Bearer {self.key}"}
        base = f"{stack.gateway_url}/function"
        self.api = httpx.Client(base_url=base, headers=headers, timeout=120)

    def predict(self):
        return self.api.post(f"/prediction/models/{MODEL}/predict", json={"records": [RECORD]})

    def upload(self, name, once="", /):
        headers = CSV | ({"Idempotency-Key": once} if once else {})
        return self.api.post(f"/datasets/datasets?name={name}", content=ROWS, headers=headers)

    def train(self, once):
        return self.api.post("/training/jobs", json=ASKED, headers={"Idempotency-Key": once})

    def state(self, path):
        """Return the state of a table or a job; nothing where that cannot be asked now."""
        answer = self.api.get(path)
        assert answer.is_success or answer.status_code in AGAIN, answer.text
        return answer.json()["state"] if answer.is_success else ""

    def wait_for(self, path, state):
        wait_until(lambda: self.state(path) == state, what=f"{path} {state}")

    def logged(self):
        """Return the ids of predictions that monitoring knows."""
        answer = self.api.get(f"/monitoring/models/{MODEL}/predictions?limit=1000")
        return {one["id"] for one in answer.json()["items"]} if answer.is_success else set()

    def wait_until_well(self):
        """Wait until every kind of call is answered again."""
        wait_until(lambda: self.predict().is_success, what="predictions")
        wait_until(lambda: self.pages.get("/datasets").status_code == 200, what="pages")
        wait_until(lambda: queued(self.stack).status_code == 202, what="the queue")


ASKED = {
    "dataset": MODEL,
    "target": "good",
    "candidates": [{"algorithm": "logistic_regression"}],
    "folds": 2,
}


@pytest.fixture(scope="module")
def world(new_home):
    for stack in new_home({"MAYFLY_HUNG_SECONDS": "60"}):
        with stack.client() as owner, reader(stack) as pages:
            made = World(stack, pages, owner)
            assert made.upload(MODEL).status_code == 202
            made.wait_for(f"/datasets/datasets/{MODEL}", "ready")
            job = made.train("first").json()["id"]
            made.wait_for(f"/training/jobs/{job}", "succeeded")
            made.wait_until_well()
            yield made
            made.api.close()


def ident(answer):
    """Return the id of the one prediction of an answer."""
    return f"{answer.json()['id']}-0"


def refused(answer, status=503):
    """See that a call was refused in words, soon, and with a time to come again."""
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith("."), problem
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Traceback" not in answer.text
    assert answer.elapsed.total_seconds() < IN_TIME
    return problem


def told(page, *words):
    """See that a page says what is away, in our words, and soon."""
    assert page.status_code in {503, 504}, page.text
    assert "A part of Mayfly is away" in page.text
    assert "Try again" in page.text
    assert [word for word in words if word not in page.text] == []
    assert "Traceback" not in page.text
    assert page.elapsed.total_seconds() < IN_TIME


def test_without_documents_what_is_known_goes_on_and_the_rest_is_asked_again(world):
    assert world.predict().is_success
    once = uuid4().hex
    with killed(world.stack, "firestore"):
        found = at_once(
            {
                "prediction": world.predict,
                "list": lambda: world.api.get("/datasets/datasets"),
                "upload": lambda: world.upload("kept", once),
                "job": lambda: world.train("kept"),
                "home": lambda: world.pages.get("/"),
                "page": lambda: world.pages.get("/datasets"),
            }
        )
    assert found["prediction"].status_code == 200, found["prediction"].text
    for name in ("list", "upload", "job"):
        refused(found[name])
    assert "cannot be shown" in found["home"].text
    told(found["page"])

    world.wait_until_well()
    assert world.upload("kept", once).status_code in {200, 202}
    world.wait_for("/datasets/datasets/kept", "ready")
    names = [one["id"] for one in world.api.get("/datasets/datasets").json()["items"]]
    assert names.count("kept") == 1
    assert len([name for name in names if name.startswith("kept")]) == 1
    made = ident(found["prediction"])
    wait_until(lambda: made in world.logged(), what="the prediction in the log")


def test_without_files_documents_go_on_and_trainings_wait(world):
    with killed(world.stack, "storage"):
        found = at_once(
            {
                "prediction": world.predict,
                "rows": lambda: world.api.get(f"/datasets/datasets/{MODEL}/records"),
                "page": lambda: world.pages.get(f"/datasets/{MODEL}"),
                "upload": lambda: world.upload("filed"),
                "file": lambda: world.api.get(f"/models/models/{MODEL}/versions/1/model.onnx"),
                "job": lambda: world.train("filed"),
            }
        )
    for name in ("prediction", "rows", "page"):
        assert found[name].status_code == 200, found[name].text
    refused(found["upload"])
    refused(found["file"])
    assert found["job"].status_code in {201, 202}, found["job"].text
    world.taken[f"/training/jobs/{found['job'].json()['id']}"] = "succeeded"
    world.wait_until_well()


def test_without_the_queue_what_is_due_is_taken_and_done_later(world):
    with killed(world.stack, "nats"):
        found = at_once(
            {
                "prediction": world.predict,
                "page": lambda: world.pages.get("/"),
                "upload": lambda: world.upload("unheard"),
                "job": lambda: world.train("unheard"),
                "queued": lambda: queued(world.stack),
            }
        )
    assert found["prediction"].status_code == 200
    assert found["page"].status_code == 200
    assert found["upload"].status_code == 202, found["upload"].text
    assert found["job"].status_code in {201, 202}, found["job"].text
    assert found["queued"].status_code == 503
    assert int(found["queued"].headers["Retry-After"]) >= 1
    assert "queue is away" in found["queued"].text

    world.taken["/datasets/datasets/unheard"] = "ready"
    world.taken[f"/training/jobs/{found['job'].json()['id']}"] = "succeeded"
    world.wait_until_well()


def test_without_the_gateway_pages_say_so_and_accepted_work_is_done(world):
    accepted = queued(world.stack)
    job = world.train("taken along").json()["id"]
    with killed(world.stack, "gateway"):
        with pytest.raises(httpx.TransportError):
            world.predict()
        with (
            grpc.insecure_channel(world.stack.address("GRPC")) as channel,
            pytest.raises(grpc.RpcError) as lost,
        ):
            TrainingClient(channel, world.key).call("GetJob", id=job)
        assert lost.value.code() is grpc.StatusCode.UNAVAILABLE
        found = at_once({page: partial(world.pages.get, page) for page in ("/", "/jobs")})
    assert "cannot be shown" in found["/"].text
    told(found["/jobs"], "does not answer at")

    world.taken[f"/training/jobs/{job}"] = "succeeded"
    assert accepted.status_code == 202
    world.wait_until_well()


def test_without_the_pages_all_calls_go_on_and_sessions_stay(world):
    with killed(world.stack, "web"):
        assert world.predict().status_code == 200
        assert world.upload("unseen").status_code == 202
        with pytest.raises(httpx.TransportError):
            world.pages.get("/")
    wait_until(lambda: answered(world.pages), what="the pages")
    assert 'href="/datasets/unseen"' in world.pages.get("/datasets").text


def answered(pages):
    """Tell whether the pages are there, for who was signed in before."""
    try:
        return pages.get("/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("function", PAGES)
def test_a_silent_function_costs_its_own_pages_alone(world, function):
    page, words = PAGES[function]
    wait_until(lambda: world.pages.get(page).status_code == 200, what="the page")
    with silent(world.stack, function):
        found = at_once(
            {
                "own": lambda: world.pages.get(page),
                "home": lambda: world.pages.get("/"),
                "prediction": world.predict,
            }
        )
        after = world.pages.get("/settings")
    told(found["own"])
    assert words in after.text
    assert found["home"].status_code == 200
    assert found["prediction"].status_code == 200, found["prediction"].text
    wait_until(lambda: world.pages.get(page).status_code == 200, what="the page again")


def test_without_monitoring_predictions_go_on_and_are_logged_later(world):
    with silent(world.stack, "monitoring"):
        made = world.predict()
        page = world.pages.get(f"/models/{MODEL}/monitor")
    assert made.status_code == 200
    assert page.status_code == 200
    assert "what models answered is not shown" in page.text
    assert "are not known at the moment" in page.text
    assert "No open alert" not in page.text
    wait_until(lambda: ident(made) in world.logged(), what="the prediction in the log")


def test_without_predictions_the_rest_goes_on(world):
    with silent(world.stack, "prediction"):
        found = at_once(
            {
                "try": lambda: world.pages.get(f"/models/{MODEL}/try"),
                "models": lambda: world.pages.get("/models"),
                "rows": lambda: world.api.get(f"/datasets/datasets/{MODEL}/records"),
            }
        )
    assert found["try"].status_code in {200, 502, 503, 504}, found["try"].text
    assert found["models"].status_code == 200
    assert found["rows"].status_code == 200
    wait_until(lambda: world.predict().is_success, what="predictions")


def test_without_grpc_the_same_is_answered_by_http(world):
    with grpc.insecure_channel(world.stack.address("GRPC")) as channel:
        client = TrainingClient(channel, world.key)
        with pytest.raises(grpc.RpcError) as none:
            client.call("GetJob", id="none")
        assert none.value.code() is grpc.StatusCode.NOT_FOUND
        kill_replicas(world.stack, "prediction-grpc")
        assert world.predict().status_code == 200
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as again:
            client.call("GetJob", id="none")
        assert again.value.code() in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNAVAILABLE}
        assert time.monotonic() - began < IN_TIME


@pytest.mark.parametrize(
    ("function", "path"),
    [
        ("accounts", "/accounts/me"),
        ("datasets", "/datasets/datasets"),
        ("models", "/models/models"),
        ("training", "/training/jobs"),
        ("prediction", f"/prediction/models/{MODEL}/signature"),
        ("monitoring", f"/monitoring/models/{MODEL}/predictions"),
        ("reports", "/reports/reports"),
    ],
)
def test_a_killed_replica_is_followed_by_another(world, function, path):
    before = {one.pid for one in replicas_of(world.stack, function)}
    kill_replicas(world.stack, function)
    # One call may have been on its way to another that was killed with it.
    statuses = [world.api.get(path).status_code for _ in range(3)]
    assert statuses[-1] == 200
    assert set(statuses) <= {200, 502}
    after = {one.pid for one in replicas_of(world.stack, function)}
    assert after
    assert not before & after


def test_what_was_taken_meanwhile_is_done(world):
    """The last: it takes as long as a lease that a killed process left."""
    assert len(world.taken) >= 4
    for path, state in world.taken.items():
        world.wait_for(path, state)
