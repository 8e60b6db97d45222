"""The gateway takes as many open files as it may have."""

import resource
import subprocess
import sys

from tests.support.processes import ROOT

PROGRAM = """
import resource
from emulators.gateway.open_files import raise_open_files

_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
raise_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_the_soft_limit_is_raised_and_the_hard_one_kept() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = subprocess.check_output([sys.executable, "-c", PROGRAM], cwd=ROOT, text=True)
    most = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    assert [int(number) for number in told.split()] == [most, hard]
