"""Asks databases of owners: read-only, bounded in rows, bytes and time."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec

from functions.datasets.adapters.sources.query import NO_ROOM, Answer, Ask
from functions.datasets.model.imports.connections import LIBPQ, Connection
from functions.kit.adapters import guarded_client
from functions.kit.adapters.addresses import AddressError
from functions.kit.adapters.config import ConfigError, MissingSecret, secret
from functions.kit.adapters.guarded_client import GuardedClientError, Resolver
from functions.kit.contract.errors import Conflict

FILES = "MAYFLY_SQL_FILES"
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
CHUNK = 1 << 20


class Databases:
    """Asks databases.

    Args:
        rows: the most that one query may give.
        size: bytes of a query's answer.
        seconds: that a query may take.
        resolver: knows addresses.
        env: where secrets are, and what is open to callers.
    """

    def __init__(
        self,
        rows: int,
        size: int,
        seconds: float,
        resolver: Resolver,
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self._rows = rows
        self._size = size
        self._seconds = seconds
        self._resolver = resolver
        self._env = env

    def ask(self, connection: Connection, query: str, write: Callable[[bytes], object]) -> None:
        """Write what a query gives as a file of a table; raises Conflict, which says why not."""
        _check_one(connection, query)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "answer"
            url = self._url(connection)
            ask = Ask(connection.driver, url, query, self._rows, self._size, str(path))
            answer = self._answer(ask)
            if answer.error:
                text = answer.error.replace(url, "…")
                raise Conflict(f"The query of '{connection.name}' failed: {text}")
            if not answer.rows:
                raise Conflict(f"The query of '{connection.name}' gave no rows.")
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    write(chunk)

    def _answer(self, ask: Ask) -> Answer:
        command = [sys.executable, "-m", "functions.datasets.adapters.sources.query"]
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)}
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command,
                input=msgspec.json.encode(ask),
                capture_output=True,
                timeout=self._seconds,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(error=f"it takes longer than {self._seconds:g} s; ask for less")
        if done.returncode == -signal.SIGABRT:
            return Answer(error=NO_ROOM)
        if done.returncode:
            return Answer(error=f"its driver ended with {done.returncode}")
        return msgspec.json.decode(done.stdout, type=Answer)

    def _url(self, connection: Connection) -> str:
        """Return the database's URL, with the password; raises Conflict."""
        if connection.driver.partition("+")[0] == "sqlite":
            return self._file(connection)
        family = connection.driver.partition("+")[0]
        port = connection.port or PORTS.get(family, 0)
        try:
            rules = guarded_client.rules_from(self._env)
            [address, *_] = guarded_client.checked(connection.host, port, rules, self._resolver)
        except (AddressError, GuardedClientError) as error:
            raise Conflict(f"Connection '{connection.name}': {error}.") from error
        who = f"{quote(connection.user, safe='')}:{quote(self._password(connection), safe='')}"
        name = quote(connection.database, safe="")
        if connection.driver in LIBPQ:
            fields = self._fields(connection, address)
            return (
                f"{connection.driver}://{who}@{_bracketed(connection.host)}:{port}/{name}?{fields}"
            )
        return f"{connection.driver}://{who}@{_bracketed(address)}:{port}/{name}"

    def _fields(self, connection: Connection, address: str) -> str:
        """Return what PostgreSQL's client is told besides: the address that was checked, limits."""
        limit = int(self._seconds * 1000)
        options = f"-c default_transaction_read_only=on -c statement_timeout={limit}"
        fields = {
            "hostaddr": address,
            "sslmode": connection.tls,
            "connect_timeout": "10",
            "options": options,
        }
        if connection.tls == "verify-full":
            fields["sslrootcert"] = "system"
        return urlencode(fields, quote_via=quote)

    def _file(self, connection: Connection) -> str:
        folder = self._env.get(FILES)
        if not folder:
            raise Conflict(f"SQLite files are open to nobody: {FILES} names no folder.")
        path = (Path(folder) / connection.database).resolve()
        if not path.is_relative_to(Path(folder).resolve()) or not path.is_file():
            raise Conflict(f"There is no SQLite file '{connection.database}' to be asked.")
        name = f"file:{quote(str(path))}?mode=ro"
        # SQLAlchemy wants a scheme before SQLite's own kind of URL.
        return name if connection.driver == "sqlite" else f"{connection.driver}:///{name}&uri=true"

    def _password(self, connection: Connection) -> str:
        try:
            return secret(self._env, connection.secret, connection.secret)
        except MissingSecret as error:
            raise Conflict(
                f"Connection '{connection.name}' has no password: there is no secret "
                f"'{connection.secret}'."
            ) from error
        except ConfigError as error:
            raise Conflict(f"Connection '{connection.name}': {error}") from error


def _bracketed(host: str) -> str:
    """Return a host as it stands in a URL: an address of IPv6 holds colons."""
    return f"[{host}]" if ":" in host else host


def _check_one(connection: Connection, query: str) -> None:
    """Refuse several statements where the driver might carry out, or pass over, the later ones.

    PostgreSQL refuses them itself. How others tell text from the rest differs, so that a `;` within
    text is refused, too.
    """
    if connection.driver != "postgresql" and ";" in query.strip().rstrip("; \n\t"):
        raise Conflict(
            f"The query of '{connection.name}' failed: one statement is taken, and there is a ';' "
            "before its end; write one within text as char(59)."
        )
