"""What the region grants Cloud Run, against what all replicas together may take."""

from collections.abc import Iterator
from typing import Any

from infra.local.cloud.api import Api
from infra.local.cloud.findings import Finding, note, well
from infra.local.cloud.project import Project
from infra.local.targets import described
from infra.local.targets.aws.sizes import mebibytes

UNLIMITED = -1


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield a line for processors, and one for memory."""
    path = f"v1beta1/projects/{project.id}/services/run.googleapis.com/consumerQuotaMetrics"
    metrics = {one["metric"]: one for one in api.all("serviceusage", path, "metrics")}
    found = described.functions()
    cores = 1000 * sum(one.most for one in found)
    memory = sum(one.most * mebibytes(one.limits["memory"]) for one in found) << 20
    for name, needed, unit, said in (
        ("cpu_allocation", cores, 1000, "processors"),
        ("memory_allocation", memory, 1 << 30, "GiB of memory"),
    ):
        granted = _granted(metrics.get(f"run.googleapis.com/{name}", {}), project.region)
        yield _compared(f"quota {name} in {project.region}", granted, needed, unit, said)


def _compared(where: str, granted: int | None, needed: int, unit: int, said: str) -> Finding:
    wanted = f"all replicas at once take {needed / unit:.0f} {said}"
    if granted is None:
        return note(where, f"it is not told; {wanted}")
    if granted == UNLIMITED or granted >= needed:
        return well(where, wanted + ", and may")
    return note(
        where,
        f"{wanted}, and {granted / unit:.0f} are granted: the last ones do not start",
        "Ask for more, or lower max-scale in infra/knative.",
    )


def _granted(metric: dict[str, Any], region: str) -> int | None:
    """Return the limit of a region: its own bucket, else that for all regions; None if untold."""
    found: dict[str, int] = {}
    for limit in metric.get("consumerQuotaLimits", ()):
        for bucket in limit.get("quotaBuckets", ()):
            if "effectiveLimit" in bucket:
                place = bucket.get("dimensions", {}).get("region", "")
                found[place] = int(bucket["effectiveLimit"])
    return found.get(region, found.get(""))
