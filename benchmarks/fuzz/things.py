"""A dataset, a model, and one of each other thing, so that requests find what they name."""

from benchmarks.fuzz.descriptions import Ids
from benchmarks.learning.calls import Calls

NAME = "fuzz"
ROWS = 60
WORKSPACE = "main"  # of the first key


def make(calls: Calls) -> Ids:
    """Make one of each thing, and return the parameters of paths with the ids of those."""
    calls.upload(NAME, _table())
    job = calls.begin(dataset=NAME, target="y", model=NAME, seconds=5)
    calls.until_trained(job)
    [record, *_] = calls.call("GET", f"datasets/datasets/{NAME}/records")["items"]
    batch = calls.call("POST", f"prediction/models/{NAME}/batches", json={"dataset": NAME})
    asked = {"records": [{"age": 3, "town": "a"}]}
    made = calls.call("POST", f"prediction/models/{NAME}/predict", json=asked)
    return {
        "dataset": [NAME],
        "model": [NAME],
        "job_id": [job],
        "batch": [batch["id"]],
        "record": [record["id"]],
        "revision": ["1"],
        "number": ["1"],
        "version": ["1"],
        "alias": ["champion", "candidate"],
        "connection": [NAME],
        "plan": ["freemium", NAME],
        "prediction": [made["id"]],
        "workspace": [WORKSPACE],
        **_accounts(calls),
    }


def _accounts(calls: Calls) -> dict[str, list[str]]:
    account = {"email": "fuzz@example.org", "password": "correct horse battery", "name": NAME}
    made = calls.call("POST", "accounts/accounts", json=account)
    key = calls.call("POST", "accounts/keys", json={"name": NAME, "scopes": ["read"]})
    return {"account": [made["id"]], "key": [key["id"]]}


def _table() -> bytes:
    """Return a CSV file of two columns to predict by, and a target."""
    rows = (f"{n * 7 % 50},{'ab'[n % 2]},{'yes' if n % 3 else 'no'}" for n in range(ROWS))
    return "\n".join(("age,town,y", *rows)).encode()
