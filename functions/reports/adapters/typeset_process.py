"""Sets a report's pages: a program of its own, as `notebook_process` is.

`python -m functions.reports.adapters.typeset_process KIND…` runs in a folder that has
`report.ipynb`, and writes `report.pdf` and `report.html` there, as they are asked for.
"""

import json
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
FONTS = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")
"""Those that come with typst; letters that these lack come from the machine's, where it has any."""
LETTERS = f"""
#set text(font: {json.dumps(FONTS).replace("[", "(").replace("]", ")")})
#json("letters.json").join(" ")
"""
"""Sets each letter of a report alone."""
LACKING = "could not be displayed"


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

    document = _document(blocks, folder)
    document["lacking"] = _lacks_letters(typst, document, folder, **options)
    (folder / "document.json").write_bytes(msgspec.json.encode(document))
    shutil.copyfile(TEMPLATE, folder / TEMPLATE.name)
    made: bytes = typst.compile(str(folder / TEMPLATE.name), root=str(folder), **options)
    return made


def _lacks_letters(typst: Any, document: dict[str, Any], folder: Path, **options: Any) -> bool:
    """Tell whether no font at hand has some letter of a document.

    Typst sets an empty box then, and says nothing; of PDF/A it says it, which has to be readable.
    """
    texts = json.dumps([document["title"], document["blocks"]], ensure_ascii=False)
    (folder / "letters.json").write_text(json.dumps(sorted({*texts})))
    (folder / "letters.typ").write_text(LETTERS)
    ignored = {name: options[name] for name in ("ignore_system_fonts",) if name in options}
    try:
        typst.compile(
            str(folder / "letters.typ"), root=str(folder), pdf_standards="a-2b", **ignored
        )
    except typst.TypstError as error:
        return LACKING in str(error)  # what else PDF/A asks for, this is no matter of
    return False


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
    return {"title": msgspec.to_builtins(title_of(blocks)), "blocks": told, "fonts": FONTS}


if __name__ == "__main__":
    main()
