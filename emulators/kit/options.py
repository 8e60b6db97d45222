"""Options of the command line that stand for an environment variable."""

import argparse
import os
from collections.abc import Callable

MAX_PORT = 65_535
_DIGITS = 6  # one more than a port has
Reader = Callable[[str, str], tuple[str, ...]]


def add_list(
    parser: argparse.ArgumentParser, option: str, variable: str, read: Reader, what: str
) -> None:
    """Add an option that lists things apart by commas.

    Args:
        parser: Gets the option.
        option: Its name, such as `--allowed-hosts`.
        variable: The environment variable that it is read from where it is not given.
        read: Reads the text; it is told the variable, and its ValueError says what is wrong.
        what: The things, for the help text.
    """

    def parse(text: str) -> tuple[str, ...]:
        try:
            return read(text, variable)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    parser.add_argument(
        option,
        type=parse,
        default=os.environ.get(variable, ""),
        help=f"{what}, apart by commas (default: {variable})",
    )


def port(text: str) -> int:
    """Read the number of a port; 0 is any that is free. For `type=` of an option.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not text.isascii() or not text.isdigit() or int(text[:_DIGITS]) > MAX_PORT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port: a number from 1 to {MAX_PORT} is wanted, or 0 for any free one"
        )
    return int(text)
