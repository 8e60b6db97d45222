"""From an evaluation to SVG text; the last pictures are kept, because drawing takes a while."""

from functools import lru_cache
from typing import Any

import msgspec

from web.client.schemas import Evaluation
from web.views.charts.styles import ChartStyle

CACHE_SIZE = 256


def render_svg(chart: str, evaluation: Evaluation, style: ChartStyle) -> str | None:
    """Return the chart called `chart` as SVG, or None where the evaluation has no such chart."""
    if chart not in {"roc", "confusion", "importance"}:
        return None
    numbers = getattr(evaluation, chart)
    return _render(chart, msgspec.json.encode(numbers), style) if numbers else None


@lru_cache(maxsize=CACHE_SIZE)
def _render(chart: str, numbers: bytes, style: ChartStyle) -> str:
    """Draw; `numbers` is the JSON of that part of the evaluation, so that it can be a key."""
    from web.views.charts import specs  # noqa: PLC0415 - 0.3 s and 60 MB that only charts need

    kinds: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Evaluation)}
    given = msgspec.json.decode(numbers, type=kinds[chart])
    spec = getattr(specs, chart)(given, style).to_dict()
    return _svg(spec | {"config": style.config()})


def _svg(spec: dict[str, Any]) -> str:
    import vl_convert  # noqa: PLC0415 - as above

    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg
