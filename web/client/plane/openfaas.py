"""OpenFaaS's own API: what `faas-cli` calls."""

from web.client.plane.connection import Connection
from web.client.plane_schemas import Anomalies, FunctionStatus, LogEntries, LogEntry, LogLine
from web.client.transport.endpoint import path


class OpenFaas:
    """Functions, as OpenFaaS administers them; NotFound where the platform has it not."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def functions(self) -> list[FunctionStatus]:
        """Return all functions."""
        return self._connection.get(list[FunctionStatus], "/system/functions")

    def function(self, name: str) -> FunctionStatus:
        """Return one function."""
        return self._connection.get(FunctionStatus, "/system" + path("function", name))

    def scale(self, name: str, replicas: int) -> None:
        """Set the number of replicas, until the autoscaler thinks otherwise."""
        order = {"serviceName": name, "replicas": replicas}
        self._connection.change("POST", "/system" + path("scale-function", name), order)

    def log(self, name: str, tail: int) -> list[LogLine]:
        """Return the last lines of a function's log."""
        asked = {"name": name, "tail": str(tail), "follow": "false"}
        return self._connection.lines(LogLine, "/system/logs", asked)

    def search_logs(self, search: dict[str, str]) -> list[LogEntry]:
        """Return lines of all logs, the newest first; `search` are the plane's parameters."""
        return self._connection.get(LogEntries, "/system/logs/search", search).lines

    def anomalies(self) -> Anomalies:
        """Return what was unusual in calls and logs in the last five minutes."""
        return self._connection.get(Anomalies, "/system/logs/anomalies")
