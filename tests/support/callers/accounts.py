"""The function `accounts` over HTTP, as tests speak with it."""

import time
from typing import Any, NamedTuple

from flask.testing import FlaskClient

Headers = dict[str, str]


class Door(NamedTuple):
    """A client of `accounts`; each call says which status it expects."""

    client: FlaskClient

    def call(self, method: str, path: str, body: Any, headers: Headers | None, expect: int) -> Any:
        """Make a call and return what it answers."""
        answer = self.client.open(path, method=method, json=body, headers=headers or {})
        assert answer.status_code == expect, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def get(self, path: str, headers: Headers | None = None, expect: int = 200) -> Any:
        """See `call`."""
        return self.call("GET", path, None, headers, expect)

    def post(self, path: str, body: Any, headers: Headers | None = None, expect: int = 201) -> Any:
        """See `call`."""
        return self.call("POST", path, body, headers, expect)

    def patch(self, path: str, body: Any, headers: Headers, expect: int = 200) -> Any:
        """See `call`."""
        return self.call("PATCH", path, body, headers, expect)

    def delete(self, path: str, headers: Headers, expect: int = 204) -> Any:
        """See `call`."""
        return self.call("DELETE", path, None, headers, expect)

    def headers(self, signed: dict[str, Any], workspace: str = "") -> Headers:
        """Return the headers of whoever has signed in, in a workspace of theirs."""
        named = {"X-Workspace": workspace} if workspace else {}
        return {"Authorization": f"Bearer {signed['token']}", **named}

    def seconds_until_refused(self, headers: Headers) -> float:
        """Return how long a credential still counts; fails when it does for two seconds."""
        began = time.monotonic()
        while time.monotonic() - began < 2:
            if self.client.get("/me", headers=headers).status_code == 401:
                return time.monotonic() - began
            time.sleep(0.02)
        raise AssertionError("the credential still counts")
