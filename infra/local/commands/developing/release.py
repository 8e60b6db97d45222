"""`./mayfly release`."""

import collections
from pathlib import Path

import click

from infra.local.releasing import bill, changelog, packages, wheel
from infra.local.settings import ROOT


@click.group()
def command() -> None:
    """Make what a release is made of: its notes, its wheel, and what is in it.

    \b
    Examples:
      ./mayfly release notes 0.2.0
      ./mayfly release sbom > mayfly.cdx.json
      ./mayfly release licences
      ./mayfly release wheel
    """


@command.command()
@click.argument("version", default=changelog.UNRELEASED)
@click.option("--tag", is_flag=True, help="VERSION is a tag: refuse one of another version.")
def notes(version: str, *, tag: bool) -> None:
    """Print what CHANGELOG.md says of VERSION; of what is not released yet without one.

    \b
    Examples:
      ./mayfly release notes
      ./mayfly release notes 0.2.0
      ./mayfly release notes v0.2.0 --tag     for a workflow that a tag starts
    """
    if tag:
        changelog.check_tag(version)
    click.echo(changelog.notes(version))


@command.command()
def sbom() -> None:
    """Print what Mayfly is made of: CycloneDX, with the packages of both lock files that run.

    Two calls print the same.

    \b
    Example:
      ./mayfly release sbom > mayfly.cdx.json
    """
    held = [*packages.of_python(), *packages.of_npm()]
    click.echo(bill.bill(changelog.version(), held), nl=False)


@command.command()
def licences() -> None:
    """List under which licence each package is that Mayfly runs with; for programs: sbom.

    \b
    Example:
      ./mayfly release licences
    """
    held = [*packages.of_python(), *packages.of_npm()]
    by_licence = collections.defaultdict(list)
    for one in held:
        by_licence[one.licence or "says nothing"].append(f"{one.name} {one.version}")
    for licence in sorted(by_licence):
        click.echo(f"{licence}: {', '.join(by_licence[licence])}")


@command.command("wheel")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "build" / "wheel",
    show_default="build/wheel",
    help="The folder that it goes to.",
)
def build_wheel(*, out: Path) -> None:
    """Build a wheel that brings the program `mayfly`: with pages, schemas, examples, deploy files.

    Nothing is fetched. What it needs is pinned to the versions that are tested; two builds are the
    same bytes.

    \b
    Examples:
      ./mayfly release wheel
      python3 -m venv ~/mayfly && ~/mayfly/bin/pip install build/wheel/mayfly-*.whl
      pipx run --spec build/wheel/mayfly-*.whl mayfly demo
    """
    click.echo(str(wheel.build(out.absolute())))
