"""A schedule for platforms that have none: asks URLs now and then, for as long as it runs."""

import argparse
import http.client
import sys
import time
import urllib.error
import urllib.request

TIMEOUT = 30.0


def ask(url: str) -> str:
    """POST to a URL; return what came of it, in words."""
    try:
        with urllib.request.urlopen(url, b"", TIMEOUT) as answer:  # noqa: S310 - given by who deploys
            return str(answer.status)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        return f"failed: {error}"


def main() -> None:
    """Ask each URL, wait, and begin again."""
    parser = argparse.ArgumentParser(description="POSTs to URLs again and again.")
    parser.add_argument("--every", type=float, default=300.0, help="seconds between two rounds")
    parser.add_argument("urls", nargs="+", metavar="URL")
    given = parser.parse_args()
    while True:
        for url in given.urls:
            sys.stdout.write(f"{url} {ask(url)}\n")
        sys.stdout.flush()
        time.sleep(given.every)


if __name__ == "__main__":
    main()
