"""Which tests one worker takes as a whole, and when."""

# What takes both cores, or measures what another test's load would change. Few: one core waits.
ALONE = ("tests/e2e/test_faults.py", "tests/e2e/test_full_disk.py")
# What reads one running Mayfly, or writes under names of its own: it starts once for all of them.
OF_ONE_STACK = (
    "tests/e2e/browser/test_batches.py",
    "tests/e2e/browser/test_browser.py",
    "tests/e2e/browser/test_docs.py",
    "tests/e2e/browser/test_doors.py",
    "tests/e2e/browser/test_every_page.py",
    "tests/e2e/browser/test_frame.py",
    "tests/e2e/browser/test_hostile_texts.py",
    "tests/e2e/browser/test_imports.py",
    "tests/e2e/browser/test_models.py",
    "tests/e2e/browser/test_monitoring.py",
    "tests/e2e/browser/test_reports.py",
    "tests/e2e/browser/test_system_pages.py",
    "tests/e2e/browser/test_training.py",
    "tests/e2e/browser/test_workbench.py",
    "tests/e2e/tasks/test_tasks.py",
    "tests/e2e/test_callers.py",
    "tests/e2e/test_command_line.py",
    "tests/e2e/test_docs_page.py",
    "tests/e2e/test_doors.py",
    "tests/e2e/test_grpc.py",
    "tests/e2e/test_load.py",
    "tests/e2e/test_own_models.py",
    "tests/e2e/test_readme.py",
    "tests/e2e/test_realtime.py",
)
# After the quick suites the files that take minutes, then those that take seconds: so both workers
# are done at nearly the same time. Containers are given time for the build of their images.
LATER = (
    "tests/e2e/",
    "tests/e2e/compose/",
    "tests/integration/launcher/",
    "tests/integration/gateway/",
)


def group(nodeid: str) -> str:
    """Return what one worker takes with it: the test's file as a rule."""
    if nodeid.startswith(ALONE):
        return "alone"
    return "of one stack" if nodeid.startswith(OF_ONE_STACK) else nodeid.partition("::")[0]


def rank(nodeid: str) -> int:
    """Return when its turn is: 0 is first.

    What runs alone is last, so that the other worker has hardly anything left to do beside it.
    """
    if nodeid.startswith(ALONE):
        return len(LATER) + 1
    return max((place for place, path in enumerate(LATER, 1) if nodeid.startswith(path)), default=0)
