"""A typed client of the functions' HTTP API: all that web knows of the rest of Mayfly."""

from web.client.errors import AWAY, Flaw, FunctionError
from web.client.functions import Functions

__all__ = ["AWAY", "Flaw", "FunctionError", "Functions"]
