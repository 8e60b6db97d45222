"""`./mayfly restore`."""

import json
import os
from pathlib import Path

import click

from infra.local import settings
from infra.local.backups import restoring
from infra.local.commands.backup import here_alone
from infra.local.commands.progress import Meter


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", "checks_alone", is_flag=True, help="Check the archive; change nothing.")
@click.option("--to-project", metavar="PROJECT", help="Fill a project of Google Cloud instead.")
@click.option("--bucket", help="With --to-project: its bucket; default: PROJECT-mayfly.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    *, file: Path, checks_alone: bool, to_project: str | None, bucket: str | None, as_json: bool
) -> None:
    """Fill an empty home from an archive of ./mayfly backup.

    All of it is unpacked beside the home and checked first: each file by its SHA-256, each database
    as a whole. Then the home is there at once, or not at all.

    With --to-project: documents and files go to Firestore and a bucket that are empty, by the login
    that is there (or to the emulators that FIRESTORE_EMULATOR_HOST and STORAGE_EMULATOR_HOST name).
    Broken off, it goes on with the same command. At the end all of it is read back and compared;
    until then ./mayfly doctor --cloud says that it is unfinished. Secrets, queues and deployments
    are not in it: what to do about them is said at the end.

    \b
    Examples:
      ./mayfly restore --check mayfly.tar.gz
      MAYFLY_HOME=~/restored ./mayfly restore mayfly.tar.gz
      MAYFLY_HOME=~/restored ./mayfly up --free-ports
      ./mayfly restore mayfly.tar.gz --to-project your-project
    """
    if to_project is not None:
        if checks_alone:
            raise click.UsageError("--check changes nothing: leave --to-project out.")
        _move(file, to_project, bucket or f"{to_project}-mayfly", as_json=as_json)
        return
    if bucket:
        raise click.UsageError("--bucket is a project's: give --to-project.")
    here_alone("restore")
    _fill(file, checks_alone=checks_alone, as_json=as_json)


def _fill(file: Path, *, checks_alone: bool, as_json: bool) -> None:
    """Fill this machine's home, or check the archive alone; raises LocalError."""
    stack = settings.from_env()
    done = 0
    with Meter() as meter:

        def told(size: int) -> None:
            nonlocal done
            done += size
            meter.tell(
                f"{file} is being unpacked", count=f"{done >> 20:,} MB" if done >> 20 else ""
            )

        if checks_alone:
            manifest = restoring.check(file, told)
        else:
            manifest = restoring.restore(stack, file, told)
    if as_json:
        about = {"file": str(file), "home": None if checks_alone else str(stack.home)}
        about |= {"made_at": manifest.made_at, "version": manifest.version}
        click.echo(json.dumps(about | {"files": len(manifest.files)}, indent=2))
        return
    count = f"{len(manifest.files):,} files of {manifest.made_at}"
    if checks_alone:
        click.echo(f"{file} is whole: {count}")
    else:
        click.echo(f"{stack.home} has {count}, each as it was. Start it: ./mayfly up")


def _move(file: Path, project: str, bucket: str, *, as_json: bool) -> None:
    """Fill a project's Firestore and bucket; raises LocalError."""
    from infra.local.moving import into  # noqa: PLC0415 - Google's clients are slow to load

    with Meter() as meter:

        def told(said: str, count: int) -> None:
            meter.tell(f"{said} of {file}", count=f"{count:,}")

        done = into.project(file, project, bucket, os.environ, told)
    if as_json:
        about = {"file": str(file), "project": project, "bucket": bucket}
        click.echo(json.dumps(about | done.as_json(), indent=2))
        return
    click.echo(f"{project} has {done.documents:,} documents and {done.files:,} files, compared.")
    add = f"gcloud secrets versions add mayfly-step-secret --project {project}"
    click.echo(
        "Its secrets have to be the archive's: webhooks' passwords are sealed by step-secret.\n"
        "Where it has others, made before:\n"
        f"  tar -xzf {file} key step-secret web-secret\n"
        f"  {add} --data-file=step-secret\n"
        "What you deployed besides Mayfly, models of your own too, is deployed anew."
    )
