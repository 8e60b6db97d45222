"""What a real Knative says to Services, kind by kind, beyond the files that were shown to one."""

from typing import Any

import pytest

from tests.support.emulators.judging import said, service, thing, warned

AT = "spec.template.spec"
C = f"{AT}.containers[0]"
ONE_OF = "expected exactly one, got"

# A container's fields, and what is said of them; nothing where they are taken.
CONTAINERS = [
    ("{env: [{name: A, value: 1}]}", "cannot unmarshal number into Go struct field"),
    ("{env: [{value: a}]}", f"missing field(s): {C}.env[0].name"),
    ("{env: [{name: A=B}]}", f'{C[14:]}.env[0].name: Invalid value: "A=B"'),
    ("{env: [{name: A b}]}", ""),
    ("{env: [{name: K_REVISION, value: a}]}", '"K_REVISION" is a reserved environment variable'),
    ("{env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}",
     f"must not set the field(s): {C}.env[0].valueFrom.fieldRef"),
    ("{env: [{name: A, valueFrom: {}}]}", "must specify one of"),
    ("{env: [{name: A, value: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]}",
     "may not be specified when `value` is not empty"),
    ("{env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: a/b}}}]}", "a valid config key"),
    ("{env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]}", "key: Required value"),
    ("{env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]}", ""),
    ("{envFrom: [{prefix: A}]}", f"{ONE_OF} neither: {C}.envFrom.configMapRef"),
    ("{envFrom: [{configMapRef: {name: a}, secretRef: {name: b}}]}", f"{ONE_OF} both"),
    ("{envFrom: [{secretRef: {}}]}", "envFrom[0].secretRef.name: Required value"),
    ("{ports: [{containerPort: 8080}, {containerPort: 8081}]}", "more than one container port"),
    ("{ports: [{containerPort: 8080, name: web}]}", "Port name web is not allowed"),
    ("{ports: [{containerPort: 8080, name: h2c, protocol: TCP}]}", ""),
    ("{ports: [{containerPort: 8008}]}", "8008 is a reserved port"),
    ("{ports: [{containerPort: 65536}]}", "expected 0 <= 65536 <= 65535"),
    ("{ports: [{containerPort: '8080'}]}", "cannot unmarshal string"),
    ("{image: 'Upper/case'}", "Failed to parse image reference"),
    ("{image: 'a b'}", "Failed to parse image reference"),
    ("{image: 'registry.example:5000/a/b:v1.2'}", ""),
    (f"{{image: 'a/b@sha256:{'0' * 64}'}}", ""),
    ("{image: 'a/b@sha256:0'}", "Failed to parse image reference"),
    ("{image: 'a/b:bad tag'}", "Failed to parse image reference"),
    ("{imagePullPolicy: Sometimes}", 'Unsupported value: "Sometimes"'),
    ("{imagePullPolicy: IfNotPresent}", ""),
    ("{terminationMessagePolicy: Never}", "invalid value: Never"),
    ("{name: queue-proxy}", '"queue-proxy" is a reserved container name'),
    ("{name: A_b}", "a lowercase RFC 1123 label"),
    ("{securityContext: {privileged: true}}", f"must not set the field(s): {C}.securityContext.p"),
    ("{securityContext: {privileged: false, runAsNonRoot: true}}", ""),
    ("{securityContext: {runAsUser: -1}}", "expected 0 <= -1 <= 2147483647"),
    ("{securityContext: {capabilities: {add: [NET_ADMIN]}}}", "securityContext.capabilities.add"),
    ("{securityContext: {seccompProfile: {type: Odd}}}", 'Unsupported value: "Odd"'),
    ("{securityContext: {seccompProfile: {type: Localhost}}}", "localhostProfile: Required value"),
    ("{securityContext: {seLinuxOptions: {level: a}}}", 'unknown field "'),
]  # fmt: skip
PROBES = [
    ("{livenessProbe: {periodSeconds: 5}}", f"{ONE_OF} neither: {C}.livenessProbe.exec"),
    ("{readinessProbe: {periodSeconds: 5}}", ""),
    ("{readinessProbe: {httpGet: {}, tcpSocket: {}}}", f"{ONE_OF} both"),
    ("{readinessProbe: {timeoutSeconds: 2}}", "timeoutSeconds is disallowed when periodSeconds is"),
    ("{readinessProbe: {periodSeconds: 0, failureThreshold: 2}}", "failureThreshold is disallowed"),
    ("{readinessProbe: {periodSeconds: 3, failureThreshold: 2, timeoutSeconds: 2}}", ""),
    ("{readinessProbe: {periodSeconds: -3}}", "expected 0 <= -3 <= 2147483647"),
    ("{readinessProbe: {successThreshold: -1}}", "expected 1 <= -1"),
    ("{readinessProbe: {exec: {command: []}}}", "exec.command: Required value"),
    ("{readinessProbe: {exec: {command: ['true']}}}", ""),
    ("{livenessProbe: {httpGet: {port: http}}}", ""),
    ("{livenessProbe: {httpGet: {port: other}}}", "Probe port must match container port"),
    ("{livenessProbe: {tcpSocket: {port: 70000}}}", ""),  # Knative puts its own there
    ("{livenessProbe: {httpGet: {scheme: FTP}}}", 'Unsupported value: "FTP"'),
    ("{livenessProbe: {httpGet: {httpHeaders: [{name: 'a b', value: c}]}}}", "a valid HTTP header"),
    ("{livenessProbe: {tcpSocket: {}, successThreshold: 2}}", "successThreshold: Invalid value: 2"),
    (
        "{livenessProbe: {tcpSocket: {}, failureThreshold: -1}}",
        "must be greater than or equal to 0",
    ),
    ("{livenessProbe: {grpc: {}}}", "grpc.port: Invalid value: 0"),
    ("{startupProbe: {httpGet: {}}}", "startupProbe.httpGet.port: Invalid value: 0"),
    ("{startupProbe: {httpGet: {port: 8080}}}", ""),
    ("{startupProbe: {httpGet: {port: 8080}, terminationGracePeriodSeconds: 3}}", "unknown field"),
]
RESOURCES = [
    ("{limits: {memory: lots}}", "quantities must match the regular expression"),
    ("{limits: {cpu: 0.5, memory: 1e3, ephemeral-storage: 1Gi}}", ""),
    ("{limits: {memory: 128mi}}", "quantities must match"),
    ("{requests: {memory: -1Mi}}", "must be greater than or equal to 0"),
    ("{requests: {foo: 1}}", "must be a standard resource for containers"),
    ("{requests: {cpu: 2}, limits: {cpu: 1500m}}", "less than or equal to cpu limit of 1500m"),
    ("{requests: {cpu: 1500m}, limits: {cpu: 1.5}}", ""),
    ("{requests: {example.com/fpga: 1}}", "Limit must be set for non overcommitable resources"),
    ("{requests: {example.com/fpga: 1}, limits: {example.com/fpga: 2}}", "must be equal to"),
    ("{limits: {example.com/fpga: 500m}}", "must be an integer"),
    ("{limits: {hugepages-2Mi: 2Mi}}", "HugePages require cpu or memory"),
    ("{claims: [{name: a}]}", 'unknown field "'),
]


