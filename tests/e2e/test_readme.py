"""The README's calls, run as they stand there (but for this stack's ports and key)."""

import re
import subprocess
import time
from pathlib import Path

import pytest

from infra.local.catalogue import COMMANDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def blocks():
    """Return the shell blocks of the README, with continued lines joined."""
    text = (ROOT / "README.md").read_text()
    found = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(r"\s*\\\n\s*", " ", block) for block in found]


def calls():
    """Return the block that calls the functions, as commands."""
    [block] = [block for block in blocks() if "curl" in block]
    return block.strip().splitlines()


def test_the_readme_names_only_commands_that_there_are():
    named = {
        name for block in blocks() for name in re.findall(r"^\./mayfly (\w+)", block, re.MULTILINE)
    }
    assert named
    assert named <= COMMANDS.keys()


def test_the_readme_s_calls_succeed(stack):
    first, *rest = calls()
    assert first.startswith("KEY=")
    for command in rest:
        # What a call before began (an import, a training) may not be done yet, as for a person.
        until_it_succeeds(stack, first, command)


def until_it_succeeds(stack, first, command):
    script = f"set -e\n{first}\n{command.replace('curl -s ', 'curl -sS --fail-with-body ')}"
    script = script.replace("http://127.0.0.1:8080", stack.gateway_url)
    script = script.replace(".mayfly/key", str(stack.home / "key"))
    deadline = time.monotonic() + 300
    while True:
        done = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, check=False, capture_output=True, text=True
        )
        if done.returncode == 0:
            return
        assert time.monotonic() < deadline, f"{command}\n{done.stdout}{done.stderr}"
        time.sleep(0.2)
