"""What a first prediction imports after its start: nothing, for that was done before."""

import json
import os
import subprocess
import sys
import uuid

from infra.local.stack import preload
from tests.support.models.onnx import train
from tests.support.models.registrations import register
from tests.support.processes import ROOT

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
FIRST = f"""
import importlib, json, os, sys
from emulators.gateway.runtimes.forking import rehearsal
from infra.local.stack import preload

path, headers, records = json.load(sys.stdin)
for name in preload.MODULES:
    importlib.import_module(name)
own = dict(os.environ)
os.environ.clear()
rehearsed = rehearsal.load({str(preload.REHEARSAL)!r})
for step in rehearsed.possible():
    rehearsal.attempt(step)
for name in rehearsed.ahead["prediction"]:
    importlib.import_module(name)
os.environ.update(own)
from werkzeug.test import Client
before = set(sys.modules)
app = importlib.import_module("functions_framework").create_app(
    "handle", "functions/prediction/main.py"
)
answer = Client(app).post(path, json={{"records": records}}, headers=headers)
assert answer.status_code == 200, answer.text
print(*sorted(set(sys.modules) - before))
"""


def test_a_first_prediction_imports_only_what_puts_the_function_together(function_app, key) -> None:
    name = f"first-{uuid.uuid4().hex[:8]}"
    register(function_app("models"), key, name, train())
    done = subprocess.run(
        [sys.executable, "-c", FIRST], cwd=ROOT, check=False, capture_output=True, text=True,
        input=json.dumps([f"/models/{name}/predict", key, [ANN]]),
        env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("main\n", "")
