"""When a prediction is logged: usually behind its answer, or on disk before that."""

USUAL, BEFORE_ANSWER = "usual", "before-answer"


def is_before_answer(text: str) -> bool:
    """Return whether `text` says "before-answer"; raises ValueError for what is no delivery."""
    if text not in {USUAL, BEFORE_ANSWER}:
        raise ValueError(text)
    return text == BEFORE_ANSWER
