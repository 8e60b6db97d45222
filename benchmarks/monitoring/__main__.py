"""Runs one of these programs: `python -m benchmarks.monitoring drift`."""

import importlib
import sys

PROGRAMS = ("drift", "throughput", "alerts", "estimates")


def main() -> None:
    """Run the program that is named first, with what is named after it."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PROGRAMS:
        sys.exit(f"Expected one of {', '.join(PROGRAMS)}: python -m benchmarks.monitoring drift")
    del sys.argv[1]
    importlib.import_module(f"benchmarks.monitoring.{name}").main()


if __name__ == "__main__":
    main()
