"""Lists of a contract's lines, each with the tests that prove it, held against the files."""

import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\| ([A-Z]*[0-9][0-9.]*) \| [^|]+ \| (.+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`([^`]*::[^`]*)`")
_TEST = re.compile(r"((?:\w+/)?)(test_\w+\.py)::(test_\w+)")


class ContractList:
    """A table of ``| line | what | tested in |``.

    Args:
        file: The list, below the root.
        folders: Where tests stand: the prefix that a name has in the list, to a folder.
    """

    def __init__(self, file: str, folders: Mapping[str, str]) -> None:
        self._rows = _ROW.findall((ROOT / file).read_text(encoding="utf-8"))
        self._folders = folders

    def lines(self) -> list[str]:
        """Numbers of the lines that are listed, in order."""
        return [line for line, _ in self._rows]

    def unproven(self) -> list[str]:
        """Lines with neither a test nor a reason why there is none."""
        return [
            line
            for line, proof in self._rows
            if not _NAMED.search(proof) and "no test: " not in proof
        ]

    def missing(self) -> list[str]:
        """Tests that are named, but are not there."""
        names = {name for _, proof in self._rows for name in _NAMED.findall(proof)}
        return sorted(name for name in names if not self._is_there(name))

    def _is_there(self, named: str) -> bool:
        match = _TEST.fullmatch(named)
        if match is None or match[1] not in self._folders:
            return False
        path = ROOT / self._folders[match[1]] / match[2]
        return path.is_file() and f"def {match[3]}(" in path.read_text(encoding="utf-8")


def numbered(sections: Mapping[str, int]) -> list[str]:
    """Numbers of every line, from how many each section has; a section of none is a line itself."""
    return [
        f"{section}.{line}" if count else section
        for section, count in sections.items()
        for line in range(1, max(count, 1) + 1)
    ]
