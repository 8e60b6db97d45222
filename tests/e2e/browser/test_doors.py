"""A real browser at a hostile page: what it makes the browser send reaches nothing.

The pages are served by this test, on a port of their own. One of them has a name of its own that
the browser is told to find at 127.0.0.1, as DNS rebinding would make it.
"""

import http.server
import threading

import httpx
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from tests.e2e.browser.conftest import FLAGS, find_chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# New Chromiums keep pages of the internet away from loopback by themselves; other browsers do not.
UNGUARDED = (
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,"
    "PrivateNetworkAccessSendPreflights"
)
PAGE = b"<!doctype html><title>hostile</title><p>Look at the cat."
FETCH = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options);
        return [answer.status, answer.type, await answer.text()];
    } catch (error) { return [0, "failed", String(error)]; }
}"""
FORM = """([url, text]) => {
    const form = document.createElement("form");
    form.method = "POST"; form.action = url; form.enctype = "text/plain";
    const field = document.createElement("input");
    field.name = text; form.append(field);
    document.body.append(form); form.submit();
}"""
SOCKET = """url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open"); socket.onerror = () => done("refused");
})"""


class Hostile(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *arguments):
        """Keeps quiet."""


@pytest.fixture(scope="module")
def hostile():
    """The port of a page that means ill."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def rebound(playwright_driver):
    """A browser in whose DNS evil.example is at 127.0.0.1."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    browser = playwright_driver.chromium.launch(
        executable_path=find_chromium(), args=[*FLAGS, rules, UNGUARDED]
    )
    yield browser
    browser.close()


@pytest.fixture
def tab(rebound):
    context = rebound.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def ports(stack):
    names = ("WEB", "GATEWAY", "GATEWAY_METRICS", "FIRESTORE", "STORAGE", "NATS")
    return {name.lower(): stack.port(name) for name in names}


@pytest.fixture
def model(ports):
    """A model file in the storage."""
    client = storage.Client(
        project="mayfly-local",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": f"http://127.0.0.1:{ports['storage']}"},
    )
    blob = client.bucket("mayfly").blob("models/mine.onnx")
    blob.upload_from_string(b"mine")
    yield blob
    client.close()


def upload(port, host="127.0.0.1"):
    where = f"http://{host}:{port}/upload/storage/v1/b/mayfly/o"
    return f"{where}?uploadType=media&name=models/mine.onnx"


def run(tab, url, **options):
    return tab.evaluate(FETCH, [url, options])


def arrive(tab, url):
    """Open a page of the attacker's: its name pointed at his own server until it was loaded."""
    tab.route(url, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    tab.goto(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "evil.example"])
