"""`python -m infra.observability FOLDER`: writes what Prometheus, Alertmanager and Grafana read.

By default for the Mayfly that `./mayfly up` starts on this machine.
"""

import argparse
import os
import sys
from dataclasses import fields
from pathlib import Path

from infra.observability import files, scraping
from infra.observability.targets import Targets, on_this_machine

HELP = {
    "web": "where the pages are",
    "gateway": "the gateway's metrics port",
    "firestore": "Firestore's emulator",
    "storage": "the storage emulator",
    "key_file": "the owner's key, as Prometheus sees the file",
    "prometheus": "where Grafana finds Prometheus",
    "alertmanager": "where Prometheus finds Alertmanager",
    "webhook": "URL that is told of alerts; default: nobody is",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.observability", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to")
    parser.add_argument("--seen-as", type=Path, help="the folder's name for who reads it")
    parser.add_argument("--interval", default=scraping.INTERVAL, help="between two scrapes")
    for field in fields(Targets):
        option = f"--{field.name.replace('_', '-')}"
        parser.add_argument(option, dest=field.name, help=HELP[field.name])
    return parser


def main() -> None:
    """Write the files, and say where they are."""
    options = vars(_parser().parse_args())
    home = str(Path(os.environ.get("MAYFLY_HOME") or ".mayfly").expanduser().absolute())
    try:
        targets = on_this_machine(os.environ, home).with_others(options)
    except ValueError as error:
        sys.exit(str(error))
    for path in files.write(options["folder"], targets, options["seen_as"], options["interval"]):
        print(path)


if __name__ == "__main__":
    main()
