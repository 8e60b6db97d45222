import pytest

from emulators.gateway.model.trace_context import new_trace, trace_id

RIGHT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (RIGHT, b"0af7651916cd43dd8448eb211c80319c"),
        (b"cc" + RIGHT[2:] + b"-what-the-future-brings", b"0af7651916cd43dd8448eb211c80319c"),
        (b"ff" + RIGHT[2:], b""),
        (RIGHT.upper(), b""),
        (RIGHT[:-1], b""),
        (RIGHT + b"-\xc3\xa9", b""),
        (RIGHT + b"-a\tb", b""),
        (RIGHT + b"-" + b"x" * 9000, b""),
        (b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01", b""),
        (b"00-0af7651916cd43dd8448eb211c80319c-" + b"0" * 16 + b"-01", b""),
        (b"", b""),
        (None, b""),
    ],
)
def test_trace_id(field: bytes | None, expected: bytes) -> None:
    assert trace_id(field) == expected


def test_new_fields_have_the_form_and_differ() -> None:
    made = dict(new_trace() for _ in range(100))
    assert len(made) == 100
    assert all(trace_id(field) == identity for identity, field in made.items())