def test_a_page_of_another_port_overwrites_no_file(tab, hostile, ports, model, host):
    tab.goto(f"http://{host}:{hostile}/")
    for to in ("127.0.0.1", "localhost"):
        url = upload(ports["storage"], to)
        for options in (
            {"method": "POST", "mode": "no-cors", "body": "theirs"},
            {"method": "POST", "body": "theirs"},
            {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": "{}"},
        ):
            run(tab, url, **options)
        tab.evaluate(FORM, [url, "theirs"])
        tab.wait_for_url("**/upload/**")
        assert "may not use the storage" in tab.inner_text("body")
        tab.goto(f"http://{host}:{hostile}/")
    assert model.download_as_bytes() == b"mine"


def test_a_name_that_points_here_overwrites_no_file(tab, ports, model):
    """The same origin, for the browser: it asks nobody, and lets the page read the answer."""
    arrive(tab, f"http://evil.example:{ports['storage']}/")
    status, kind, text = run(
        tab, upload(ports["storage"], "evil.example"), method="POST", body="theirs"
    )
    assert (status, kind) == (403, "basic"), text
    assert "evil.example" in text
    assert model.download_as_bytes() == b"mine"


def test_a_name_that_points_here_makes_no_api_key(tab, ports):
    root = "/v1/projects/mayfly-local/databases/(default)/documents"
    url = f"http://evil.example:{ports['firestore']}{root}/api_keys?documentId=stolen"
    arrive(tab, f"http://evil.example:{ports['firestore']}/")
    body = '{"fields": {"name": {"stringValue": "evil"}, "role": {"stringValue": "admin"}}}'

    status, kind, text = run(tab, url, method="POST", body=body)

    assert (status, kind) == (403, "basic"), text
    assert "FIRESTORE_ALLOWED_HOSTS" in text
    own = f"http://127.0.0.1:{ports['firestore']}{root}/api_keys/stolen"
    assert httpx.get(own).status_code == 404


def test_a_page_elsewhere_does_not_reach_firestore_and_a_web_app_here_does(tab, hostile, ports):
    root = f"http://127.0.0.1:{ports['firestore']}/v1/projects/web-app/databases/(default)"
    url, body = f"{root}/documents/notes?documentId=%s", '{"fields": {}}'
    json = {"Content-Type": "application/json", "X-Goog-Api-Client": "gl-js/"}

    tab.goto(f"http://evil.example:{hostile}/")
    assert run(tab, url % "a", method="POST", headers=json, body=body)[:2] == [0, "failed"]
    run(tab, url % "b", method="POST", mode="no-cors", body=body)

    tab.goto(f"http://localhost:{hostile}/")
    assert run(tab, url % "c", method="POST", headers=json, body=body)[:2] == [200, "cors"]
    assert run(tab, f"{root}/documents/notes/none")[:2] == [404, "cors"]
    found = [run(tab, f"{root}/documents/notes/{name}")[0] for name in "abc"]
    assert found == [404, 404, 200]
    shutdown = f"http://127.0.0.1:{ports['firestore']}/shutdown"
    assert run(tab, shutdown, method="POST")[:2] == [0, "failed"]


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_the_password_that_the_browser_knows_is_no_page_s(tab, hostile, ports, stack, host):
    """A browser adds it to each request for the gateway, whoever makes that."""
    password = stack.password
    gateway = f"http://127.0.0.1:{ports['gateway']}"
    tab.goto(f"http://admin:{password}@127.0.0.1:{ports['gateway']}/system/functions")
    assert "datasets" in tab.inner_text("body")

    tab.goto(f"http://{host}:{hostile}/")
    for path in ("/system/functions", "/function/datasets/datasets", "/async-function/datasets"):
        for options in ({}, {"method": "POST", "body": "{}", "credentials": "include"}):
            assert run(tab, gateway + path, **options)[:2] == [0, "failed"]
    delete = '{"functionName": "datasets"}'
    run(
        tab,
        f"{gateway}/system/functions",
        method="POST",
        mode="no-cors",
        credentials="include",
        body=delete,
    )
    tab.evaluate(FORM, [f"{gateway}/system/functions", delete])
    tab.wait_for_url("**/system/**")
    assert "pages of other origins may not call this" in tab.inner_text("body")
    tab.goto(f"http://{host}:{hostile}/")
    socket = f"ws://127.0.0.1:{ports['gateway']}/function/datasets/datasets"
    assert tab.evaluate(SOCKET, socket) == "refused"


@pytest.mark.parametrize("part", ["gateway", "gateway_metrics", "web"])
def test_a_name_that_points_here_is_told_that_it_is_not_known(tab, ports, part):
    answer = tab.goto(f"http://evil.example:{ports[part]}/")
    assert answer.status == 421
    assert "evil.example" in tab.inner_text("body")


def test_a_page_in_the_storage_is_saved_and_not_shown(tab, ports, model):
    model.upload_from_string(b"<script>document.title = 'run'</script>", content_type="text/html")
    with tab.expect_download() as saved, pytest.raises(Exception, match="Download is starting"):
        tab.goto(f"http://127.0.0.1:{ports['storage']}/mayfly/models/mine.onnx")
    assert saved.value.path().read_bytes().startswith(b"<script>")
    assert tab.title() != "run"
