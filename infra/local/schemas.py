"""The schemas of gRPC, compiled: a set of descriptors beside them, which the repository has not.

A call of `./mayfly` makes it where it is not there, or older than a file; the image's recipe
(`functions/Dockerfile`) does the same.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from infra.local.errors import LocalError
from infra.local.settings import IS_CHECKOUT, ROOT

SCHEMAS = ROOT / "functions" / "prediction" / "protos"
FILES = ("inference/service.proto", "mayfly/v1/training.proto")
COMPILED = SCHEMAS / "schemas.binpb"


def ensure() -> None:
    """Compile the schemas unless that is done; raises LocalError where they cannot be.

    A wheel brings them compiled.
    """
    if not IS_CHECKOUT:
        return
    newest = max((SCHEMAS / name).stat().st_mtime for name in FILES)
    if COMPILED.exists() and COMPILED.stat().st_mtime >= newest:
        return
    # Under another name first: another call may read what is there, or make it, too.
    with tempfile.NamedTemporaryFile(dir=SCHEMAS, suffix=".part", delete=False) as part:
        pass
    try:
        compile_to(Path(part.name))
        Path(part.name).replace(COMPILED)
    finally:
        Path(part.name).unlink(missing_ok=True)


def compile_to(path: Path) -> None:
    """Compile the schemas, with all that they import, into a file; raises LocalError."""
    options = ["-I.", "--include_imports", f"--descriptor_set_out={path}", *FILES]
    done = subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", *options],
        cwd=SCHEMAS,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise LocalError(f"The schemas of gRPC cannot be compiled:\n{done.stderr.strip()}")
