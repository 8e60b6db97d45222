"""Where functions are called: functions and web read the same templates, and refuse the same."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.adapters import config
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from web import settings
from web.addresses import Addresses

URL, GATEWAY = "MAYFLY_FUNCTION_URL", "MAYFLY_GATEWAY_URL"
KNATIVE = "http://{name}.{namespace}.svc.cluster.local{path}"
OPENFAAS = "http://g:8080/function/{name}.{namespace}{path}"
PATH = "/jobs/1?limit=2"

Read = Callable[[dict[str, str]], Any]
WRONG = (config.ConfigError, settings.ConfigError)


def of_web(env: dict[str, str]) -> Addresses:
    return settings.Settings.from_env({"MAYFLY_WEB_SECRET": "s", **env}).functions


@pytest.fixture(params=[FunctionAddresses.from_env, of_web], ids=["functions", "web"])
def read(request: pytest.FixtureRequest) -> Read:
    found: Read = request.param
    return found


@pytest.mark.parametrize(
    ("env", "url", "base_path"),
    [
        ({}, "http://127.0.0.1:8080/function/jobs", "/function/jobs"),
        ({GATEWAY: "https://g.example/"}, "https://g.example/function/jobs", "/function/jobs"),
        ({GATEWAY: "http://g/faas"}, "http://g/faas/function/jobs", "/faas/function/jobs"),
        ({URL: KNATIVE}, "http://jobs.default.svc.cluster.local", ""),
        (
            {URL: KNATIVE, GATEWAY: "http://not-this", "MAYFLY_NAMESPACE": "mayfly"},
            "http://jobs.mayfly.svc.cluster.local",
            "",
        ),
        (
            {URL: "https://{name}-12.europe-west1.run.app{path}"},
            "https://jobs-12.europe-west1.run.app",
            "",
        ),
        ({URL: OPENFAAS}, "http://g:8080/function/jobs.openfaas-fn", "/function/jobs.openfaas-fn"),
        (
            {URL: OPENFAAS, "MAYFLY_NAMESPACE": "other"},
            "http://g:8080/function/jobs.other",
            "/function/jobs.other",
        ),
        ({URL: "http://{name}:8080/x{path}"}, "http://jobs:8080/x", "/x"),
    ],
)
def test_the_address_of_each_platform(
    read: Read, env: dict[str, str], url: str, base_path: str
) -> None:
    assert read(env).url("jobs", PATH) == url + PATH
    assert FunctionAddresses.from_env(env).base_path("jobs") == base_path


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (URL, "http://g/function/x{path}", r"where \{name\} goes"),
        (URL, "http://{name}.example", r"does not end with its one \{path\}"),
        (URL, "http://{name}{path}/more", r"does not end with its one \{path\}"),
        (URL, "http://{name}/{path}{path}", r"does not end with its one \{path\}"),
        (URL, "http://{name}.{space}{path}", "brace that is part of no"),
        (URL, "http://{name}.{path", "brace that is part of no"),
        (URL, "{name}{path}", "is no URL"),
        (URL, "ftp://{name}{path}", "is no URL"),
        (URL, "http://{name}:0{path}", "is no URL"),
        (URL, "http://{name}:port{path}", "is no URL"),
        (URL, "http://[{name}{path}", "is no URL"),
        (URL, "http:///{name}{path}", "is no URL"),
        (URL, "http://me:pw@{name}{path}", "is no URL"),
        (URL, "http://{name} {path}", "is no URL"),
        (URL, "http://g/#{name}{path}", "is no URL"),
        (GATEWAY, "gateway:8080", "is no URL"),
        (GATEWAY, "http://{host}", "brace that is part of no"),
    ],
)
def test_what_is_no_template_is_named_with_the_remedy(
    read: Read, key: str, value: str, said: str
) -> None:
    with pytest.raises(WRONG, match=said) as caught:
        read({key: value})
    assert str(caught.value).startswith(f"{key}={value!r} ")
    remedy = "such as http://127.0.0.1:8080" + ("/function/{name}{path}" if key == URL else ".")
    assert remedy in str(caught.value)


@pytest.mark.parametrize("namespace", ["", "A", "a.b", "a/b", "-a"])
def test_what_is_no_namespace_is_named(read: Read, namespace: str) -> None:
    with pytest.raises(WRONG, match=f"^MAYFLY_NAMESPACE='{namespace}' is no namespace"):
        read({"MAYFLY_NAMESPACE": namespace})


@pytest.mark.parametrize(
    ("text", "ingress"),
    [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:8080", ("::1", 8080))],
)
def test_an_ingress(read: Read, text: str, ingress: tuple[str, int]) -> None:
    assert read({"MAYFLY_INGRESS": text}).ingress == ingress


@pytest.mark.parametrize("text", ["host", "host:", ":80", "http://h:80", "h:80/x", "a@h:80", "h:x"])
def test_what_is_no_ingress_is_named(read: Read, text: str) -> None:
    with pytest.raises(WRONG, match=r"^MAYFLY_INGRESS='.*' is no host:port, such as"):
        read({"MAYFLY_INGRESS": text})


@pytest.mark.parametrize("name", ["", "a/b", "evil.example/", "a b", "..", "a?b", "a@b", "a:1"])
def test_a_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a function"):
        FunctionAddresses(KNATIVE).url(name)


@given(path=st.text())
def test_a_path_is_taken_as_it_is(path: str) -> None:
    """Whatever it holds: braces, too, are of the path and no placeholders."""
    url = f"http://a.default.svc.cluster.local/{path}"
    assert FunctionAddresses(KNATIVE).url("a", f"/{path}") == url
    assert Addresses(KNATIVE).url("a", f"/{path}") == url
    assert Addresses(KNATIVE).url("a", "/{name}").endswith("local/{name}")
