"""How charts look: two themes, two widths. A picture cannot read the page's stylesheet."""

from dataclasses import dataclass
from typing import Any

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


@dataclass(frozen=True)
class Theme:
    """Colours."""

    ink: str
    soft: str
    line: str
    mark: str
    paper: str
    on_mark: str


THEMES = {
    "light": Theme("#14211f", "#566663", "#dfe5e2", "#0b7a6a", "#eef4f2", "#ffffff"),
    "dark": Theme("#e4ece9", "#9aaba6", "#2a3735", "#58cbb4", "#182321", "#0e1514"),
}
# Told apart by eyes that miss a colour, too (after Okabe and Ito); the first is the theme's own.
PALETTE = ("#d55e00", "#3c8fd0", "#cc79a7", "#b58900")
WIDTHS = {"wide": 460, "narrow": 270}


@dataclass(frozen=True)
class ChartStyle:
    """A theme and the width of the drawing area in pixels."""

    theme: Theme
    width: int

    @classmethod
    def named(cls, theme: str, width: str) -> "ChartStyle | None":
        """Return the style, or None where there is none of that name."""
        if theme not in THEMES or width not in WIDTHS:
            return None
        return cls(THEMES[theme], WIDTHS[width])

    def palette(self) -> list[str]:
        """Return colours for several things in one chart."""
        return [self.theme.mark, *PALETTE]

    def config(self) -> dict[str, Any]:
        """Return the Vega-Lite configuration."""
        axis = {
            "labelColor": self.theme.soft,
            "titleColor": self.theme.soft,
            "titleFontWeight": "normal",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "gridColor": self.theme.line,
            "domainColor": self.theme.line,
            "tickColor": self.theme.line,
        }
        return {
            "background": "transparent",
            "font": FONT,
            "axis": axis,
            "legend": {"labelColor": self.theme.soft, "title": None, "labelFontSize": 12},
            "view": {"stroke": None},
            # The reader's font may be wider than the one that measured the labels.
            "padding": {"left": 14, "right": 6, "top": 4, "bottom": 4},
        }
