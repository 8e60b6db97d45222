"""The demo on functions deployed by OpenFaaS's own files, by the rules of either edition.

Bodies come in chunks, and in the Community Edition the queue tries nothing twice.
"""

import httpx
import pytest
import yaml

from infra.local.settings import from_env
from infra.local.stack.parts import function_env

pytestmark = pytest.mark.slow

CSV = b"a,b\n1,2\n"


def deployed(stack, tmp_path, edition, file):
    """Start a stack by an edition's rules, and put the functions of a stack file in place."""
    variables = function_env(from_env(stack.environment()))
    (tmp_path / "env.yaml").write_text(yaml.safe_dump({"environment": variables}))
    stack.extra["GATEWAY_EDITION"] = edition
    stack.extra["MAYFLY_ENV_FILE"] = str(tmp_path / "env.yaml")
    stack.extra["COLUMNS"] = "200"
    stack.up()
    done = stack.mayfly("deploy", f"infra/openfaas/{file}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("edition", "file"), [("ce", "stack.ce.yaml"), ("pro", "stack.yaml")])
def test_the_demo_passes_on_openfaas_functions(new_stack, tmp_path, edition, file):
    deployed(new_stack, tmp_path, edition, file)
    with new_stack.client() as client:
        plain = client.post(
            "/datasets/datasets?name=plain", content=CSV, headers={"Content-Type": "text/csv"}
        )
        assert plain.status_code == 411, plain.text
        form = client.post(
            "/datasets/datasets?name=form", files={"file": ("x.csv", CSV, "text/csv")}
        )
        assert form.status_code == 202, form.text
    done = new_stack.mayfly("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "titanic version 1 on held-out rows" in done.stdout
    functions = httpx.get(
        f"{new_stack.gateway_url}/system/functions", auth=("admin", new_stack.password), timeout=30
    ).json()
    images = {function["image"] for function in functions}
    assert images == {
        f"localhost:5000/mayfly/{name}:latest"
        for name in ("datasets", "models", "prediction", "training")
    }
