"""What there is to look at."""

from infra.observability.dashboards.panels import Dashboard, Panel

_OF = '{function_name=~"$function_name"}'
_FUNCTION = "{{function_name}}"
_DEATHS = f"increase(gateway_replica_deaths_total{_OF}[10m])"

OVERVIEW = Dashboard(
    "mayfly-overview",
    "Mayfly: overview",
    (
        (
            Panel(
                "Parts that answer", "short", (('up{job=~"mayfly-.*"}', "{{job}}"),), kind="stat"
            ),
            Panel("Alerts", "short", (('ALERTS{alertstate="firing"}', "{{alertname}}"),)),
        ),
        (
            Panel("Calls", "reqps", (("function:calls:rate5m", _FUNCTION),)),
            Panel("Calls that fail", "percentunit", (("function:errors:ratio5m", _FUNCTION),)),
        ),
        (
            Panel("Time of one call in twenty", "s", (("function:seconds:p95_5m", _FUNCTION),)),
            Panel("Replicas", "short", (("gateway_service_count", _FUNCTION),)),
        ),
        (
            Panel("Pages", "reqps", (("sum(web:requests:rate5m)", "requests"),)),
            Panel("Pages that fail", "percentunit", (("web:errors:ratio5m", "errors"),)),
            Panel("Time of one page in twenty", "s", (("web:seconds:p95_5m", "p95"),)),
        ),
        (
            Panel("Memory", "bytes", (("process_resident_memory_bytes", "{{job}} {{instance}}"),)),
            Panel(
                "Processor",
                "percentunit",
                (("rate(process_cpu_seconds_total[5m])", "{{job}} {{instance}}"),),
            ),
        ),
    ),
)

FUNCTIONS = Dashboard(
    "mayfly-functions",
    "Mayfly: functions",
    (
        (
            Panel(
                "Calls, and what is usual at this time of the week",
                "reqps",
                (
                    (f"function:calls:rate5m{_OF}", _FUNCTION),
                    (f"function:calls:usual{_OF}", f"{_FUNCTION} (usual)"),
                ),
                "Usual is the middle of the last four weeks'; there is none in the first week.",
            ),
            Panel(
                "Calls by status",
                "reqps",
                (
                    (
                        f"sum by (code) (rate(gateway_function_invocation_total{_OF}[5m]))",
                        "{{code}}",
                    ),
                ),
            ),
        ),
        (
            Panel(
                "Calls of routes",
                "reqps",
                (
                    (
                        f"sum by (function_name, route) (route:calls:rate5m{_OF})",
                        f"{_FUNCTION} {{{{route}}}}",
                    ),
                ),
                "Counted by replicas themselves: what one had counted since it was last scraped "
                "goes with it when it ends.",
            ),
            Panel(
                "Time of calls",
                "s",
                (
                    (f"function:seconds:p50_5m{_OF}", f"{_FUNCTION} p50"),
                    (f"function:seconds:p95_5m{_OF}", f"{_FUNCTION} p95"),
                    (f"function:seconds:p99_5m{_OF}", f"{_FUNCTION} p99"),
                ),
            ),
            Panel(
                "Time of routes, one call in twenty",
                "s",
                ((f"route:seconds:p95_5m{_OF}", f"{_FUNCTION} {{{{route}}}}"),),
                "In the function itself: what lies between this and the time of calls is waiting.",
            ),
        ),
        (
            Panel(
                "Replicas",
                "short",
                ((f"gateway_revision_replicas{_OF}", "{{revision}}"),),
            ),
            Panel("Calls that wait", "short", ((f"function:waiting:sum{_OF}", _FUNCTION),)),
            Panel(
                "Starts of replicas",
                "reqps",
                ((f"function:cold_starts:rate5m{_OF}", _FUNCTION),),
            ),
            Panel(
                "Time of one start in twenty",
                "s",
                ((f"function:cold_start_seconds:p95_30m{_OF}", _FUNCTION),),
            ),
        ),
        (
            Panel(
                "Asynchronous calls that wait",
                "short",
                ((f"gateway_async_queue_depth{_OF}", _FUNCTION),),
            ),
            Panel("Events that wait", "short", (("gateway_events_queue_depth", _FUNCTION),)),
            Panel(
                "Calls that plans refuse", "reqps", ((f"function:refused:rate5m{_OF}", _FUNCTION),)
            ),
            Panel("Errors logged", "reqps", ((f"function:log_errors:rate5m{_OF}", _FUNCTION),)),
        ),
        (
            Panel(
                "Replicas that died",
                "short",
                (
                    (
                        f"sum by (function_name, cause) ({_DEATHS})",
                        f"{_FUNCTION} {{{{cause}}}}",
                    ),
                ),
            ),
            Panel(
                "Events",
                "reqps",
                (
                    (
                        "sum by (name, outcome) (rate(gateway_events_total[5m]))",
                        "{{name}} {{outcome}}",
                    ),
                ),
            ),
        ),
    ),
    by=("function_name", "gateway_service_count"),
)

STORES = Dashboard(
    "mayfly-stores",
    "Mayfly: stores",
    (
        (
            Panel("Firestore: calls", "reqps", (("firestore:calls:rate5m", "{{call}}"),)),
            Panel("Firestore: time", "s", (("firestore:seconds:p95_5m", "{{call}} p95"),)),
        ),
        (
            Panel("Firestore: failures", "reqps", (("firestore:errors:rate5m", "{{outcome}}"),)),
            Panel("Firestore: calls open", "short", (("firestore_calls_open", "{{call}}"),)),
        ),
        (
            Panel("Storage: calls", "reqps", (("storage:calls:rate5m", "{{call}}"),)),
            Panel(
                "Storage: time to an answer's head",
                "s",
                (("storage:seconds:p95_5m", "{{call}} p95"),),
            ),
        ),
        (
            Panel("Storage: failures", "reqps", (("storage:errors:rate5m", "{{outcome}}"),)),
            Panel("Storage: calls open", "short", (("storage_calls_open", "{{call}}"),)),
        ),
    ),
)

ALL = (OVERVIEW, FUNCTIONS, STORES)
