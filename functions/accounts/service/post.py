"""Letters on their way: written by one who waits for nobody."""

from collections.abc import Callable

from functions.accounts.model.letters import Letter
from functions.accounts.service.ports import Later, Mailer


class Post:
    """Sends letters.

    Args:
        mailer: brings them.
        later: does it after the answer.
        web_url: where the pages are that letters lead to.
    """

    def __init__(self, mailer: Mailer, later: Later, web_url: str) -> None:
        self._mailer = mailer
        self._later = later
        self.web_url = web_url

    @property
    def confirms(self) -> bool:
        """Whether a letter comes to its address, and so proves whose that is."""
        return self._mailer.confirms

    def send(self, to: str, letter: Letter) -> None:
        """Have a letter brought."""
        self.after(lambda: self._mailer.send(to, letter.subject, letter.text))

    def after(self, work: Callable[[], None]) -> None:
        """Have work done after the answer, so that what it finds does not show in it."""
        self._later(work)
