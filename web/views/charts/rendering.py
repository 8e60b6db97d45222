"""From an evaluation to SVG text. Drawn pictures are kept, because drawing takes a while."""

from functools import lru_cache
from typing import Any

import msgspec

from web.client.schemas import Evaluation
from web.views.charts.styles import Look

KEPT_PICTURES = 256


def drawing(chart: str, evaluation: Evaluation, look: Look) -> str | None:
    """Return the chart called `chart` as SVG, or None where the evaluation has no such chart."""
    if chart not in {"roc", "confusion", "importance"}:
        return None
    numbers = getattr(evaluation, chart)
    return _drawn(chart, msgspec.json.encode(numbers), look) if numbers else None


@lru_cache(maxsize=KEPT_PICTURES)
def _drawn(chart: str, numbers: bytes, look: Look) -> str:
    """Draw; `numbers` is the JSON of that part of the evaluation, so that it can be a key."""
    from web.views.charts import specs  # noqa: PLC0415 - 0.3 s and 60 MB that only charts need

    kinds: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Evaluation)}
    given = msgspec.json.decode(numbers, type=kinds[chart])
    spec = getattr(specs, chart)(given, look).to_dict()
    return _svg(spec | {"config": look.config()})


def _svg(spec: dict[str, Any]) -> str:
    import vl_convert  # noqa: PLC0415 - as above

    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg
