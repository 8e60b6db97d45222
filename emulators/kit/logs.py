"""What an emulator says, in one form: a line for each thing on standard error."""

import logging


def set_up() -> None:
    """Let warnings and what is worse be seen, with the time and the part that says it."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
