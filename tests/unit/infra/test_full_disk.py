"""When NATS has to be started again: the disk was full, or its log tells of a refused write."""

from pathlib import Path

from infra.local.health.full_disk import FullDiskWatch
from tests.support.servers.small_disk import small_disk

REFUSED = "[ERR] JetStream failed to store a msg: write 1.blk: no space left on device\n"


def test_a_disk_that_was_full_for_a_moment_is_remembered(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 20) as disk:
        full_disk = FullDiskWatch(disk.folder, tmp_path / "nats.log")
        assert not full_disk.look(1)
        disk.fill()
        assert not full_disk.look(1.5)  # not asked again so soon
        assert full_disk.look(2)
        disk.free()
        assert full_disk.look(3)
        assert not FullDiskWatch(disk.folder, tmp_path / "nats.log").look(1)


def test_a_log_tells_of_a_refused_write_since_the_start_alone(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    log.write_text(REFUSED)
    full_disk = FullDiskWatch(tmp_path, log)
    assert not full_disk.look(1)
    with log.open("a") as file:
        file.write("[INF] all is well\n")
    assert not full_disk.look(2)
    with log.open("a") as file:
        file.write(REFUSED)
    assert full_disk.look(3)


def test_a_log_that_was_emptied_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    log.write_text("[INF] all is well\n" * 100)
    full_disk = FullDiskWatch(tmp_path, log)
    log.write_text(REFUSED)
    assert full_disk.look(1)
