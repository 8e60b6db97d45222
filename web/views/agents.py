"""What a browser calls itself, in words."""

# Each claims to be those below it, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
    "curl": "curl",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
LONGEST = 60


def agent(text: str) -> str:
    """Return a `User-Agent` as a reader knows it."""
    browser = next((name for mark, name in BROWSERS.items() if f"{mark}/" in text), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in text), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or text[:LONGEST] or "unknown"
