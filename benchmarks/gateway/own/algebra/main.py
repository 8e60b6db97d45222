"""A function with sympy."""

import flask
import sympy


def handle(request: flask.Request) -> str:
    """Answer with the derivative of a term."""
    x = sympy.Symbol("x")
    return str(sympy.diff(sympy.sympify(request.args.get("term", "x**3")), x))