@pytest.mark.parametrize(("text", "words"), [*CONTAINERS, *PROBES])
def test_a_container(text: str, words: str) -> None:
    check(said(service(text)), words)


@pytest.mark.parametrize(("text", "words"), RESOURCES)
def test_the_resources_of_a_container(text: str, words: str) -> None:
    check(said(service(f"{{resources: {text}}}")), words)


def check(answer: str, words: str) -> None:
    assert words in answer
    assert bool(words) == bool(answer), answer


PODS = [
    ("{nodeSelector: {a: b}}", f"must not set the field(s): {AT}.nodeSelector"),
    ("{hostNetwork: true}", f"{AT}.hostNetwork"),
    ("{hostNetwork: false, hostIPC: false, dnsPolicy: ''}", ""),
    ("{affinity: {}}", f"{AT}.affinity"),
    (
        "{tolerations: [{key: a}], priorityClassName: p}",
        f"{AT}.priorityClassName, {AT}.tolerations",
    ),
    ("{automountServiceAccountToken: true}", f"{AT}.automountServiceAccountToken"),
    ("{automountServiceAccountToken: false, enableServiceLinks: true}", ""),
    ("{serviceAccountName: Bad_one}", "invalid value: Bad_one"),
    ("{restartPolicy: Always}", 'unknown field "spec.template.spec.restartPolicy"'),
    ("{imagePullSecrets: [{name: a}, {name: a}]}", 'Duplicate value: {"name":"a"}'),
    ("{timeoutSeconds: -1}", "expected 0 <= -1 <= 600"),
    ("{timeoutSeconds: 1.5}", "cannot unmarshal number 1.5"),
    ("{containerConcurrency: -1}", "expected 0 <= -1 <= 1000"),
    ("{idleTimeoutSeconds: 9000}", ""),
    ("{containers: []}", f"missing field(s): {AT}.containers"),
    ("{containers: null}", f"{AT}.containers: Required value"),
    ("{containers: {}}", "cannot unmarshal object"),
]


