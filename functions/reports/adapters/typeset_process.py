"""Sets a report's pages: a program of its own, as `notebook_process` is.

`python -m functions.reports.adapters.typeset_process KIND…` runs in a folder that has
`report.ipynb`, and writes `report.pdf` and `report.html` there, as they are asked for.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec

from functions.reports.adapters.bounds import bound
from functions.reports.adapters.notebook_process import NOTEBOOK
from functions.reports.model.document import Block, Figure, blocks_of, body_of, title_of
from functions.reports.model.pages import page
from functions.reports.notebooks.marks import HALF_WIDTH

TEMPLATE = Path(__file__).with_name("report.typ")
PDF, HTML = "report.pdf", "report.html"


def main() -> None:
    """Set the pages of one report."""
    bound()
    blocks = blocks_of(Path(NOTEBOOK).read_bytes())
    if "html" in sys.argv:
        Path(HTML).write_text(page(blocks))
    if "pdf" in sys.argv:
        Path(PDF).write_bytes(typeset(blocks, Path.cwd()))


def typeset(blocks: list[Block], folder: Path, **options: Any) -> bytes:
    """Return a PDF; what it is set from is written into `folder`, which alone can be read then."""
    import typst  # noqa: PLC0415 - heavy, and only now is this process bounded

    (folder / "document.json").write_bytes(msgspec.json.encode(_document(blocks, folder)))
    shutil.copyfile(TEMPLATE, folder / TEMPLATE.name)
    # Letters that its own fonts lack come from the machine's, where that has any.
    made: bytes = typst.compile(str(folder / TEMPLATE.name), root=str(folder), **options)
    return made


def _document(blocks: list[Block], folder: Path) -> dict[str, Any]:
    """Return what the template reads; pictures lie beside it."""
    told: list[dict[str, Any]] = []
    for block in body_of(blocks):
        if not isinstance(block, Figure):
            told.append(msgspec.to_builtins(block))
            continue
        if not told or told[-1]["kind"] != "figures":
            told.append({"kind": "figures", "figures": []})
        path = f"figure-{block.number}.svg"
        (folder / path).write_text(block.svg)
        is_half = block.width <= HALF_WIDTH
        told[-1]["figures"].append({"path": path, "caption": block.caption, "half": is_half})
    return {"title": msgspec.to_builtins(title_of(blocks)), "blocks": told}


if __name__ == "__main__":
    main()
