"""When a call is late, and how it fails then."""

import math

from emulators.gateway.errors import NotReady, TimedOut
from emulators.gateway.model.deadlines import Deadlines
from emulators.gateway.model.revision import Revision

REVISION = Revision("f", "n", 1, "i", timeout=100.0, start_timeout=50.0, idle_timeout=10.0)


def late(now: float, *, waiting: bool, starting: bool = False, begun: bool = False) -> object:
    deadlines = Deadlines(REVISION, 0.0, start_limit=20.0)
    overdue = deadlines.passed(now, waiting=waiting, starting=starting, begun=begun)
    return overdue.kind if overdue else None


def test_a_first_replica_has_its_limit_and_a_free_one_the_whole_time() -> None:
    assert late(19.0, waiting=True, starting=True) is None
    assert late(21.0, waiting=True, starting=True) is NotReady
    assert late(49.0, waiting=True) is None
    assert late(51.0, waiting=True) is TimedOut


def test_an_answer_must_begin_and_go_on() -> None:
    deadlines = Deadlines(REVISION, 0.0, start_limit=20.0)
    deadlines.heard = 45.0
    assert deadlines.passed(51.0, waiting=False, starting=False, begun=True) is None
    assert deadlines.passed(51.0, waiting=False, starting=False, begun=False) is not None
    silent = deadlines.passed(56.0, waiting=False, starting=False, begun=True)
    assert silent is not None
    assert "idleTimeoutSeconds" in silent.what


def test_what_may_last_is_never_late() -> None:
    endless = Deadlines(Revision("f", "n", 1, "i", timeout=1.0), 0.0, start_limit=20.0)
    endless.whole = math.inf
    assert endless.passed(1e9, waiting=False, starting=False, begun=True) is None
