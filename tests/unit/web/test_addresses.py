"""Web calls functions where they are, and shows readers a command that reaches them, too."""

import shlex

import pytest

from tests.support.outward import serving
from web.client.functions import Functions
from web.settings import ConfigError, Settings
from web.views.curl import curl_command

KNATIVE = "http://{name}.{namespace}.svc.cluster.local{path}"


def read(**env: str) -> Settings:
    return Settings.from_env(
        {"MAYFLY_WEB_SECRET": "s", **{f"MAYFLY_{k}": v for k, v in env.items()}}
    )


@pytest.mark.parametrize(
    ("env", "url"),
    [
        ({}, "http://127.0.0.1:8080/function/jobs/x"),
        ({"PUBLIC_URL": "https://faas.example/"}, "https://faas.example/function/jobs/x"),
        ({"PUBLIC_URL": "https://{name}.example{path}"}, "https://jobs.example/x"),
        ({"FUNCTION_URL": KNATIVE}, "http://jobs.default.svc.cluster.local/x"),
        (
            {"FUNCTION_URL": KNATIVE, "PUBLIC_URL": "https://{name}.{namespace}.example{path}"},
            "https://jobs.default.example/x",
        ),
    ],
)
def test_what_a_reader_s_own_machine_calls(env: dict[str, str], url: str) -> None:
    assert read(**env).public.url("jobs", "/x") == url


@pytest.mark.parametrize("text", ["gateway", "https://{host}.example{path}", "https://{name}"])
def test_what_is_no_public_address_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^MAYFLY_PUBLIC_URL='.*; give an address with"):
        read(PUBLIC_URL=text)


def test_a_reader_connects_to_our_ingress_only_where_no_other_way_is_given() -> None:
    ways = {"FUNCTION_URL": KNATIVE, "INGRESS": "[::1]:8080"}
    assert str(read(**ways).public.ingress) == "[::1]:8080"
    assert read(**ways, PUBLIC_URL="https://{name}.example{path}").public.ingress is None


def test_the_command_for_a_terminal_connects_to_the_ingress() -> None:
    words = shlex.split(curl_command("http://a.local/x", {}, None, "127.0.0.1:8080"))
    assert words[words.index("--connect-to") + 1] == "::127.0.0.1:8080"
    assert "--connect-to" not in curl_command("http://a.local/x", {}, None)


def test_calls_connect_to_the_ingress_and_name_the_function_s_host() -> None:
    with serving() as server:
        own = read(FUNCTION_URL=KNATIVE, INGRESS=f"127.0.0.1:{server.port}").functions
        functions = Functions(own)
        endpoint = functions.prediction._endpoint
        with endpoint.open("POST", "/models/m/predict", content=[b"body"]) as answer:
            assert (answer.status_code, answer.read()) == (200, b"ok")
        functions._client.close()
    [(path, fields, _)] = server.received
    assert (path, fields["host"]) == ("/models/m/predict", "prediction.default.svc.cluster.local")
