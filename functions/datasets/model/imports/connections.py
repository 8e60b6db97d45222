"""Connections to databases: what an owner defines, and callers name."""

import re
from typing import Annotated, Literal

import msgspec

from functions.kit.contract.errors import Flaw, refused

Driver = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,30}(\+[a-z0-9_]{1,30})?$")]
"""`postgresql` and `sqlite` are asked by ADBC, others by SQLAlchemy: `mysql+pymysql`."""
LIBPQ = frozenset({"postgresql", "postgresql+psycopg", "postgresql+psycopg2"})
"""Drivers that take the words of PostgreSQL's own client, which keep queries to reading."""
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$")]
Tls = Literal["disable", "require", "verify-full"]

# Possessive: a comment that has ended is not tried again as a part of a longer one.
_READING = re.compile(r"(?is)^\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*+(select|with|values|table)\b")


class ConnectionBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What an owner says of a database; its password is a secret, never said here.

    Attributes:
        driver: what speaks to it.
        host: of the server; none for SQLite.
        port: of the server; 0 is the usual one.
        database: its name; for SQLite the name of a file in the folder MAYFLY_SQL_FILES.
        user: who asks: let it be one who may only read.
        tls: whether the connection is encrypted, and the server's name checked: PostgreSQL's can
            be; of other servers, `disable` has to be said.
    """

    driver: Driver
    host: Annotated[str, msgspec.Meta(max_length=253, pattern=r"^[A-Za-z0-9._:-]*$")] = ""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    database: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    user: Annotated[str, msgspec.Meta(max_length=100)] = ""
    tls: Tls = "verify-full"


class Connection(ConnectionBody, kw_only=True):
    """A connection, as callers see it.

    Attributes:
        name: by which imports name it.
        secret: the name of the secret that holds the password.
    """

    name: str
    secret: str


def flaws_of(body: ConnectionBody) -> list[Flaw]:
    """Return what of a connection cannot be."""
    family = body.driver.partition("+")[0]
    flaws: list[Flaw] = []
    if family == "sqlite":
        return flaws
    if not body.host:
        flaws.append(Flaw("a host is wanted", column="host"))
    if family == "postgresql" and body.driver not in LIBPQ:
        reason = f"PostgreSQL is asked by {', '.join(sorted(LIBPQ))}, which keep queries to reading"
        flaws.append(Flaw(reason, column="driver", value=body.driver))
    if family != "postgresql" and body.tls != "disable":
        reason = (
            f"connections of {family} are not encrypted here: say 'disable' where that is right"
        )
        flaws.append(Flaw(reason, column="tls", value=body.tls))
    return flaws


def secret_of(workspace: str, name: str) -> str:
    """Return the name of a connection's secret: no other can be meant, nor another workspace's."""
    return f"mayfly-sql.{workspace}.{name}"


def check_query(query: str) -> None:
    """Refuse what does not begin as a query does; raises Invalid."""
    if not _READING.match(query):
        flaw = Flaw("a query begins with SELECT, WITH, VALUES or TABLE", column="query")
        raise refused("The import was refused", flaw, noun="field")
