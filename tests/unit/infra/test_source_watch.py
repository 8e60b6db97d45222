"""`up --watch` over a gateway that only notes what is deployed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from infra.local.deploying import manifests
from infra.local.errors import LocalError
from infra.local.stack.source_watch import SourceWatch, folders_of

if TYPE_CHECKING:
    from infra.local.deploying.gateway import Gateway


class FakeGateway:
    def __init__(self, service: dict[str, Any]) -> None:
        self.service = service
        self.deployed: list[dict[str, Any]] = []
        self.away = False
        self.tell("Unknown")

    def tell(self, ready: str, message: str = "") -> None:
        condition = {"type": "Ready", "status": ready, "message": message}
        self.service["status"] = {"conditions": [condition], "latestReadyRevisionName": "f-00002"}

    def services(self) -> list[dict[str, Any]]:
        if self.away:
            raise LocalError("away")
        return [self.service]

    def deploy(self, item: dict[str, Any]) -> None:
        self.deployed.append(item)


class Scene:
    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self.folder = folder / "f"
        self.folder.mkdir()
        self.write("one")
        self.gateway = FakeGateway(manifests.of_folder(self.folder))
        self.said: list[str] = []
        self.now = 0.0
        monkeypatch.setattr("infra.local.stack.source_watch.time.monotonic", lambda: self.now)
        self.watch = SourceWatch(cast("Gateway", self.gateway), self.said.append)

    def write(self, text: str) -> None:
        (self.folder / "main.py").write_text(text)

    def tick(self) -> None:
        self.now += 10
        assert self.watch.tick()


def test_a_change_is_deployed_once_and_its_success_told(tmp_path: Path, monkeypatch: Any) -> None:
    scene = Scene(tmp_path, monkeypatch)
    scene.tick()
    scene.tick()
    assert scene.gateway.deployed == []
    scene.write("another")
    scene.tick()
    (deployed,) = scene.gateway.deployed
    assert "status" not in deployed
    scene.gateway.tell("True")
    scene.tick()
    scene.tick()
    assert len(scene.gateway.deployed) == 1
    assert scene.said[:2] == ["  watching the sources of f", "  f changed"]
    assert "f-00002 serves" in scene.said[2]


def test_a_broken_one_is_told_with_its_traceback(tmp_path: Path, monkeypatch: Any) -> None:
    scene = Scene(tmp_path, monkeypatch)
    scene.tick()
    scene.write("raise [")
    scene.gateway.tell("False", "Traceback: SyntaxError")
    scene.tick()
    assert "f-00002 goes on serving" in scene.said[-1]
    assert "SyntaxError" in scene.said[-1]


def test_a_gateway_that_is_away_is_asked_again(tmp_path: Path, monkeypatch: Any) -> None:
    scene = Scene(tmp_path, monkeypatch)
    scene.tick()
    scene.gateway.away = True
    scene.write("changed meanwhile")
    scene.tick()
    scene.gateway.away = False
    scene.tick()
    assert len(scene.gateway.deployed) == 1


def test_a_product_function_is_its_folder_and_the_kit(tmp_path: Path) -> None:
    service = manifests.of_folder(tmp_path)
    container = service["spec"]["template"]["spec"]["containers"][0]
    container["image"] = "mayfly/models:1"
    root = Path("/r")
    assert folders_of(service, root) == [root / "functions/models", root / "functions/kit"]
    container["image"] = "nginx"
    assert folders_of(service, root) == []
