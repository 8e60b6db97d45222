"""Charts of an evaluation: which there are, and each as SVG."""

from web.views.charts.catalog import Chart, charts_of
from web.views.charts.rendering import drawing
from web.views.charts.styles import Look

__all__ = ["Chart", "Look", "charts_of", "drawing"]
