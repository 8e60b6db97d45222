"""A schedule for platforms that have none: asks URLs now and then, for as long as it runs.

With `--once` it asks each URL once, for a platform that has a schedule but no calls (a CronJob).
"""

import argparse
import http.client
import sys
import time
import urllib.error
import urllib.request

TIMEOUT = 30.0
FAILED = "failed"


def ask(url: str) -> str:
    """POST to a URL; return what came of it, in words: a failure begins with FAILED."""
    try:
        with urllib.request.urlopen(url, b"", TIMEOUT) as answer:  # noqa: S310 - given by who deploys
            return str(answer.status)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        return f"{FAILED}: {error}"


def _told(url: str) -> str:
    answer = ask(url)
    sys.stdout.write(f"{url} {answer}\n")
    return answer


def main() -> None:
    """Ask each URL, wait, and begin again; asked once, exit with 1 where one failed."""
    parser = argparse.ArgumentParser(description="POSTs to URLs again and again.")
    parser.add_argument("--every", type=float, default=300.0, help="seconds between two rounds")
    parser.add_argument("--once", action="store_true", help="ask once, and end")
    parser.add_argument("urls", nargs="+", metavar="URL")
    given = parser.parse_args()
    while True:
        answers = [_told(url) for url in given.urls]
        sys.stdout.flush()
        if given.once:
            sys.exit(any(answer.startswith(FAILED) for answer in answers))
        time.sleep(given.every)


if __name__ == "__main__":
    main()
