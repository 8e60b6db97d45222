"""Charts of an evaluation: which there are, and each as SVG."""

from web.charts.catalog import Chart, charts_of
from web.charts.drawing import drawing
from web.charts.looks import Look

__all__ = ["Chart", "Look", "charts_of", "drawing"]
