"""A server that answers as Google's APIs do about one project, with real logins.

What it answers has the form of Google's own descriptions of its APIs, to which a test holds it
(tests/integration/launcher/test_cloud_descriptions.py).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.servers.serving import serving

SUBJECT = "an-identity-from-elsewhere"
TOKEN = "a-token-of-this-server"
SERVICES = (
    *("cloudresourcemanager", "cloudscheduler", "firebaserules", "firestore", "iam", "pubsub"),
    *("run", "secretmanager", "serviceusage", "storage"),
)
Answer = tuple[int, dict[str, Any]]


def error(status: int, message: str, reason: str = "") -> Answer:
    """Return an error as Google's APIs write it."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    body = {
        "code": status,
        "message": message,
        "status": HTTPStatus(status).phrase.upper().replace(" ", "_"),
        "details": details if reason else [],
    }
    return status, {"error": body}


class GoogleCloud:
    """The server.

    Attributes:
        things: `SERVICE/path` → what is answered.
        refused: the start of such a path → what is answered in place of things below it.
        logins: whether tokens are given out.
        asked: what was asked, in order: method, path and query.
    """

    def __init__(self, things: dict[str, dict[str, Any]]) -> None:
        self.things = things
        self.refused: dict[str, Answer] = {}
        self.logins = True
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                whose = self.headers.get("Authorization", "")
                status, found = cloud.answer(self.command, self.path, body, whose)
                text = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=UTF-8")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the variables that lead here; writes a login into a folder."""
        (folder / "subject").write_text(SUBJECT)
        login = {
            "type": "external_account",
            "audience": "//iam.example.com/somebody",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.url}/token",
            "credential_source": {"file": str(folder / "subject")},
        }
        file = folder / "login.json"
        file.write_text(json.dumps(login))
        prefix = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"
        found = {f"{prefix}{name.upper()}": f"{self.url}/{name}/" for name in SERVICES}
        return {"GOOGLE_APPLICATION_CREDENTIALS": str(file), **found}

    def answer(self, method: str, target: str, body: str, whose: str) -> Answer:
        """Answer a call."""
        if target == "/token":
            return self._token(body)
        if whose != f"Bearer {TOKEN}":
            return error(401, "Request had invalid authentication credentials.")
        split = urlsplit(target)
        path, query = unquote(split.path).lstrip("/"), parse_qs(split.query)
        self.asked.append((method, path, query))
        for start, found in self.refused.items():
            if path.startswith(start):
                return found
        if path not in self.things:
            return error(404, f"{path} is not found.")
        return 200, _part(self.things[path], query)

    def _token(self, body: str) -> Answer:
        """Give a token for what stands in the file of the login."""
        given = parse_qs(body)
        known = given["subject_token"] == [SUBJECT] and "cloud-platform" in given["scope"][0]
        if not self.logins or not known:
            return 400, {"error": "invalid_grant", "error_description": "The token has expired."}
        kind = "urn:ietf:params:oauth:token-type:access_token"
        found = {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}
        return 200, found | {"issued_token_type": kind}


def _part(found: dict[str, Any], query: dict[str, list[str]]) -> dict[str, Any]:
    """Return what is asked of a list: those that are named, or one page, an entry long."""
    if "names" in query:
        names = {each.rpartition("/")[2] for each in query["names"]}  # answered by the number
        known = found["services"]
        return {"services": [one for one in known if one["config"]["name"] in names]}
    for field in ("indexes", "metrics"):
        if field in found:
            start = int(query.get("pageToken", ["0"])[0])
            page = {field: found[field][start : start + 1]}
            more = {"nextPageToken": str(start + 1)} if start + 1 < len(found[field]) else {}
            return page | more
    return found


@contextmanager
def open_cloud(things: dict[str, dict[str, Any]]) -> Iterator[GoogleCloud]:
    """Give a server that answers until the block ends."""
    made = GoogleCloud(things)
    with serving(made.server):
        yield made
