"""Revisions are immutable in code, too: each runs what its folder held when it was deployed."""

import signal
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import fastest, wait_until


def deploy(gateway: Any, name: str, image: str, pinned: str = "") -> None:
    spec: dict[str, Any] = {"template": {"spec": {"containers": [{"image": image}]}}}
    if pinned:
        spec["traffic"] = [{"revisionName": pinned, "percent": 100}]
    status, answer = gateway.apply(SERVICES, {"metadata": {"name": name}, "spec": spec})
    assert status in (200, 201), answer


def ready(gateway: Any, name: str, number: int) -> None:
    wanted = f"{name}-{number:05d}"
    wait_until(lambda: gateway.service(name)["status"]["latestReadyRevisionName"] == wanted)


def answer(gateway: Any, name: str) -> bytes:
    return bytes(gateway.call("GET", f"/function/{name}/")[2])


def copies(gateway: Any) -> set[Path]:
    return set((gateway.data / "code").iterdir())


def two_versions(gateway: Any, name: str) -> str:
    """Deploys one folder twice, its code changed between; returns its image."""
    image = str(gateway.write_function(name, "1"))
    deploy(gateway, name, image)
    ready(gateway, name, 1)
    gateway.write_function(name, "2")
    deploy(gateway, name, image)
    ready(gateway, name, 2)
    return image


def test_traffic_rolled_back_runs_the_older_code(gateway: Any) -> None:
    image = two_versions(gateway, "undone")
    assert answer(gateway, "undone") == b"version 2 /"
    deploy(gateway, "undone", image, "undone-00001")
    gateway.scale("undone", 0)
    assert answer(gateway, "undone") == b"version 1 /"


def test_an_edit_reaches_no_replica_before_a_deploy(gateway: Any) -> None:
    image = str(gateway.write_function("left-alone", "1"))
    deploy(gateway, "left-alone", image)
    assert answer(gateway, "left-alone") == b"version 1 /"
    gateway.write_function("left-alone", "2")
    gateway.scale("left-alone", 0)
    assert answer(gateway, "left-alone") == b"version 1 /"
    deploy(gateway, "left-alone", image)
    ready(gateway, "left-alone", 2)
    assert answer(gateway, "left-alone") == b"version 2 /"


def test_the_older_code_survives_a_kill_and_the_folder_itself(own_gateway: Any) -> None:
    gateway = own_gateway
    image = two_versions(gateway, "gone")
    deploy(gateway, "gone", image, "gone-00001")
    (Path(image) / "main.py").unlink()
    gateway.signal(signal.SIGKILL)
    gateway.start()
    assert answer(gateway, "gone") == b"version 1 /"


def test_a_copy_goes_with_its_last_revision(own_gateway: Any) -> None:
    gateway = own_gateway
    two_versions(gateway, "tidy")
    wait_until(lambda: len(copies(gateway)) == 2)
    revisions = "/apis/serving.knative.dev/v1/namespaces/default/revisions"
    assert gateway.ask("DELETE", f"{revisions}/tidy-00001")[0] == 200
    wait_until(lambda: len(copies(gateway)) == 1)
    assert gateway.ask("DELETE", f"{SERVICES}/tidy")[0] == 200
    wait_until(lambda: not copies(gateway))


def test_first_party_code_is_imported_from_the_copy(own_gateway: Any) -> None:
    """Also modules that are imported late, and those of the kit."""
    gateway = own_gateway
    functions = gateway.folder / "root" / "functions"
    (functions / "kit").mkdir(parents=True)
    (functions / "late").mkdir()
    for package in (functions, functions / "kit", functions / "late"):
        (package / "__init__.py").write_text('"""A package."""\n')
    (functions / "kit" / "word.py").write_text("WORD = 'first'\n")
    (functions / "late" / "rows.py").write_text("ROWS = 'one'\n")
    (functions / "late" / "main.py").write_text(
        textwrap.dedent("""
            def handle(request):
                from functions.kit.word import WORD
                from functions.late.rows import ROWS
                return WORD + " " + ROWS
        """)
    )
    gateway.root = functions.parent
    gateway.signal(signal.SIGTERM)
    gateway.start()
    deploy(gateway, "late", "mayfly/late")
    ready(gateway, "late", 1)
    (functions / "kit" / "word.py").write_text("WORD = 'second'\n")
    (functions / "late" / "rows.py").write_text("ROWS = 'two'\n")
    assert answer(gateway, "late") == b"first one"
    deploy(gateway, "late", "mayfly/late")
    ready(gateway, "late", 2)
    assert answer(gateway, "late") == b"second two"


def test_a_traceback_names_the_file_that_was_written(gateway: Any) -> None:
    folder = gateway.write_function("blamed", code="raise RuntimeError('at import')\n")
    deploy(gateway, "blamed", str(folder))
    wait_until(lambda: gateway.ready("blamed") == "False")
    assert f'"{folder}/main.py", line 1' in str(gateway.service("blamed")["status"]["conditions"])


def test_calls_go_on_while_a_big_folder_is_deployed(gateway: Any) -> None:
    """Hashing, copying and syncing some thousand files takes a while; no call waits for it."""
    gateway.deploy("answering")
    gateway.call("GET", "/function/answering/")
    big = gateway.write_function("big")
    for number in range(3000):
        (big / f"part{number}.txt").write_text(str(number))

    def part() -> float:
        """What the slowest call took of the time of a deploy."""
        (big / "part0.txt").write_text(str(time.monotonic()))
        return slowest_part_of_a_deploy(gateway, "big", str(big))

    assert fastest(part, enough=0.5) < 0.5
    assert answer(gateway, "big") == b"version 1 /"


def slowest_part_of_a_deploy(gateway: Any, name: str, image: str) -> float:
    deploying = threading.Thread(target=deploy, args=(gateway, name, image))
    deploying.start()
    slowest = 0.0
    began = time.monotonic()
    while deploying.is_alive():
        asked = time.monotonic()
        assert gateway.call("GET", "/function/answering/")[0] == 200
        slowest = max(slowest, time.monotonic() - asked)
    deploying.join()
    return slowest / (time.monotonic() - began)
