"""A typed client of the functions' HTTP API: all that web knows of the rest of Mayfly."""

from web.client.client import Functions
from web.client.errors import AWAY, Flaw, FunctionError

__all__ = ["AWAY", "Flaw", "FunctionError", "Functions"]
