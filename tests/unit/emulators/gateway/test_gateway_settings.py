import subprocess
import sys
from pathlib import Path

import pytest

from emulators.gateway.model.probes import Liveness
from emulators.gateway.settings import from_arguments

BASE, TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
URL = "http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, ""),
        ({BASE: ""}, ""),
        ({BASE: URL}, URL),
        ({TRACES: f"{URL}/v1/traces", BASE: "http://elsewhere"}, f"{URL}/v1/traces"),
        ({BASE: URL, "OTEL_SDK_DISABLED": "True"}, ""),
    ],
)
def test_spans_are_exported_where_an_endpoint_is_set(
    env: dict[str, str], expected: str, tmp_path: Path
) -> None:
    assert from_arguments(["--data", str(tmp_path)], env).otlp_endpoint == expected


def test_a_wrong_endpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"{BASE}='localhost:4318'"):
        from_arguments(["--data", str(tmp_path)], {BASE: "localhost:4318"})


def test_what_is_hidden_and_how_patient_it_is(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path)]
    usual = from_arguments(arguments, {})
    assert (usual.hidden, usual.liveness) == ((), Liveness(10.0, 6))
    (tmp_path / "password").write_text("secret")
    set_ = from_arguments(
        arguments,
        {
            "GATEWAY_HIDDEN": f"{tmp_path}/a:/b",
            "GATEWAY_LIVENESS_PERIOD": "0.5",
            "GATEWAY_LIVENESS_FAILURES": "3",
            "GATEWAY_PASSWORD_FILE": f"{tmp_path}/password",
        },
    )
    assert set_.hidden == (tmp_path / "a", Path("/b"), tmp_path / "password")
    assert set_.liveness == Liveness(0.5, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_LIVENESS_PERIOD", "0"),
        ("GATEWAY_LIVENESS_PERIOD", "-1"),
        ("GATEWAY_LIVENESS_PERIOD", "nan"),
        ("GATEWAY_LIVENESS_FAILURES", "0"),
    ],
)
def test_no_patience_at_all_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=name):
        from_arguments(["--data", str(tmp_path)], {name: value})


def test_the_gateway_alone_imports_no_exporter() -> None:
    code = (
        "import sys, emulators.gateway.bootstrap.gateway\n"
        "sys.exit(any(m.startswith('opentelemetry.sdk') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_callers_urls_may_reach(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path), "--port", "8123", "--nats", "nats://broker:4333"]
    env = {"MAYFLY_ALLOWED_ADDRESSES": "10.0.0.0/8, hooks.example:81", "MAYFLY_WEB_PORT": "8111"}
    rules = from_arguments(arguments, env).outward
    assert len(rules.entries) == 2
    assert rules.parts == {8123, 8081, 8082, 4333, 8111, 8200, 9023, 4222}
    assert rules.never == {8123, 8082}
    with pytest.raises(SystemExit, match=r"MAYFLY_ALLOWED_ADDRESSES: '10\.0\.0\.1/8'"):
        from_arguments(arguments, {"MAYFLY_ALLOWED_ADDRESSES": "10.0.0.1/8"})


def test_annotations_of_static_functions(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path)]
    env = {"MAYFLY_STATIC_ANNOTATIONS": "a.b/c=/d=e, f="}
    assert from_arguments(arguments, env).static_annotations == {"a.b/c": "/d=e", "f": ""}
    with pytest.raises(SystemExit, match="MAYFLY_STATIC_ANNOTATIONS: 'x': name=value"):
        from_arguments(arguments, {"MAYFLY_STATIC_ANNOTATIONS": "x"})


def test_what_is_rehearsed_is_a_file(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path)]
    assert from_arguments(arguments, {}).rehearsal is None
    file = tmp_path / "steps.py"
    with pytest.raises(SystemExit, match="GATEWAY_REHEARSAL"):
        from_arguments(arguments, {"GATEWAY_REHEARSAL": str(file)})
    file.touch()
    assert from_arguments(arguments, {"GATEWAY_REHEARSAL": str(file)}).rehearsal == file


def test_a_gateway_alone_imports_what_serves_any_function(tmp_path: Path) -> None:
    named = from_arguments(["--data", str(tmp_path)], {}).preload
    serving = {"functions_framework", "granian", "flask", "uvicorn"}
    assert {name.partition(".")[0] for name in named} == serving


def test_pages_are_an_address(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path)]
    assert from_arguments(arguments, {}).pages == ""
    page = "http://127.0.0.1:8000/functions"
    assert from_arguments(arguments, {"GATEWAY_PAGES": page}).pages == page
    for wrong in ("/functions", "http://a\r\nx: y", "javascript:1"):
        with pytest.raises(SystemExit, match="GATEWAY_PAGES"):
            from_arguments(arguments, {"GATEWAY_PAGES": wrong})
