"""How often drift is made up, and how often it is found and the right column named.

    python -m benchmarks.monitoring drift [--windows 50] [--second-opinion 3]

Ten tables of ten columns (`drifting_tables.py`), each with a reference of some hundred to some ten
thousand rows. Of each, windows of 200, 1,000 and 10,000 new rows: as they were, with one column
off, and with two that go together otherwise. Sums and tests are the function's own; how columns go
together, and explanations (of a model that is a sum), are among them. `--second-opinion` has
evidently look at so many windows of each kind and table, too, in an environment of its own: an
alarm is a column that it says drifts. It ends with 1 where more than a twentieth of the windows
alarm, or less than 95 % of what is off is found and named in windows of 1,000 rows.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from benchmarks import environments
from benchmarks.monitoring.drifting_tables import (
    SHIFTS,
    Rows,
    Table,
    logged,
    reference_of,
    tables,
    together_name,
)
from functions.kit.contract.models.reference import Reference
from functions.monitoring.model.drift.comparing import Compared, drift_readings
from functions.monitoring.model.drift.reasons import (
    NOW_ROWS,
    THEN_ROWS,
    Contributions,
    reasons,
)
from functions.monitoring.model.drift.sampled import Sampled, arrays
from functions.monitoring.model.drift.together import together
from functions.monitoring.model.windows.measures import EXPLANATIONS, TOGETHER
from functions.monitoring.model.windows.tally import INPUT, tally
from functions.monitoring.service.drift.basis import ROWS

FOLDER = Path(__file__).parent
SIZES = (200, 1_000, 10_000)
MOST_FALSE, LEAST_FOUND = 0.05, 0.95
NOTHING = "nothing"
Told = Counter[tuple[str, int, str]]
"""What is off, rows, and what became of it ("alarm", "right", "windows") → windows."""


def log_of(rows: Rows) -> pa.Table:
    """Return rows as the log has them."""
    count = len(next(iter(rows.values())))
    columns = {
        "at": pa.array([0] * count, pa.timestamp("us", tz="UTC")),
        "id": pa.array([f"{place:x}-0" for place in range(count)]),
        "elapsed": pa.array([1000] * count, pa.int64()),
        "value": pa.nulls(count, pa.float64()),
    }
    inputs = {f"{INPUT}{name}": pa.array(one, from_pandas=True) for name, one in rows.items()}
    return pa.table(columns | inputs)


def look(table: Table, reference: Reference, then: list[Contributions], rows: Rows) -> list[str]:
    """Return the columns that are off, or pairs of them, as the function tells."""
    columns = reference.columns
    samples = [Sampled([], reference.sample), Sampled([], logged(rows))]
    pair = together(columns, *(arrays(one, columns) for one in samples))
    count = min(ROWS, len(rows[table.numbers]))
    more = [Compared(TOGETHER, pair.drift, count)] if pair.pair else []
    explained = reasons(then, table.contributions(rows, NOW_ROWS))
    if explained is not None:
        more.append(Compared(EXPLANATIONS, explained.drift, explained.rows))
    found = drift_readings(reference, tally(log_of(rows), reference), more)
    off = found["drift"].why.split(", ") if found["drift"].alarm else []
    return [together_name(pair.pair) if one == TOGETHER else one for one in off]


def try_table(table: Table, windows: int, told: Told, folder: Path | None, more: int) -> None:
    """Look at a table's windows, and put some of them into a folder for others."""
    chance = np.random.default_rng(table.trained_on)
    then = table.rows(chance, table.trained_on)
    reference, known = reference_of(then), table.contributions(then, THEN_ROWS)
    if folder is not None:
        keep(folder / f"{table.name}.then.parquet", then)
    for rows in SIZES:
        for place in range(windows):
            plain = table.rows(chance, rows)
            cases = {NOTHING: (plain, "")}
            cases |= {name: shift(table, plain, chance) for name, shift in SHIFTS.items()}
            for name, (now, column) in cases.items():
                off = look(table, reference, known, now)
                told[name, rows, "windows"] += 1
                told[name, rows, "alarm"] += bool(off)
                told[name, rows, "right"] += column in off
                if folder is not None and place < more:
                    keep(folder / f"{table.name}.{name}.{rows}.{place}.parquet", now)


def keep(path: Path, rows: Rows) -> None:
    """Write rows."""
    columns = {name: pa.array(one, from_pandas=True) for name, one in rows.items()}
    parquet.write_table(pa.table(columns), path)


def second_opinion(folder: Path) -> dict[str, float]:
    """Return the share of windows of each kind that evidently alarms of: "kind rows" → share."""
    python = environments.python("evidently", FOLDER / "evidently.txt")
    program = [str(python), str(FOLDER / "evidently_opinion.py"), str(folder)]
    done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(told: Told, others: dict[str, float]) -> bool:
    """Print what became of windows; return whether that is as it should be."""
    is_well = True
    print(f"{'off':28}{'rows':>8}{'windows':>9}{'alarm':>9}{'right':>9}{'evidently':>11}")
    for name in (NOTHING, *SHIFTS):
        for rows in SIZES:
            windows = told[name, rows, "windows"]
            alarm, right = (told[name, rows, what] / windows for what in ("alarm", "right"))
            other = others.get(f"{name} {rows}")
            shown = "" if other is None else f"{other:11.1%}"
            named = "" if name == NOTHING else f"{right:9.1%}"
            print(f"{name:28}{rows:8,}{windows:9,}{alarm:9.1%}{named:>9}{shown:>11}")
            if name == NOTHING:
                is_well &= alarm <= MOST_FALSE
            elif rows == 1_000:
                is_well &= right >= LEAST_FOUND
    return is_well


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.monitoring drift")
    asked.add_argument("--windows", type=int, default=50, help="of each size, kind and table")
    asked.add_argument("--second-opinion", type=int, default=0, metavar="WINDOWS")
    told, options = Counter[tuple[str, int, str]](), asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) if options.second_opinion else None
        for table in tables():
            try_table(table, options.windows, told, folder, options.second_opinion)
        others = {} if folder is None else second_opinion(folder)
    sys.exit(not report(told, others))


if __name__ == "__main__":
    main()
