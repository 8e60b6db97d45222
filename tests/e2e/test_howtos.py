"""The how-tos' commands, run as they stand there (but for this stack's ports), page by page."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from infra.local.catalogue import COMMANDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "howto"
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "README")
BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
LONGEST = 300.0  # seconds that a page may take
# It runs before a page begins, and the next page wants it, too.
GIVEN = re.compile(r"^\./mayfly (?:up|down)\b.*$", re.MULTILINE)


def script(page):
    """Return all commands of a page, in order."""
    text = (FOLDER / f"{page}.md").read_text()
    return "\n".join(textwrap.dedent(block) for _, block in BLOCK.findall(text))


def test_the_index_has_every_page():
    named = re.findall(
        r"^\| \[.+?\]\((.+?)\.md\)", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(named) == PAGES
    assert len(PAGES) >= 7


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_commands_and_names_only_those_that_there_are(page):
    named = set(re.findall(r"\./mayfly ([a-z]+)", (FOLDER / f"{page}.md").read_text()))
    assert named
    assert named <= COMMANDS.keys()
    assert script(page).count("./mayfly ") >= 1


@pytest.fixture(scope="module")
def desk(own_stack, tmp_path_factory):
    """A folder that looks like the repository's, whose `./mayfly` is this stack's."""
    folder = tmp_path_factory.mktemp("desk")
    for name, place in {
        "examples": ROOT / "examples",
        "infra": ROOT / "infra",
        ".mayfly": own_stack.home,
        ".venv": Path(sys.prefix),
    }.items():
        (folder / name).symlink_to(place)
    program = folder / "mayfly"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m infra.local "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_a_page_s_commands_succeed(own_stack, desk, page):
    text = GIVEN.sub("./mayfly status", script(page))
    text = text.replace("http://127.0.0.1:8080", own_stack.gateway_url)
    text = text.replace("127.0.0.1:8082", own_stack.address("GATEWAY_METRICS"))
    environment = {
        name: value
        for name, value in own_stack.environment().items()
        if not name.startswith("PYTEST_")
    }
    done = subprocess.run(
        ["bash", "-c", f"set -ex -o pipefail\n{text}"],
        cwd=desk,
        env=environment | {"TERM": os.environ.get("TERM", "dumb")},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
