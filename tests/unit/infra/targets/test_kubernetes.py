"""What goes to plain Kubernetes is valid, belongs together, and lets nobody in by the side door."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from emulators.kit.door import Door, read_hosts
from infra.local.deploying import secret_templates
from infra.local.errors import LocalError
from infra.local.targets import described, images
from infra.local.targets.kubernetes import rendering
from tests.unit.infra.targets.conftest import REGISTRY, SITE, TAG

Objects = list[dict[str, Any]]
# The oldest release that knows all that is used (a pause before the end), and the newest.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
COMPONENT = "app.kubernetes.io/component"


def of(found: Objects, kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in found if one["kind"] == kind}


def pods(found: Objects) -> dict[str, dict[str, Any]]:
    """Return the pod templates, by the name of what makes them."""
    made: dict[str, dict[str, Any]] = {}
    for kind in ("Deployment", "StatefulSet"):
        made |= {name: one["spec"]["template"] for name, one in of(found, kind).items()}
    for name, job in of(found, "CronJob").items():
        made[name] = job["spec"]["jobTemplate"]["spec"]["template"]
    return made


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_passes_kubernetes_own_schemas_strictly(
    overlay: Objects, version: str
) -> None:
    assert len(overlay) > 50
    for item in overlay:
        kubernetes_validate.validate(item, version, strict=True)


def test_the_schemas_refuse_what_they_ought_to(overlay: Objects) -> None:
    item = dict(overlay[0], speck={})
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(item, VERSIONS[0], strict=True)


def test_no_two_objects_are_one(overlay: Objects) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in overlay]
    assert len(names) == len(set(names))
    spaces = {one["metadata"].get("namespace") for one in overlay if one["kind"] != "Namespace"}
    assert len(spaces) == 1


def test_every_function_and_the_pages_have_all_that_they_need(overlay: Objects) -> None:
    names = {function.name for function in described.functions()} | {"web"}
    for kind in ("Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"):
        assert names <= of(overlay, kind).keys(), kind
    for name, one in of(overlay, "Deployment").items():
        assert "replicas" not in one["spec"], f"{name}: the autoscaler says how many"


def test_every_pod_passes_the_restricted_profile_and_can_change_nothing(overlay: Objects) -> None:
    assert len(pods(overlay)) > 10
    for name, template in pods(overlay).items():
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsUser"] != 0
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
                "seccompProfile": {"type": "RuntimeDefault"},
            }
            assert container["resources"]["limits"]["memory"]
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}


def test_what_runs_on_is_probed(overlay: Objects) -> None:
    for name, template in pods(overlay).items():
        [container] = template["spec"]["containers"]
        wanted = {"startupProbe", "readinessProbe", "livenessProbe"}
        assert wanted <= container.keys() or name.endswith("-overdue"), name
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
        for probe in filter(None, map(container.get, wanted)):
            for way in ("httpGet", "tcpSocket"):
                assert probe.get(way, {}).get("port", next(iter(ports), "")) in ports
            assert probe.get("grpc", {}).get("port", next(iter(ports.values()))) in ports.values()


def test_images_have_the_registry_and_the_tag(overlay: Objects) -> None:
    found = {c["image"] for one in pods(overlay).values() for c in one["spec"]["containers"]}
    known = {f"{images.placed(image, REGISTRY)}:{TAG}" for image in images.ALL}
    assert found <= known
    assert f"{REGISTRY}/prediction:{TAG}" in found


def test_services_and_budgets_find_pods_and_ports(overlay: Objects) -> None:
    templates = pods(overlay)
    for name, service in of(overlay, "Service").items():
        template = templates[name]
        assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        ports = {port["name"] for port in template["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    for name, budget in of(overlay, "PodDisruptionBudget").items():
        wanted = budget["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= templates[name]["metadata"]["labels"].items()
        chosen = [
            one for one in templates.values() if wanted.items() <= one["metadata"]["labels"].items()
        ]
        assert len(chosen) == 1


def test_what_pods_read_is_there(overlay: Objects) -> None:
    maps, secrets = of(overlay, "ConfigMap"), set(secret_templates.names())
    for template in pods(overlay).values():
        spec = template["spec"]
        read = [each for c in spec["containers"] for each in c.get("envFrom", ())]
        assert {
            each["configMapRef"]["name"] for each in read if "configMapRef" in each
        } <= maps.keys()
        named = {each["secretRef"]["name"] for each in read if "secretRef" in each}
        named |= {v["secret"]["secretName"] for v in spec.get("volumes", ()) if "secret" in v}
        assert named <= secrets
        accounts = of(overlay, "ServiceAccount")
        assert spec.get("serviceAccountName", "mayfly-functions") in accounts


def test_each_overlay_says_where_documents_are(by_overlay: dict[str, Objects]) -> None:
    def variables(name: str) -> dict[str, str]:
        return next(
            data
            for one, data in ((k, v["data"]) for k, v in of(by_overlay[name], "ConfigMap").items())
            if re.fullmatch("mayfly-[a-z0-9]{10}", one) and "MAYFLY_BUCKET" in data
        )

    dev, prod = variables("dev"), variables("prod")
    assert dev["FIRESTORE_EMULATOR_HOST"] == "firestore:8200"
    assert not prod.keys() & {"FIRESTORE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"}
    assert prod["GOOGLE_CLOUD_PROJECT"] == SITE["GOOGLE_CLOUD_PROJECT"]
    assert prod["MAYFLY_WEB_URL"] == f"https://{SITE['WEB_HOST']}"
    assert {"firestore", "storage"} <= of(by_overlay["dev"], "StatefulSet").keys()
    assert not {"firestore", "storage"} & of(by_overlay["prod"], "StatefulSet").keys()


def test_what_is_said_once_reaches_every_place(by_overlay: dict[str, Objects]) -> None:
    text = yaml.safe_dump_all(by_overlay["prod"])
    for example in ("your-project", "your-bucket", "example.com", "WEB_HOST:", "//API_HOST"):
        assert example not in text.replace("WEB_HOST: pages", "").replace("API_HOST: api", "")
    doors = {
        name: {rule["host"] for rule in one["spec"]["rules"]}
        for name, one in of(by_overlay["prod"], "Ingress").items()
    }
    assert doors == {"web": {SITE["WEB_HOST"]}, "gateway": {SITE["API_HOST"]}}
    account = of(by_overlay["prod"], "ServiceAccount")["mayfly-functions"]
    assert list(account["metadata"]["annotations"].values()) == [
        "mayfly-functions@a-project.iam.gserviceaccount.com"
    ]


def test_the_gateway_s_own_api_has_no_door(by_overlay: dict[str, Objects]) -> None:
    [rule] = of(by_overlay["prod"], "Ingress")["gateway"]["spec"]["rules"]
    assert {path["path"] for path in rule["http"]["paths"]} == {"/function", "/async-function"}


# Who reaches whom: from, to, port. Everything else is closed.
WANTED = {
    ("web", "gateway", 8080),
    ("web", "gateway", 8082),
    ("gateway", "function", 8080),
    ("gateway", "function", 8081),
    ("gateway", "queue", 4222),
    ("function", "function", 8080),
    ("function", "function", 8081),
    ("function", "gateway", 8080),
    ("schedule", "function", 8080),
    ("schedule", "function", 8081),
}
EMULATORS = {("function", "emulator", 8200), ("function", "emulator", 9023)}


def test_the_network_lets_through_what_is_needed_and_no_more(
    by_overlay: dict[str, Objects],
) -> None:
    assert open_ways(by_overlay["dev"]) == WANTED | EMULATORS
    assert open_ways(by_overlay["prod"]) == WANTED
    for found in by_overlay.values():
        closed = of(found, "NetworkPolicy")["nobody"]["spec"]
        assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_everybody_asks_for_names_and_who_must_reaches_outside(
    by_overlay: dict[str, Objects],
) -> None:
    caches = ("169.254.20.10/32",)
    outside = ("0.0.0.0/0",)
    for name, found in by_overlay.items():
        ways = {
            (policy["podSelector"].get("matchLabels", {}).get(COMPONENT, "all"), cidr, port["port"])
            for policy in (one["spec"] for one in of(found, "NetworkPolicy").values())
            for rule in policy.get("egress", ())
            for cidr in (to["ipBlock"]["cidr"] for to in rule["to"] if "ipBlock" in to)
            for port in rule["ports"]
        }
        assert {way for way in ways if way[1] in caches} == {("all", caches[0], 53)}
        wanted = {("function", *outside, port) for port in (443, 465, 587)}
        wanted |= {("gateway", *outside, 443)}
        assert {way for way in ways if way[1] in outside} == (wanted if name == "prod" else set())


def test_prometheus_reaches_what_wants_to_be_scraped_by_a_name_it_answers_to(
    by_overlay: dict[str, Objects],
) -> None:
    found = by_overlay["prod"]
    reached = {
        (component, port["port"])
        for policy in (one["spec"] for one in of(found, "NetworkPolicy").values())
        for rule in policy.get("ingress", ())
        if "monitoring" in str(rule["from"])
        for component in _components(policy["podSelector"])
        for port in rule["ports"]
    }
    assert {("gateway", "metrics"), ("web", "http"), ("function", "main")} <= reached
    [gateway] = of(found, "StatefulSet")["gateway"]["spec"]["template"]["spec"]["containers"]
    hosts = next(e["value"] for e in gateway["env"] if e["name"] == "GATEWAY_ALLOWED_HOSTS")
    door = Door(read_hosts(hosts, "hosts"))
    for host in ("gateway", "gateway.mayfly.svc.cluster.local:8082", SITE["API_HOST"]):
        assert door.knows(host)
    assert not door.knows("stranger.example.org")
    web = next(
        one["data"]["MAYFLY_WEB_HOSTS"].split(",")
        for one in of(found, "ConfigMap").values()
        if "MAYFLY_WEB_HOSTS" in one["data"]
    )
    assert web == [SITE["WEB_HOST"], "web.mayfly.svc.cluster.local"]


def _components(selector: dict[str, Any]) -> list[str]:
    listed = [each["values"] for each in selector.get("matchExpressions", ())]
    return [*selector.get("matchLabels", {}).values(), *(one for each in listed for one in each)]


def open_ways(found: Objects) -> set[tuple[str, str, int]]:
    """Return what passes both the policies of who calls and those of who is called."""
    policies = [one["spec"] for one in of(found, "NetworkPolicy").values()]
    labels = {
        name: (template["metadata"]["labels"], _ports(template))
        for name, template in pods(found).items()
    }
    ways = set()
    for source, _ in labels.values():
        for target, ports in labels.values():
            for name, number in ports.items():
                out = _lets(policies, "egress", "to", source, target, (name, number))
                into = _lets(policies, "ingress", "from", target, source, (name, number))
                if out and into:
                    ways.add((source[COMPONENT], target[COMPONENT], number))
    return ways


def _lets(
    policies: Objects,
    rules: str,
    peers: str,
    own: dict[str, str],
    other: dict[str, str],
    port: tuple[str, int],
) -> bool:
    return any(
        set(port) & {each["port"] for each in rule["ports"]}
        for policy in policies
        if _chosen(policy["podSelector"], own)
        for rule in policy.get(rules, ())
        for peer in rule[peers]
        if "podSelector" in peer and _chosen(peer["podSelector"], other)
    )


def _chosen(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )


def _ports(template: dict[str, Any]) -> dict[str, int]:
    [container] = template["spec"]["containers"]
    return {port["name"]: port["containerPort"] for port in container.get("ports", ())}


def test_people_are_answered_by_two(by_overlay: dict[str, Objects]) -> None:
    least = {
        name: one["spec"]["minReplicas"]
        for name, one in of(by_overlay["prod"], "HorizontalPodAutoscaler").items()
    }
    assert {name for name, count in least.items() if count == 2} == {
        "accounts",
        "datasets",
        "models",
        "prediction",
        "web",
    }
    assert set(least.values()) == {1, 2}


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(LocalError, match="holds files already"):
        rendering.render(tmp_path, "dev", REGISTRY, TAG)
    with pytest.raises(LocalError, match="no overlay 'test': give one of dev, prod"):
        rendering.render(tmp_path / "new", "test", REGISTRY, TAG)
