"""How a matrix is prepared, by the kind of estimator that takes it. Light, for the catalogue."""

from typing import Literal

View = Literal["linear", "trees", "native"]
"""linear: dense, scaled, nothing missing; trees: few columns; native: so, categories as codes."""
