"""Mixed users of a whole system, for a few seconds: nothing that they ask for fails."""

import subprocess

import pytest

from benchmarks.load import records, running
from benchmarks.load.running import Target
from tests.support.tools import lacking

pytestmark = pytest.mark.slow

USERS, SECONDS = 6, 8
# What users do at first; which of these it is for one at a table is chance.
WANTED = {"predict one row", "start a training", "look at a training"}
AT_A_TABLE = {"list rows, filtered", "add a row"}


@pytest.fixture(scope="module")
def locust():
    """Locust's own environment, which is made of packages that are fetched once."""
    try:
        return running.python()
    except subprocess.CalledProcessError:
        lacking("Locust's environment cannot be made here", required="MAYFLY_REQUIRE_LOCUST")


@pytest.mark.usefixtures("locust")
def test_mixed_users_are_served(stack, tmp_path):
    with stack.newcomer(plan="unlimited") as client:
        token = client.headers["Authorization"].removeprefix("Bearer ")
        link = client.post("/accounts/sign-in/links").raise_for_status().json()["token"]
    sign_in = f"{stack.web_url}/sign-in/link?token={link}"

    said = running.load(
        Target(stack.gateway_url, token, sign_in), "steady", USERS, SECONDS, tmp_path / "x"
    )

    found = records.read(tmp_path / "x", "steady", 0.0)
    assert found.total.failures == 0, said
    names = {row.name for row in found.rows}
    assert names >= WANTED
    assert names & AT_A_TABLE
    assert any(name.startswith("page ") for name in names)
    assert "<html" in (tmp_path / "x.html").read_text()
