"""Answers that are files: a browser saves them, and never runs or shows what is in them."""


def headers(filename: str) -> dict[str, str]:
    """Return the headers of a download.

    Args:
        filename: what it is saved as: ASCII letters, digits, `-`, `_` and `.` alone.
    """
    return {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
