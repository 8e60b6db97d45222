"""`./mayfly protos`."""

import subprocess
import sys
from pathlib import Path

import click

from infra.local.settings import ROOT

SCHEMAS = ROOT / "functions" / "prediction" / "protos"
FILES = ("grpc_service.proto", "mayfly/v1/training.proto")
COMPILED = SCHEMAS / "schemas.binpb"


def compiled_to(path: Path) -> int:
    """Compile the schemas of gRPC into a file; return the compiler's status."""
    options = ["-I.", "--include_imports", f"--descriptor_set_out={path}", *FILES]
    program = [sys.executable, "-m", "grpc_tools.protoc", *options]
    return subprocess.run(program, cwd=SCHEMAS, check=False).returncode


@click.command()
def command() -> None:
    """Compile the schemas of gRPC anew, after a change of a .proto file.

    \b
    Example:
      ./mayfly protos
    """
    sys.exit(compiled_to(COMPILED))
