"""Files that no document names: left by a process that died between writing a file and naming it.

Whoever writes the next file of the kind sweeps. A file is named within minutes of being written, or
never: one that is older than OLD and has no name then will get none.
"""

import datetime as dt
from collections.abc import Callable, Collection

import structlog

from functions.kit.contract.ports import Bucket

log = structlog.get_logger()

# Far longer than a request between writing a file and naming it may take
# (`function_calls.TIMEOUT`), and than our clock and the bucket's may differ: by a time zone, or by
# a machine's sleep in between.
OLD = dt.timedelta(days=1)


def sweep(
    files: Bucket,
    prefix: str,
    named: Callable[[Collection[str]], Collection[str]],
    *,
    now: dt.datetime,
    ours: Callable[[str], bool] = lambda _: True,
) -> None:
    """Remove the old files below `prefix` that no document names; never fails.

    Args:
        files: the bucket.
        prefix: what the files' names begin with.
        named: which of some paths documents name. It is asked after the files were listed, so
            that one named in between is seen.
        now: the time.
        ours: tells by its path whether a file was written by us; others stay.
    """
    latest = now - OLD
    try:
        old = {path for path, made in files.listed(prefix) if made < latest and ours(path)}
        if not old:
            return
        for path in sorted(old - set(named(old))):
            files.delete(path)
            log.info("orphan removed", path=path)
    except Exception as error:  # noqa: BLE001 - what it swept along with is done; the next one sweeps
        log.warning("sweep broke off", prefix=prefix, error=str(error))
