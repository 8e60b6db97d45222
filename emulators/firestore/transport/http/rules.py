"""Security rules: taken, so that test kits go on, and said to be enforced by nobody."""

from __future__ import annotations

import logging
from typing import Any

NOT_ENFORCED = (
    "Security rules are not enforced by this emulator: every call is allowed. "
    "Test them with Google's own emulator."
)
_DEFAULT_FILE = "firestore.rules"
_LOG = logging.getLogger(__name__)


class SecurityRules:
    """The projects that rules were uploaded for; the rules themselves are dropped.

    Attributes:
        projects: Their names.
    """

    def __init__(self) -> None:
        self.projects: set[str] = set()

    def upload(self, project: str, content: Any) -> dict[str, Any]:
        """Take rules as `{"rules": {"files": [{"name": ..., "content": ...}]}}`.

        Returns:
            The answer: the warning in the form in which Google's emulator tells of issues, which
            `firebase deploy` and `firebase emulators:start` print.
        """
        self.projects.add(project)
        _LOG.warning("rules of the project %s were uploaded. %s", project, NOT_ENFORCED)
        place = {"fileName": _file(content), "line": 1, "column": 1}
        place |= {"currentOffset": 0, "endOffset": 0}
        issue = {"severity": "WARNING", "description": NOT_ENFORCED, "sourcePosition": place}
        return {"issues": [issue]}


def _file(content: Any) -> str:
    """Return the name of the first file, whatever the content looks like."""
    try:
        return str(content["rules"]["files"][0]["name"])
    except (KeyError, IndexError, TypeError):
        return _DEFAULT_FILE
