"""Fuzz every function through the gateway by its own OpenAPI description (schemathesis).

`python -m benchmarks.fuzz [--only prediction] [--examples 20] [--seconds 300] [--seed 1]`

It starts a Mayfly of its own, and ends with 1 where an answer is a server's error, or is of a
status, a media type or a shape that the description does not have. What deletes comes last.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import msgspec

from benchmarks import environments
from benchmarks.fuzz import things
from benchmarks.fuzz.descriptions import Ids, prepared
from benchmarks.learning.calls import Calls
from benchmarks.stack import Stack, end_in_order, own_stack

# Accounts last: what is done there may lock others out.
NAMES = ("prediction", "monitoring", "models", "training", "datasets", "accounts")
HERE = Path(__file__).parent
CHECKS = (
    *("not_a_server_error", "status_code_conformance"),
    *("content_type_conformance", "response_schema_conformance"),
)
LONGEST_ANSWER = 30  # seconds


def fuzz(client: httpx.Client, key: str, name: str, ids: Ids, given: argparse.Namespace) -> bool:
    """Fuzz a function, what deletes after the rest; return whether nothing was found."""
    description = client.get(f"{name}/openapi.json").raise_for_status().json()
    passed = True
    for deletes in (False, True):
        wanted = prepared(description, ids, deletes=deletes)
        if wanted["paths"]:
            print(f"{name}: {'what deletes' if deletes else 'all but what deletes'}", flush=True)
            passed &= _run(msgspec.json.encode(wanted), f"{client.base_url}{name}", key, given)
    return passed


def _run(description: bytes, url: str, key: str, given: argparse.Namespace) -> bool:
    python = environments.python("fuzz", HERE / "schemathesis.txt")
    with tempfile.TemporaryDirectory(prefix="mayfly-fuzz-") as folder:
        file = Path(folder) / "openapi.json"
        file.write_bytes(description)
        command = [
            *(python.with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml"),
            *("run", file, "--url", url, "--header", f"Authorization: Bearer {key}"),
            *("--phases", "coverage,fuzzing", "--checks", ",".join(CHECKS)),
            *("--max-examples", given.examples, "--seed", given.seed),
            *("--request-timeout", LONGEST_ANSWER),
            *("--warnings", "off", "--suppress-health-check", "all", "--continue-on-failure"),
        ]
        return _ended_well([str(word) for word in command], folder, given.seconds)


def _ended_well(command: list[str], folder: str, seconds: float) -> bool:
    try:
        return subprocess.run(command, cwd=folder, check=False, timeout=seconds).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"not done after {seconds:g} s: give it more --seconds, or fewer --examples")
        return False


def _all(stack: Stack, given: argparse.Namespace) -> list[str]:
    """Return the functions of which something was found."""
    with stack.client() as client:
        ids = things.make(Calls(client))
        return [
            name for name in given.only or NAMES if not fuzz(client, stack.key, name, ids, given)
        ]


def main() -> None:
    """Read the command line, fuzz, say where something was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="a function; may be again")
    parser.add_argument("--examples", type=int, default=20, help="an operation, in each phase")
    parser.add_argument("--seconds", type=int, default=300, help="a run at most; two a function")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    end_in_order()
    with own_stack() as stack:
        found = _all(stack, given)
    if found:
        sys.exit(f"Something was found in {', '.join(found)}: see above.")


if __name__ == "__main__":
    main()
