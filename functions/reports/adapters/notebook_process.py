"""Runs a notebook: a program of its own, so that what it takes too much of ends that alone.

`python -m functions.reports.adapters.notebook_process TEMPLATE` runs in a folder that has
`facts.json`, and writes `report.ipynb` there. It bounds itself, and the process of the cells
inherits that. Where a cell fails, `failure.txt` says so, and the status is FAILED.
"""

import sys
from pathlib import Path

from functions.reports.adapters import templates
from functions.reports.adapters.bounds import bound, end_with_starter

NOTEBOOK, FAILURE = "report.ipynb", "failure.txt"
FAILED = 3
CELL_SECONDS = 120
MOST_TEXT = 600


def main() -> int:
    """Run one notebook; return the status."""
    bound()
    import nbclient  # noqa: PLC0415 - heavy, and only now is this process bounded
    import nbformat  # noqa: PLC0415 - as above
    from nbclient import exceptions  # noqa: PLC0415 - as above
    from traitlets.config import Config  # noqa: PLC0415 - as above

    notebook = templates.notebook_of(sys.argv[1])
    # Over sockets in a folder of our own: a port of the machine would be anybody's to knock at.
    own_sockets = Config({"ConnectionFileMixin": {"transport": "ipc"}})
    client = nbclient.NotebookClient(
        notebook,
        config=own_sockets,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        startup_timeout=60,
        resources={"metadata": {"path": str(Path.cwd())}},
        record_timing=False,
    )
    try:
        # Jupyter gives it a session of its own, so that nothing that ends us would reach it.
        client.execute(preexec_fn=end_with_starter())
    except exceptions.CellExecutionError as error:
        return _failed(f"{error.ename}: {error.evalue}")
    except exceptions.CellTimeoutError:
        return _failed(f"a cell took more than {CELL_SECONDS} s")
    except exceptions.DeadKernelError:
        return _failed("the process of its cells ended: it took more memory or time than it may")
    Path(NOTEBOOK).write_text(nbformat.writes(notebook))
    return 0


def _failed(reason: str) -> int:
    Path(FAILURE).write_text(" ".join(reason.split())[:MOST_TEXT])
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
