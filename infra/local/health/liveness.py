"""Does a part still live? Asked again and again while it runs, without ever waiting for it."""

from infra.local.health.probes import Asking, Health, Probe

ASK_EVERY = 2.0
# Until its first answer, which others wait for.
ASK_FIRST_EVERY = 0.1
# A question that is not answered is asked again: at least so often before a part counts as hung.
QUESTIONS = 3
# Time in which this process did not run either (a machine that swaps, or that slept) says nothing.
LONGEST_LOOK = 0.5
# Seconds in which a part that was just started need not answer.
START = 90.0


class Liveness:
    """Watches one process of a part.

    Args:
        probe: the part's question.
        patience: seconds without an answer after which the part counts as hung.
    """

    def __init__(self, probe: Probe, patience: float) -> None:
        self._probe = probe
        self._patience = patience
        self._asking: Asking | None = None
        self._asked = -ASK_EVERY
        self._seen: float | None = None
        self._silent = 0.0
        self._answered = False

    @property
    def hung(self) -> bool:
        """Whether it has been silent for too long."""
        return self._silent >= self.patience

    @property
    def patience(self) -> float:
        """Seconds of silence that are forgiven at the moment."""
        return self._patience if self._answered else max(START, self._patience)

    def look(self, now: float) -> Health | None:
        """Go on asking; return an answer that has come since the last look.

        Args:
            now: a monotonic time in seconds. Where looks are far apart, the time between them
                counts only in part.
        """
        since = 0.0 if self._seen is None else min(now - self._seen, LONGEST_LOOK)
        self._seen = now
        self._silent += since
        if self._asking is None:
            every = ASK_EVERY if self._answered else ASK_FIRST_EVERY
            if now - self._asked < every:
                return None
            self._ask(now)
        return self._answer(now)

    def _ask(self, now: float) -> None:
        self._asking = Asking(self._probe)
        self._asked = now

    def _answer(self, now: float) -> Health | None:
        assert self._asking is not None
        found = self._asking.look()
        if found is None and now - self._asked < self._patience / QUESTIONS:
            return None
        self.close()
        if found is None or found is Health.SILENT:
            return None
        self._silent = 0.0
        if found is Health.WELL:
            self.confirm()
        return found

    def confirm(self) -> None:
        """Take note that the part is well, also where another question found that out."""
        self._answered = True
        self._silent = 0.0

    def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.close()
            self._asking = None