@pytest.mark.parametrize(("text", "words"), PODS)
def test_a_pod(text: str, words: str) -> None:
    check(said(service(pod=text)), words)


# A volume named v, and how it is mounted.
MOUNTED = "{name: v, mountPath: /v}"
VOLUMES = [
    ("emptyDir: {medium: Memory, sizeLimit: 1Mi}", MOUNTED, ""),
    ("emptyDir: {medium: Tape}", MOUNTED, "invalid value: Tape"),
    ("emptyDir: {sizeLimit: -1}", MOUNTED, "emptyDir.sizeLimit"),
    ("emptyDir: null", MOUNTED, f"{ONE_OF} neither: {AT}.volumes[0].configMap"),
    ("emptyDir: {}, configMap: {name: c}", MOUNTED, f"{ONE_OF} both"),
    ("hostPath: {path: /}", MOUNTED, "HostPath volume support is disabled"),
    ("csi: {driver: d}", MOUNTED, "CSI volume support is disabled"),
    ("image: {reference: r}", MOUNTED, "Image volume support is disabled"),
    ("persistentVolumeClaim: {claimName: c}", MOUNTED, "found persistent volume claim c"),
    ("nfs: {server: s}", MOUNTED, 'unknown field "spec.template.spec.volumes[0].nfs"'),
    ("secret: {}", MOUNTED, "secret.secretName: Required value"),
    ("configMap: {}", MOUNTED, "configMap.name: Required value"),
    ("secret: {secretName: s, defaultMode: 1000}", MOUNTED, "between 0 and 0777"),
    ("secret: {secretName: s, items: [{key: k}]}", MOUNTED, "missing field(s)"),
    ("secret: {secretName: s, items: [{key: k, path: ../p}]}", MOUNTED, "must not contain '..'"),
    ("secret: {secretName: s, items: [{key: k, path: /p}]}", MOUNTED, "must be a relative path"),
    ("secret: {secretName: s, items: [{key: k, path: p, mode: 256}]}", MOUNTED, ""),
    ("projected: {sources: [{secret: {name: s}}, {configMap: {name: c}}]}", MOUNTED, ""),
    ("projected: {sources: [{}]}", MOUNTED, f"{ONE_OF} neither: {AT}.volumes[0].projected[0]"),
    ("projected: {sources: [{secret: {}}]}", MOUNTED, "projected[0].secret.name"),
    ("projected: {sources: [{serviceAccountToken: {audience: a}}]}", MOUNTED, "Token.path"),
    ("projected: {sources: [{downwardAPI: {items: [{path: p}]}}]}", MOUNTED, "fieldRef"),
    ("emptyDir: {}", "{name: w, mountPath: /v}", "volumeMount has no matching volume"),
    ("emptyDir: {}", "{name: v, mountPath: v}", "invalid value: v"),
    ("emptyDir: {}", "{name: v, mountPath: /}", 'mountPath "/" is a reserved path'),
    ("emptyDir: {}", "{name: v, mountPath: //dev/}", 'mountPath "/dev" is a reserved path'),
    ("emptyDir: {}", "{name: v}", "missing field(s)"),
    ("emptyDir: {}", "{name: v, mountPath: '/a:b'}", "must not contain ':'"),
    ("emptyDir: {}", "{name: v, mountPath: /v, subPath: ../x}", "must not contain '..'"),
    ("emptyDir: {}", "{name: v, mountPath: /v, subPath: x, readOnly: true}", ""),
    ("emptyDir: {}", "{name: v, mountPath: /v, mountPropagation: None}", "mountPropagation"),
    ("emptyDir: {}", "{name: v, mountPath: /v, subPathExpr: x}", "unknown field"),
    ("emptyDir: {}", f"{MOUNTED}, {MOUNTED}", 'Duplicate value: {"mountPath":"/v"}'),
    ("emptyDir: {}", MOUNTED + ", {name: v, mountPath: /v/}", '"/v/" must be unique'),
]  # fmt: skip


