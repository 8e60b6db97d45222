"""Makes notebooks and pages in processes of their own, within bounds."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from functions.reports.adapters.bounds import MEMORY, SECONDS
from functions.reports.adapters.notebook_process import FAILED, FAILURE, NOTEBOOK
from functions.reports.adapters.typeset_process import HTML, PDF
from functions.reports.model.report import Form, Kind
from functions.reports.service.ports import Busy, Spoilt

ADAPTERS = "functions.reports.adapters"
TEMPLATES: Mapping[Kind, str] = {"dataset": "dataset_report", "model": "model_report"}
PAGES: Mapping[Form, str] = {"pdf": PDF, "html": HTML}
FACTS, DATA = "facts.json", "data.parquet"
CLOCK_SECONDS = 420
"""For a process, by the clock: processor time is what is bounded, a busy machine is nobody's fault.
A step has to end within the time of a call."""
AT_ONCE = 1  # two might together take more memory than there is
WAIT_SECONDS = 60.0
# No secret of ours goes to a process that works on what strangers wrote.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TZ")
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
_TOO_MUCH = (
    f"it takes more than {MEMORY:,} bytes of memory or {SECONDS} s of processor time; a dataset "
    "with fewer or shorter columns needs less"
)
_ENDINGS = {signal.SIGKILL, signal.SIGABRT, signal.SIGXCPU, signal.SIGSEGV, signal.SIGTRAP}


class Processes:
    """The Workshop that starts a process for each thing to make, AT_ONCE at a time.

    Args:
        seconds: that one may take by the clock.
        wait: seconds that a call waits for its turn.
    """

    def __init__(self, seconds: float = CLOCK_SECONDS, wait: float = WAIT_SECONDS) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._seconds = seconds
        self._wait = wait

    def run(self, kind: Kind, facts: bytes, data: Callable[[IO[bytes]], object] | None) -> bytes:
        """See Workshop."""
        with self._place() as folder:
            (folder / FACTS).write_bytes(facts)
            if data is not None:
                with (folder / DATA).open("wb") as file:
                    data(file)
            self._work(folder, "notebook_process", [TEMPLATES[kind]])
            return (folder / NOTEBOOK).read_bytes()

    def typeset(self, notebook: bytes, forms: Sequence[Form]) -> Mapping[Form, bytes]:
        """See Workshop."""
        with self._place() as folder:
            (folder / NOTEBOOK).write_bytes(notebook)
            self._work(folder, "typeset_process", forms)
            return {form: (folder / PAGES[form]).read_bytes() for form in forms}

    @contextmanager
    def _place(self) -> Iterator[Path]:
        """Give a folder to work in; raises Busy."""
        if not self._free.acquire(timeout=self._wait):
            raise Busy
        try:
            # Short: a socket's path in it may have a hundred letters.
            with tempfile.TemporaryDirectory(prefix="report-") as folder:
                yield Path(folder)
        finally:
            self._free.release()

    def _work(self, folder: Path, program: str, arguments: Sequence[str]) -> None:
        """Run a program of ours in a folder, and all that it starts; raises Spoilt."""
        with (folder / "errors.txt").open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", f"{ADAPTERS}.{program}", *arguments],
                stdin=subprocess.PIPE,  # it ends with us: then nobody holds this any more
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=_environment(folder),
                cwd=folder,
                start_new_session=True,
            )
            try:
                status = process.wait(self._seconds)
            except subprocess.TimeoutExpired:
                reason = f"The report is not made: it takes more than {self._seconds:g} s."
                raise Spoilt(reason) from None
            finally:
                _end_all(process)
                assert process.stdin is not None
                process.stdin.close()
        if status:
            raise _ending(folder, status)


def _end_all(process: "subprocess.Popen[bytes]") -> None:
    """End a process, and those that it started: the cells run in one of them."""
    with suppress(ProcessLookupError):  # all have ended by themselves
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a process: nothing of the user who runs us leads anywhere."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    homes = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    ours = os.pathsep.join(path for path in sys.path if path)
    places = {name: str(folder) for name in (*homes, "TMPDIR", "XDG_CACHE_HOME")}
    return {**QUIET, **passed, **places, "PYTHONPATH": ours, "JUPYTER_PLATFORM_DIRS": "1"}


def _ending(folder: Path, status: int) -> Exception:
    """Return why a process that ended so made nothing."""
    if status == FAILED:
        return Spoilt(f"The notebook fails: {(folder / FAILURE).read_text()}.")
    told = (folder / "errors.txt").read_text(errors="replace")[-2000:]
    if -status in _ENDINGS or "MemoryError" in told:
        return Spoilt(f"The report is not made: {_TOO_MUCH}.")
    return RuntimeError(f"A process of reports ended with {status}: {told}")
