"""`./mayfly doctor`."""

import functools
import importlib.metadata
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator

import click
from packaging.requirements import Requirement

from infra.local import bootstrap, settings
from infra.local.errors import LocalError
from infra.local.stack import daemon, parts, ports

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
Check = tuple[bool | None, str]
SIGNS = {True: "✓", False: "✗", None: "-"}


@click.command()
@click.option("--cloud", metavar="PROJECT", help="Check a project of Google Cloud instead.")
@click.option("--region", help="With --cloud: of its functions, such as europe-west1.")
@click.option("--bucket", default="", help="With --cloud: of its files; default: PROJECT-mayfly.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(*, cloud: str | None, region: str | None, bucket: str, as_json: bool) -> None:
    """Check what Mayfly needs on this machine. The exit code is 1 when something is in the way.

    With --cloud: what it needs of a project of Google Cloud, by the login that is there (gcloud
    auth application-default login). APIs, Firestore and its indexes, the bucket, service accounts
    and what each may, the queue, schedules, secrets, services, quotas. Nothing is changed, no
    secret is read.

    \b
    Examples:
      ./mayfly doctor
      ./mayfly doctor --cloud your-project --region europe-west1
    """
    if cloud is None and (region or bucket):
        raise click.UsageError("--region and --bucket are for a project: give --cloud.")
    lines = checks(settings.from_env()) if cloud is None else _cloud(cloud, region, bucket)
    found = []
    for passed, text in lines:
        found.append({"passed": passed, "text": text})
        if not as_json:
            click.echo(f"{SIGNS[passed]} {text}")
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    sys.exit(1 if any(one["passed"] is False for one in found) else 0)


def _cloud(name: str, region: str | None, bucket: str) -> Iterator[Check]:
    """Yield what is to be said of a project of Google Cloud; raises LocalError."""
    from infra.local.cloud import api, checks  # noqa: PLC0415 - Google's clients are slow to load

    if not region:
        raise LocalError("--region is needed for --cloud.", "Such as: --region europe-west1")
    asked = api.Api(api.login(name))
    project = checks.project_of(asked, name, region, bucket)
    return ((found.passed, str(found)) for found in checks.run(asked, project))


def checks(stack: settings.Settings) -> Iterator[Check]:
    """Yield each check: passed (None: only good to know), and a line."""
    yield True, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield _packages()
    yield _disk(stack)
    running = daemon.running(stack)
    if running is not None:
        yield True, f"Mayfly is running (launcher: process {running.launcher.pid})"
    for part in parts.all_parts(stack).values():
        yield _passes(functools.partial(parts.check_modules, part), f"packages of {part.name}")
        for port in part.ports if running is None else ():
            yield _port(part.name, port)
    yield _optional("a browser for the browser tests", *BROWSERS)
    yield _optional("Docker for the container tests", "docker")


def _packages() -> Check:
    if settings.IS_CHECKOUT:
        lock = settings.ROOT / "requirements.lock"
        if bootstrap.is_current(lock, settings.ROOT / ".venv"):
            return True, "packages are as requirements.lock says"
        return False, "packages differ from requirements.lock: call ./mayfly again"
    wanted = map(Requirement, importlib.metadata.requires("mayfly") or ())
    wrong = [one.name for one in wanted if not _is_met(one)]
    if not wrong:
        return True, "packages are as Mayfly's wheel says"
    return False, f"packages differ from Mayfly's wheel ({', '.join(wrong)}): install it again"


def _is_met(wanted: Requirement) -> bool:
    if wanted.marker is not None and not wanted.marker.evaluate():
        return True
    try:
        return wanted.specifier.contains(importlib.metadata.version(wanted.name))
    except importlib.metadata.PackageNotFoundError:
        return False


def _passes(check: Callable[[], object], text: str) -> Check:
    try:
        check()
    except LocalError as error:
        return False, str(error)
    return True, text


def _port(part: str, port: settings.Port) -> Check:
    found = ports.try_port(part, port)
    if found is None:
        return True, f"port {port.number} ({part}) is free"
    return False, f"{found} Start on other ports: ./mayfly up --free-ports"


def _disk(stack: settings.Settings) -> Check:
    place = stack.home if stack.home.exists() else settings.ROOT
    free = shutil.disk_usage(place).free >> 20
    return free > 500, f"{free} MB free on the disk of {stack.home}"


def _optional(text: str, *programs: str) -> Check:
    found = next(filter(None, map(shutil.which, programs)), None)
    return (True, f"{text}: {found}") if found else (None, f"{text}: not found (not needed to run)")
