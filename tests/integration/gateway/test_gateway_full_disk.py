"""A gateway that starts on a full disk serves, and makes up for what it could not write."""

import json
import signal
from pathlib import Path

from tests.integration.gateway.conftest import PASSWORD, Broker, Gateway
from tests.support.processes import wait_until
from tests.support.servers.small_disk import small_disk


def test_a_gateway_starts_on_a_full_disk_and_writes_its_kubeconfig_later(
    broker: Broker, tmp_path: Path
) -> None:
    gateway = Gateway(tmp_path, broker.port)
    kubeconfig = gateway.data / "kubeconfig"
    with small_disk(gateway.data, 8) as disk:
        try:
            gateway.start()
            gateway.deploy_ready("fn")
            gateway.signal(signal.SIGTERM)
            disk.fill()
            gateway.start()
            assert "kubeconfig" not in gateway.log()  # the one that is there will do
            gateway.signal(signal.SIGTERM)
            kubeconfig.unlink()
            disk.fill()
            gateway.start()
            assert gateway.call("GET", "/function/fn/x")[0] == 200
            wait_until(lambda: "kubeconfig cannot be written yet" in gateway.log(), what="a word")
            assert "No space left on device" in gateway.log()
            assert "make room on the disk" in gateway.log()
            assert not kubeconfig.exists()
            disk.free()
            wait_until(kubeconfig.exists, what="the kubeconfig")
        finally:
            gateway.end()
        (user,) = json.loads(kubeconfig.read_text())["users"]
        assert user["user"] == {"username": "admin", "password": PASSWORD}
        assert kubeconfig.stat().st_mode & 0o777 == 0o600