@pytest.mark.parametrize(("volume", "mounts", "words"), VOLUMES)
def test_a_volume_and_its_mounts(volume: str, mounts: str, words: str) -> None:
    pod = f"{{volumes: [{{name: v, {volume}}}]}}"
    check(said(service(f"{{volumeMounts: [{mounts}]}}", pod)), words)


def test_volumes_are_mounted_and_have_names_of_their_own() -> None:
    lone = "{volumes: [{name: v, emptyDir: {}}]}"
    assert 'volume with name "v" not mounted' in said(service(pod=lone))
    twice = "{volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]}"
    mounts = f"{{volumeMounts: [{MOUNTED}]}}"
    assert 'volumes[1]: Duplicate value: {"name":"v"}' in said(service(mounts, twice))
    odd = service(
        "{volumeMounts: [{name: V_, mountPath: /v}]}", "{volumes: [{name: V_, emptyDir: {}}]}"
    )
    assert "invalid value: V_" in said(odd)


TRAFFIC = [
    ("[{latestRevision: true, percent: 100}]", ""),
    ("[{revisionName: a-1, latestRevision: false, percent: 100}]", ""),
    ("[{percent: 100}]", ""),
    ("[{latestRevision: true}]", "Traffic targets sum to 0, want 100: spec.traffic"),
    ("[{revisionName: a-1, latestRevision: true, percent: 100}]",
     'may not set revisionName "a-1" when latestRevision is true: spec.traffic[0].latestRevision'),
    ("[{latestRevision: false, percent: 100}]", 'may not set revisionName "" when'),
    ("[{configurationName: a, percent: 100}]", "spec.traffic[0].configurationName"),
    ("[{url: 'http://a', percent: 100}]", "must not set the field(s): spec.traffic[0].url"),
    ("[{revisionName: 'a b', percent: 100}]", 'invalid key name "a b"'),
    ("[{percent: 150}, {percent: -50}]", "expected 0 <= -50 <= 100"),
    ("[{tag: t, percent: 50}, {tag: t, percent: 50}]", 'Multiple definitions for "t"'),
    ("[{tag: T, percent: 100}]", "not a DNS 1035 label"),
    ("[{weight: 100}]", 'unknown field "spec.traffic[0].weight"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), TRAFFIC)
def test_traffic(text: str, words: str) -> None:
    check(said(service(spec=thing("Service", f"spec: {{traffic: {text}}}")["spec"])), words)


NAMES = [
    ({"name": "a.b"}, "not a DNS 1035 label"),
    ({"name": "1a"}, "not a DNS 1035 label"),
    ({"name": "a" * 64}, "must be no more than 63 characters"),
    ({"name": "a_b"}, "422 Service.serving.knative.dev"),
    ({"labels": {"a": "b c"}}, "a valid label must be"),
    ({"labels": {"a": 1}}, "cannot be handled as a Service: json: cannot unmarshal number"),
    ({"labels": {"/a": "b"}}, "prefix part must be non-empty"),
    ({"annotations": {"a b": "c"}}, "metadata.annotations: Invalid value"),
    ({"annotations": {"a": "b" * (256 << 10)}}, "Too long"),
    ({"label": {}}, 'unknown field "metadata.label"'),
    ({"annotations": {"autoscaling.knative.dev/minScale": "1"}}, "must be put under"),
    ({"annotations": {"serving.knative.dev/rollout-duration": "soon"}}, "invalid value: soon"),
    ({"annotations": {"serving.knative.dev/rolloutDuration": "-5s"}}, "must be positive"),
    ({"annotations": {"serving.knative.dev/rollout-duration": "1m30s"}}, ""),
]


@pytest.mark.parametrize(("metadata", "words"), NAMES)
def test_metadata(metadata: dict[str, Any], words: str) -> None:
    check(said(service(metadata=metadata)), words)


def test_fields_that_are_not_known_stand_in_the_way_of_strict_validation_alone() -> None:
    asked = service("{lifecycle: {}, stdin: true}", "{hostname: h}")
    unknown = [f"{C}.lifecycle", f"{C}.stdin", f"{AT}.hostname"]
    listed = ", ".join(f'unknown field "{place}"' for place in unknown)
    head = '400 Service in version "v1" cannot be handled as a Service: strict decoding error: '
    assert said(asked) == head + listed
    assert said(asked, "Ignore") == said(asked, "Warn") == ""
    assert warned(asked, "Ignore") == []
    assert warned(asked) == [f'unknown field "{place}"' for place in unknown]


def test_a_field_that_stands_twice_is_told_before_those_that_are_not_known() -> None:
    asked, twice = service("{tty: true}"), [f"{C}.image"]
    words = f'duplicate field "{C}.image", unknown field "{C}.tty"'
    assert said(asked, repeated=twice).endswith(f"strict decoding error: {words}")
    assert warned(asked, repeated=twice) == words.split(", ")
    assert said(asked, "Ignore", repeated=twice) == ""


def test_a_patch_that_brings_unknown_fields_is_refused_in_its_own_words() -> None:
    words = said(service("{tty: true}"), patch='{"a":1}')
    assert words.startswith(
        '422  "" is invalid: patch: Invalid value: "{\\"a\\":1}": strict decoding'
    )


def test_a_template_that_keeps_its_name_does_not_change() -> None:
    def named(name: str, image: str) -> dict[str, Any]:
        template = {"metadata": {"name": name}}
        return service(f"{{image: {image}}}", spec={"template": template})

    words = said(named("a-1", "new:1"), before=named("a-1", "old:1"))
    assert "Saw the following changes without a name change (-old +new)" in words
    assert said(named("a-1", "new:1"), before=named("a-2", "old:1")) == ""
    assert said(named("a-1", "old:1"), before=named("a-1", "old:1")) == ""


def test_what_is_not_honoured_here_is_taken_with_a_warning() -> None:
    asked = service("{args: [a], readinessProbe: {grpc: {port: 1}}}", "{serviceAccountName: x}")
    told = [line.partition(" is not honoured here: ")[0] for line in warned(asked)]
    assert told == [f"{AT}.serviceAccountName", f"{C}.args", f"{C}.readinessProbe.grpc"]


def test_a_service_like_the_product_s_own_is_not_warned_of() -> None:
    security = "allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}"
    plain = service(
        f"{{securityContext: {{{security}, seccompProfile: {{type: RuntimeDefault}}}}}}"
    )
    assert warned(plain) == []
