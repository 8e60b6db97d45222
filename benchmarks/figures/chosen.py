"""Which figures the README has: which program prints each, and how its words become a cell."""

import re
from typing import NamedTuple


class Figure(NamedTuple):
    """One row of the table.

    Attributes:
        name: that its record goes by.
        what: is measured, for the reader.
        command: what prints it, after `python -m`.
        pattern: finds it in what was printed; its groups are named.
        told: the cell, with those groups in braces.
    """

    name: str
    what: str
    command: str
    pattern: str
    told: str

    def read(self, said: str) -> str:
        """Return the cell for what the program printed.

        Raises:
            ValueError: it is not in it.
        """
        found = re.search(self.pattern, said, re.MULTILINE | re.DOTALL)
        if found is None:
            raise ValueError(f"{self.name}: {self.command} did not print {self.pattern!r}.")
        return self.told.format(**found.groupdict())


FIGURES = (
    Figure(
        "function",
        "one-row predictions by the function `prediction`, 8 connections",
        "benchmarks.serving.function --seconds 2 --rounds 3",
        r"^one row, +8 connections +function +(?P<ours>[\d,]+)/s.*?"
        r"^one row, +8 connections +FastAPI +(?P<base>[\d,]+)/s.*?^ +(?P<ratio>[\d.]+) x the rate",
        "{ours}/s; {ratio} times a bare FastAPI + onnxruntime app with the same model ({base}/s)",
    ),
    Figure(
        "cold",
        "cold start of `prediction`: from zero replicas to the first answer",
        "benchmarks.prediction.cold_start --times 10",
        r"^Mayfly: median (?P<middle>[\d.]+) ms, p95 (?P<slow>[\d.]+) ms.*?"
        r"^ratio: +(?P<ratio>[\d.]+) times",
        "median {middle} ms, p95 {slow} ms; {ratio} times faster than a fresh interpreter with "
        "the same app",
    ),
    Figure(
        "gateway",
        "what the gateway adds to a call, at 1,000 calls a second",
        "benchmarks.gateway.overhead",
        r"^added at 1000/s: (?P<added>[\d.]+) ms at the 99th percentile",
        "{added} ms at the 99th percentile",
    ),
    Figure(
        "batch",
        "1,000,000 rows predicted as a batch, to Parquet",
        "benchmarks.serving.batch_jobs --rounds 3",
        r"onnxruntime alone (?P<base>[\d.]+) s\nbatch: (?P<ratio>[\d.]+) of raw onnxruntime",
        "{ratio} times the speed of onnxruntime alone in memory ({base} s)",
    ),
    Figure(
        "logged",
        "predictions logged and counted while replicas of `monitoring` are killed",
        "benchmarks.monitoring throughput --seconds 60 --kills 2",
        r"^predictions +(?P<all>[\d,]+) in (?P<seconds>\d+) s.*?^killed +(?P<killed>\d+).*?"
        r"minute: True, hour: True, day: True.*?^delay +(?P<middle>[\d.]+) s median",
        "{all} in {seconds} s, {killed} killed: every row once; seen after {middle} s (median)",
    ),
    Figure(
        "alerts",
        "1,000 alert rules of 50 models looked at, in Firestore (the emulator)",
        "benchmarks.monitoring alerts",
        r"^Firestore.*?nothing turned +(?P<calm>[\d.]+) ms.*?a tenth turned +(?P<some>[\d.]+) ms",
        "{calm} ms where nothing turned, {some} ms where a tenth did",
    ),
)
