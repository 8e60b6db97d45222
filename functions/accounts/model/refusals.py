"""What is refused for who asks, not for what: each is a status of HTTP's own."""

from functions.kit.contract.errors import DomainError


class NotSignedIn(DomainError):  # noqa: N818 - an answer, not a mistake
    """What was shown does not say who it is."""


class Forbidden(DomainError):  # noqa: N818 - an answer, not a mistake
    """Nobody may do that here, or not whoever asks."""


class Slowed(DomainError):  # noqa: N818 - an answer, not a mistake
    """There were too many attempts; `retry_after` in seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
