"""Predictions for many rows: a file goes as a batch, which is waited for and fetched."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from infra.local.calling.names import named, path_of
from infra.local.calling.sending import FileBody, digest_of
from infra.local.calling.waiting import until
from infra.local.commands.progress import Meter
from infra.local.commands.signed import Caller, Json
from infra.local.errors import LocalError

FUNCTION = "prediction"
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
ENDED = {"succeeded", "failed", "cancelled"}
PATIENCE = 300.0  # seconds: a file of a gigabyte is sent before there is an answer


def predicted(caller: Caller, model: str, file: Path, form: str, query: Json) -> Json:
    """Have a file's rows predicted for; return the batch, once it is done.

    Args:
        caller: who wants that.
        model: which is asked.
        file: with the rows.
        form: of the file, "csv" or "parquet".
        query: which version, and what comes out.

    Raises:
        LocalError: it is refused, or came to nothing.
        KeyboardInterrupt: nobody waits any more; the batch is ended.
    """
    with Meter() as meter:
        batch = _begun(caller, meter, model, file, form, query)
        path = path_of("model", model, "batches", batch["id"])
        try:
            ended = until(
                lambda: caller.client.call("GET", FUNCTION, path),
                lambda seen: seen["state"] in ENDED,
                lambda seen: meter.tell(f"{model}: rows", *_count(seen)),
            )
        except KeyboardInterrupt:
            caller.client.call("POST", FUNCTION, f"{path}/cancel")
            raise
    if ended["state"] != "succeeded":
        reason = ended.get("failure") or "no reason is given"
        raise LocalError(f"The batch {ended['id']} of {model} {ended['state']}: {reason}")
    return ended


def fetch(caller: Caller, batch: Json, form: str, target: IO[bytes]) -> None:
    """Write the predictions of a batch.

    Args:
        caller: who may have them.
        batch: it.
        form: "csv" or "parquet", as it has them; or "jsonl", made of its Parquet.
        target: where they go.

    Raises:
        LocalError: they break off.
    """
    if form != "jsonl":
        _download(caller, batch, target)
        return
    with tempfile.TemporaryFile(prefix="mayfly-") as file:
        _download(caller, batch, file)
        file.seek(0)
        for line in _lines(file):
            target.write(line)


def _begun(caller: Caller, meter: Meter, model: str, file: Path, form: str, query: Json) -> Json:
    size = file.stat().st_size

    def sent(done: int) -> None:
        meter.tell("rows are being sent", done, size, f"{done:,} of {size:,} bytes")

    # By its digest the function tells that it came whole, also where its length is not passed on.
    headers = {"Content-Type": MEDIA[form], "Content-Digest": digest_of(file)}
    with named(caller.client, "model", model):
        begun: Json = caller.client.call(
            "POST",
            FUNCTION,
            path_of("model", model, "batches", "file"),
            params=query,
            headers=headers,
            content=FileBody(file, sent),
            timeout=PATIENCE,
        )
    return begun


def _count(seen: Json) -> tuple[int, int | None, str]:
    done, rows = seen["progress"]["rows_done"], seen["rows"]
    return done, rows, f"{done:,} of {rows:,}" if rows else ""


def _download(caller: Caller, batch: Json, target: IO[bytes]) -> None:
    path = path_of("model", batch["model"], "batches", batch["id"], "predictions")
    with caller.client.download(FUNCTION, path, timeout=PATIENCE) as (_, pieces):
        for piece in pieces:
            target.write(piece)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the rows of a Parquet file as JSON Lines."""
    from pyarrow import parquet  # noqa: PLC0415 - half a second, that no other command needs

    for block in parquet.ParquetFile(file).iter_batches():
        for row in block.to_pylist():
            yield json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    """Return a day or a moment as text."""
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
