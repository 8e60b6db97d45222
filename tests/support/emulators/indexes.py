"""How tests of the product start the Firestore emulator: it demands indexes as the real one."""

import os

from infra.local.settings import INDEXES


def index_options() -> list[str]:
    """Return the options; none while they are recorded (`./mayfly test --record-indexes`)."""
    if os.environ.get("FIRESTORE_RECORD_INDEXES"):
        return []
    return ["--indexes", str(INDEXES), "--require-indexes"]
