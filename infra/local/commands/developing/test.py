"""`./mayfly test`."""

import os
import sys

import click

from infra.local.settings import INDEXES, ROOT

# From quick to slow: a mistake shows early.
ORDER = ("unit", "contract", "integration", "e2e")
# Set for tests whose load runs at its full length; tests/support/lengths.py reads it.
FULL = "MAYFLY_TEST_FULL"
# The suites that use the product, and the emulator's variable for the file that they add to.
OF_THE_PRODUCT = ("integration", "e2e")
RECORD = "FIRESTORE_RECORD_INDEXES"
# Two files at a time; tests/support/side_by_side.py says which run alone. A later `-n` wins.
TWO_AT_A_TIME = (
    *("-n", "auto", "--maxprocesses", "2"),  # auto: one process with --pdb, and on one core
    *("--dist", "loadscope", "--no-loadscope-reorder"),
)


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}
)
@click.option("--full", is_flag=True, help="Run the slow loads (faults) at their full length.")
@click.option(
    "--record-indexes",
    "record",
    is_flag=True,
    help="Add the Firestore indexes that the product's queries need to its file of them.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...], *, full: bool, record: bool) -> None:
    """Run every test: unit, contract, integration, end to end; lint and types among them.

    Arguments go to pytest as they are. Each suite takes free ports and folders of its own, so that
    it runs beside anything. Without a path, files run two at a time; then, one by one, those that
    measure.

    \b
    Examples:
      ./mayfly test
      ./mayfly test tests/unit
      ./mayfly test -k storage -x
      ./mayfly test -m "not slow and not docker"
      ./mayfly test -n 0                       one file after the other
      ./mayfly test --full                     the slow loads for minutes, not seconds
      ./mayfly test --full tests/e2e/test_faults.py
      ./mayfly test --record-indexes           integration and e2e, which use the product
    """
    if full:
        os.environ[FULL] = "1"
    if record:
        os.environ[RECORD] = str(INDEXES)
    os.chdir(ROOT)
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        *pytest_arguments(arguments, OF_THE_PRODUCT if record else ORDER),
    ]
    os.execv(sys.executable, pytest)  # noqa: S606 - its exit code and last line are ours


def pytest_arguments(arguments: tuple[str, ...], order: tuple[str, ...] = ORDER) -> list[str]:
    """Return what pytest gets: the caller's own paths, or the suites in order.

    Every suite runs in two processes. Paths run in this one, which starts sooner; so does the
    recording of indexes, which all go into one file.
    """
    durations = ("--durations=10", "--durations-min=2")
    if any((ROOT / argument.partition("::")[0]).exists() for argument in arguments):
        return [*durations, *arguments]
    suites = [f"tests/{name}" for name in order if (ROOT / "tests" / name).is_dir()]
    workers = TWO_AT_A_TIME if order == ORDER else ()
    return [*durations, *workers, *arguments, *suites]
