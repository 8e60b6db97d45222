"""Notebooks and pages as they are really made: by processes, of whatever callers name things."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pypdf
import pytest
from msgspec.structs import replace

from functions.kit.contract.records.columns import Column
from functions.reports.adapters.templates import notebook_of
from functions.reports.adapters.workshop import TEMPLATES, Processes
from functions.reports.model.report import Kind, Report
from functions.reports.service.ports import Busy, Spoilt
from tests.support.in_memory.reports_house import (
    ANN,
    House,
    dataset_of,
    profile_of,
    version_of,
)
from tests.support.processes import ROOT

MARK = "pwned"
# Each would do something somewhere: in Python, Markdown, HTML, Typst, Vega, LaTeX, a shell, a path.
HOSTILE = [
    f'"); import os; os.system("touch {MARK}"); ("',
    f"'''); open('{MARK}', 'w'); '''",
    "# A heading",
    '#read("/etc/passwd")',
    '#import "@preview/evil:1.0.0"',
    "]#panic()[",
    "$ x^2 $ *bold* _italic_ @ref <label>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](http://example.invalid/x.png) [a](javascript:alert(1))",
    "a.b[0]['c']:Q",
    "datum['x'] + ${1}",
    "%%bash\ntouch " + MARK,
    "!touch " + MARK,
    "{{ 7 * 7 }} {0} %s",
    "\\u0022 \\n \\ ` ~ ^",
    "line\nbreak\ttab \x00 \x1b[31m \u202egnp.exe",
    "x" * 200,
    "名前 имя اسم 🚢",
]
TEXTS = ["a", "b"]


@pytest.fixture(scope="module")
def hostile() -> dict[Kind, tuple[House, Report]]:
    """Reports on a dataset and on a model whose every name and value means harm."""
    return {"dataset": _of_dataset(HOSTILE), "model": _of_model(HOSTILE)}


def _of_dataset(names: list[str]) -> tuple[House, Report]:
    house = House(Processes())
    columns = [Column(name, "category", levels=names) for name in names]
    columns.append(Column("score", "number"))
    columns.append(Column(f"{names[0]} again", "category", role="target"))
    profile = profile_of(columns, rows=40)
    for one in profile.columns[: len(names)]:
        for word, name in zip(one.top, names, strict=False):
            word.value = name
    values: dict[str, list[Any]] = {
        one.name: [names[place % 2] for place in range(40)] for one in columns
    }
    values["score"] = [place / 3 for place in range(40)]
    house.world.put(dataset_of(columns, rows=40, name=names[0]), profile, pa.table(values))
    report = house.ask(dataset="people")
    house.run()
    return house, house.reports.report(ANN, report.id)


def _of_model(names: list[str]) -> tuple[House, Report]:
    house = House(Processes())
    columns = [Column(name, "category") for name in names]
    evaluation: dict[str, Any] = {
        "metrics": dict.fromkeys(names, 0.5),
        "measure": names[0],
        "verdict": names[1],
        "notes": names,
        "balance": dict.fromkeys(names, 0.1),
        "confusion": {"labels": names[:2], "matrix": [[3, 1], [0, 4]]},
        "importance": [{"column": name, "value": 0.1} for name in names],
        "dependence": [
            {"column": name, "labels": [name], "values": names[:3], "means": [[0.1], [0.2], [0.3]]}
            for name in names
        ],
        "slices": [
            {"column": n, "part": n, "rows": 2, "metrics": {}, "gap": 0.1, "low": 0, "high": 1}
            for n in names
        ],
        "threshold": {"value": 0.5, "goal": names[0], "reached": 0.5},
        "roc": "not a curve",
        "lift": [{"share": "much"}],
    }
    version = version_of(
        columns, evaluation=evaluation, algorithm=names[0], target=names[1], note=names[2]
    )
    house.world.register(replace(version, tags=names[:4]))
    report = house.ask(model="people")
    house.run()
    return house, house.reports.report(ANN, report.id)


@pytest.mark.parametrize("kind", ["dataset", "model"])
def test_hostile_names_are_text_everywhere(hostile, kind):
    house, report = hostile[kind]
    assert (report.state, report.failure) == ("succeeded", None)
    notebook = msgspec.json.decode(house.text(report, "notebook"))
    ours = notebook_of(TEMPLATES[kind])
    assert ["".join(cell["source"]) for cell in notebook["cells"]] == [
        cell.source for cell in ours.cells
    ]
    pages = house.text(report, "html").decode()
    assert set(re.findall(r"<(\w+)", pages)) <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "li"),
        *("main", "div", "figure", "img", "figcaption", "table", "caption", "thead", "tbody", "tr"),
        *("th", "td"),
    }
    assert set(re.findall(r'src="([^"]{0,26})', pages)) == {"data:image/svg+xml;base64,"}
    assert "&lt;script&gt;alert(1)" in pages
    assert not list(ROOT.glob(MARK))


@pytest.mark.parametrize("kind", ["dataset", "model"])
def test_a_pdf_says_hostile_names_as_they_are(hostile, kind):
    house, report = hostile[kind]
    said = _said(house.text(report, "pdf"))
    for name in ('#read("/etc/passwd")', "]#panic()[", "<script>alert(1)</script>", "# A heading"):
        assert _plain(name) in said, name
    assert "root:" not in said


def test_what_cells_show_has_no_markup_of_others(hostile):
    house, report = hostile["dataset"]
    notebook = msgspec.json.decode(house.text(report, "notebook"))
    shown = [
        html if isinstance(html, str) else "".join(html)
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if (html := output.get("data", {}).get("text/html"))
    ]
    assert len(shown) > 10
    assert not [html for html in shown if re.search(r"<(script|img|a)\b", html)]


def _said(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return _plain("".join(page.extract_text() for page in pages))


def _plain(text: str) -> str:
    """Return a text without the places at which lines may break."""
    return re.sub(r"[\s\u200b]+", "", text)


def test_a_process_that_takes_too_long_ends_with_all_that_it_started():
    made = Processes(seconds=1.0)
    before = _with("report-")
    with pytest.raises(Spoilt, match=r"takes more than 1 s"):
        made.run("dataset", b"{}", None)
    _wait(lambda: _with("report-") <= before)


def test_a_cell_that_fails_is_a_reason():
    with pytest.raises(Spoilt, match=r"The notebook fails: KeyError: 'dataset'"):
        Processes().run("dataset", b"{}", None)


def test_one_at_a_time():
    made = Processes(wait=0.0)
    asked = []

    def data(file):
        file.write(b"x")
        with pytest.raises(Busy):
            made.typeset(b"", ["pdf"])
        asked.append(1)

    with pytest.raises(Spoilt):
        made.run("dataset", b"{}", data)
    assert asked == [1]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("bytearray(400 << 20)", "MemoryError"),
        ("open('large', 'wb').write(bytes(65 << 20))", "File too large"),
    ],
)
def test_a_process_is_held_to_its_bounds(tmp_path, code, told):
    program = f"from functions.reports.adapters.bounds import bound\nbound(300 << 20)\n{code}"
    done = _run(program, tmp_path)
    assert done.returncode != 0
    assert told in done.stderr


def _run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program whose standard input stays open."""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        errors = process.stderr.read()
        return subprocess.CompletedProcess([], process.wait(), "", errors)


def test_what_a_killed_replica_started_ends_with_it(tmp_path):
    """The process has a session of its own, so that nobody's signal reaches it."""
    program = (
        "from functions.reports.adapters.workshop import Processes\n"
        "Processes().run('dataset', b'{}', lambda file: file.write(b'x') and None)\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    replica = subprocess.Popen([sys.executable, "-c", program], env=environment)
    _wait(lambda: len(_with(str(tmp_path))) >= 2)  # the one of the cells, too
    replica.send_signal(signal.SIGKILL)
    replica.wait()
    _wait(lambda: not _with(str(tmp_path)))


def _with(text: str) -> set[int]:
    """Return the processes whose environment or folder has a text."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            told = str((entry / "cwd").readlink())
        except OSError:
            continue
        if text in told:
            found.add(int(entry.name))
    return found


def _wait(is_so: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)
