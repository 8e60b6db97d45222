"""The demo on each platform alone, as a newcomer calls it: that platform's ways and no others."""

import re

import httpx
import pytest

from tests.support.callers.visits import reader

pytestmark = pytest.mark.slow

HOST = "datasets.default.svc.cluster.local"


@pytest.fixture
def platform_stack(new_stack, request):
    """A stack that is one platform alone, with the whole demo behind it."""
    new_stack.extra.update(MAYFLY_PLATFORM=request.param, COLUMNS="200")
    done = new_stack.mayfly("demo", "--keep")
    assert done.returncode == 0, done.stdout + done.stderr
    new_stack.extra.pop("MAYFLY_PLATFORM")  # the run itself knows what it is
    return new_stack, done.stdout


def get(stack, path, host=None):
    headers = {"Authorization": f"Bearer {stack.key}"} | ({"Host": host} if host else {})
    return httpx.get(f"{stack.gateway_url}{path}", headers=headers, timeout=60)


def told(answer):
    return answer.status_code, answer.json()["detail"]


def is_learnt(shown):
    assert "titanic: 1309 rows, 11 columns" in shown
    assert "5 candidates are trained" in shown
    assert re.search(r"agree on 2\d\d rows; largest difference \d", shown)
    assert re.search(r"median [\d.]+ ms, p95 [\d.]+ ms of 200 calls", shown)


@pytest.mark.parametrize("platform_stack", ["knative"], indirect=True)
def test_knative_alone(platform_stack):
    stack, shown = platform_stack
    is_learnt(shown)
    assert "not measured: that takes an OpenFaaS gateway" in shown

    for path in ("/function/datasets/_/health", "/async-function/datasets/x", "/system/functions"):
        off = "OpenFaaS's routes are off here: GATEWAY_APIS=knative"
        assert told(get(stack, path)) == (404, off)
    assert get(stack, "/_/health", HOST).json() == {"status": "ok"}
    servers = get(stack, "/openapi.json", HOST).json()["servers"]
    assert servers == [{"url": "/"}]

    _commands_work(stack, "http://datasets.default.svc.cluster.local")
    refused = stack.mayfly("invoke", "datasets", "/datasets", "--async", "-d", "{}")
    assert refused.returncode == 1
    assert "Asynchronous calls are OpenFaaS's" in refused.stderr
    with reader(stack) as pages:
        page = pages.get("/models/titanic/try").text
    assert "http://prediction.default.svc.cluster.local/models/" in page
    assert f"--connect-to ::{stack.address('GATEWAY')}" in page


@pytest.mark.parametrize("platform_stack", ["openfaas", "openfaas-ce"], indirect=True)
def test_openfaas_alone(platform_stack, request):
    stack, shown = platform_stack
    is_learnt(shown)
    pro = request.node.callspec.params["platform_stack"] == "openfaas"
    measured = r"median \d+ ms of 5 starts from zero replicas"
    assert bool(re.search(measured, shown)) is pro
    assert ("not measured: that takes an OpenFaaS gateway" in shown) is not pro

    off = "Knative's hosts are off here: GATEWAY_APIS=openfaas"
    assert told(get(stack, "/_/health", HOST)) == (404, off)
    assert get(stack, "/broker/default/default").status_code == 404
    answer = get(stack, "/function/datasets/_/health")
    assert answer.json() == {"status": "ok"}
    auth = ("admin", stack.password)
    info = httpx.get(f"{stack.gateway_url}/system/info", auth=auth, timeout=60)
    assert info.status_code == 200
    _commands_work(stack, f"{stack.gateway_url}/function/datasets")
    _uploads_are_forms(stack)
    functions = httpx.get(f"{stack.gateway_url}/system/functions", auth=auth, timeout=60).json()
    assert {one["image"] for one in functions} == {
        f"localhost:5000/mayfly/{name}:latest"
        for name in (
            "accounts",
            "datasets",
            "models",
            "monitoring",
            "prediction",
            "reports",
            "training",
        )
    }


def _uploads_are_forms(stack):
    """The gateway there takes the length of every body away: rows as they are get no further."""
    with stack.client() as client:
        rows, csv = b"a,b\n1,2\n", {"Content-Type": "text/csv"}
        plain = client.post("/datasets/datasets?name=plain", content=rows, headers=csv)
        assert plain.status_code == 411, plain.text
        file = {"file": ("x.csv", rows, "text/csv")}
        form = client.post("/datasets/datasets?name=form", files=file)
        assert form.status_code == 202, form.text


def _commands_work(stack, address):
    """The command line finds the platform by the run alone."""
    called = stack.mayfly("invoke", "datasets", "/datasets")
    assert (called.returncode, "titanic" in called.stdout) == (0, True), called.stderr
    status = stack.mayfly("status")
    assert status.returncode == 0, status.stdout
    assert address in status.stdout
    assert stack.mayfly("logs", "datasets").returncode == 0
    deployed = stack.mayfly("deploy")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr


def test_another_system_is_shown_by_its_addresses_alone(new_stack):
    """As on a cluster: no gateway's URL, no /system, hosts that do not resolve, a key."""
    new_stack.up()
    new_stack.extra.update(
        MAYFLY_HOME=str(new_stack.home / "another machine"),
        MAYFLY_FUNCTION_URL="http://{name}.{namespace}.svc.cluster.local{path}",
        MAYFLY_INGRESS=new_stack.address("GATEWAY"),
        COLUMNS="200",
    )
    try:
        done = new_stack.mayfly("demo", "--key-file", str(new_stack.home / "key"))
    finally:
        for name in ("MAYFLY_HOME", "MAYFLY_FUNCTION_URL", "MAYFLY_INGRESS"):
            del new_stack.extra[name]
    assert done.returncode == 0, done.stdout + done.stderr
    is_learnt(done.stdout)
    assert "not measured: that takes an OpenFaaS gateway" in done.stdout
