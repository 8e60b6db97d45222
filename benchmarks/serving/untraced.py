"""What a request costs more by being traceable, where no spans are exported.

``python -m benchmarks.serving.untraced``
"""

import os
import sys
import timeit

from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access

TIMES, ROUNDS = 500_000, 7
CAME = {"HTTP_TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


def microseconds(api: Api, environ: dict[str, str]) -> float:
    """Return what the beginning of a request takes, the least of some rounds."""
    rounds = timeit.repeat(lambda: api.begin(environ), number=TIMES, repeat=ROUNDS)
    empty = timeit.repeat(lambda: None, number=TIMES, repeat=ROUNDS)
    return (min(rounds) - min(empty)) / TIMES * 1e6


def main() -> None:
    """Print it for a request with a trace, and for one without."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        del os.environ[name]
    api = Api("measured", "M.", Access("measured", "secret", lambda _: None), 1 << 20)
    for name, environ in (("with a traceparent", CAME), ("without one", {})):
        sys.stdout.write(f"{name:20} {microseconds(api, environ):.2f} µs a request\n")


if __name__ == "__main__":
    main()
