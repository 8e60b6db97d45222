"""What a real Knative says to Brokers, Triggers and PingSources, and Kubernetes to config maps."""

import pytest

from tests.support.emulators.judging import said, thing, warned

URI = "subscriber: {uri: 'http://x.example/'}"
SINK = "sink: {uri: 'http://x.example/'}"
FILTERS = "expected exactly one, got"
TRIGGERS = [
    (URI, "missing field(s): spec.broker"),
    (f"brokerRef: {{kind: Broker, name: b}}, broker: b, {URI}", f"{FILTERS} both: spec.broker"),
    ("broker: b", "expected at least one, got none: spec.subscriber.ref, spec.subscriber.uri"),
    ("broker: b, subscriber: {uri: /x}", "Relative URI is not allowed"),
    ("broker: b, subscriber: {ref: {kind: Service, name: s}}", "spec.subscriber.ref.apiVersion"),
    ("broker: b, subscriber: {ref: {kind: S, name: s, apiVersion: v1}, uri: 'http://x'}",
     "Absolute URI is not allowed"),
    ("broker: b, subscriber: {ref: {kind: S, name: s, apiVersion: v1}, uri: /x}", ""),
    (f"broker: b, odd: 1, {URI}", 'cannot decode incoming new object: json: unknown field "odd"'),
    ("broker: b, subscriber: {uri: 'http://x', odd: 1}", 'unknown field "spec.subscriber.odd"'),
    (f"broker: 1, {URI}", "cannot unmarshal number"),
]  # fmt: skip
DIALECTS = [
    ("[{exact: {type: a}}, {prefix: {source: b}}, {suffix: {subject: c}}]", ""),
    ("[{exact: {type: a}, prefix: {type: a}}]", "multiple dialects found"),
    ("[{any: [{exact: {type: a}, suffix: {type: a}}]}]", "multiple dialects found"),
    ("[{not: {exact: {type: a}}, exact: {type: b}}]", "multiple dialects found"),
    ("[{all: [{any: [{not: {exact: {type: a}}}]}]}]", ""),
    ("[{exact: {}}]", ""),
    ("[{exact: {Type: a}}]", 'invalid key name "Type": spec.filters[0].exact[Type]'),
    ("[{all: [{exact: {a-b: a}}]}]", 'invalid key name "a-b": spec.filters[0].all[0].exact[a-b]'),
    ("{exact: {type: a}}", "cannot unmarshal object"),
    ("[{exact: {type: 1}}]", "cannot unmarshal number"),
    ("[{equals: {type: a}}]", 'unknown field "spec.filters[0].equals"'),
    ("[{not: {equals: {type: a}}}]", 'json: unknown field "equals"'),
]
DELIVERIES = [
    ("retry: 3, backoffPolicy: linear, backoffDelay: PT0.5S, timeout: PT5S", ""),
    ("backoffDelay: P1DT1H", ""),
    ("backoffDelay: PT", "invalid value: PT"),
    ("backoffDelay: 5", "cannot unmarshal number"),
    ("backoffPolicy: cubic", "invalid value: cubic: spec.delivery.backoffPolicy"),
    ("timeout: PT0S", "invalid value: PT0S: spec.delivery.timeout"),
    ("format: xml", "invalid value: xml: spec.delivery.format"),
    ("deadLetterSink: {}", "spec.delivery.deadLetterSink.ref"),
    ("retryAfterMax: PT1S", "must not set the field(s): spec.delivery.retryAfterMax"),
    ("retries: 3", 'json: unknown field "retries"'),
]
PINGS = [
    ("schedule: '* * * *'", "expected 5 to 6 fields, found 4: [* * * *]: spec.schedule"),
    ("schedule: '60 * * * *'", "end of range (60) above maximum (59): 60"),
    ("schedule: '*/0 * * * *'", "step of range should be a positive number"),
    ("schedule: '5-1 * * * *'", "beginning of range (5) beyond end of range (1)"),
    ("schedule: '0 0 * * 7'", "end of range (7) above maximum (6)"),
    ("schedule: '0 0 1 JAN sun'", ""),
    ("schedule: '*/10 * * * * *'", ""),
    ("schedule: '@hourly'", ""),
    ("schedule: '@every 5s'", "unsupported descriptor @every"),
    ("schedule: '@often'", "unrecognized descriptor: @often"),
    ("timezone: Mars/Olympus", "provided bad location Mars/Olympus"),
    ("timezone: Europe/Berlin", ""),
    ("dataBase64: '*'", "illegal base64 data: spec.dataBase64"),
    ("dataBase64: 'e30='", ""),
    ("data: 'no json', contentType: application/json", "spec.data"),
    ("data: '[1]', contentType: application/json", "spec.data"),
    ("data: 'no json', contentType: text/plain", ""),
    ("dataBase64: 'WzFd', contentType: application/json", "spec.dataBase64"),
    ("ceOverrides: {extensions: {a-b: c}}", "keys are expected to be alphanumeric"),
    ("ceOverrides: {extensions: {ab: c}}", ""),
    ("jsonData: '{}'", 'unknown field "spec.jsonData"'),
]  # fmt: skip


def check(answer: str, words: str) -> None:
    assert words in answer
    assert bool(words) == bool(answer), answer


@pytest.mark.parametrize(("text", "words"), TRIGGERS)
def test_a_trigger(text: str, words: str) -> None:
    check(said(thing("Trigger", f"spec: {{{text}}}")), words)


@pytest.mark.parametrize(("text", "words"), DIALECTS)
def test_filters(text: str, words: str) -> None:
    check(said(thing("Trigger", f"spec: {{broker: b, {URI}, filters: {text}}}")), words)


@pytest.mark.parametrize("kind", ["Trigger", "Broker"])
@pytest.mark.parametrize(("text", "words"), DELIVERIES)
def test_a_delivery(kind: str, text: str, words: str) -> None:
    more = f"broker: b, {URI}, " if kind == "Trigger" else ""
    check(said(thing(kind, f"spec: {{{more}delivery: {{{text}}}}}")), words)


@pytest.mark.parametrize(("text", "words"), PINGS)
def test_a_ping_source(text: str, words: str) -> None:
    check(said(thing("PingSource", f"spec: {{{SINK}, {text}}}")), words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spec: {}", ""),
        ("spec: {config: {kind: ConfigMap, name: c}}", "missing field(s): spec.config.apiVersion"),
        ("spec: {class: x}", 'unknown field "spec.class"'),
        ("metadata: {annotations: {eventing.knative.dev/broker.class: ''}}", "broker.class"),
    ],
)
def test_a_broker(text: str, words: str) -> None:
    check(said(thing("Broker", text)), words)


INJECTION = "eventing.knative.dev/injection"


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        (f"{{{INJECTION}: maybe}}", 'can only be "enabled" or "disabled", not "maybe"'),
        (f"{{{INJECTION}: enabled}}", "only used for default broker"),
        ("{knative.dev/dependency: '{'}", "was not a corev1.ObjectReference"),
        ('{knative.dev/dependency: \'{"kind": "K", "name": "n"}\'}', "dependency].apiVersion"),
    ],
)
def test_annotations_of_a_trigger(annotations: str, words: str) -> None:
    text = f"{{metadata: {{annotations: {annotations}}}, spec: {{broker: b, {URI}}}}}"
    check(said(thing("Trigger", text)), words)


def test_what_may_not_change() -> None:
    before = thing("Trigger", f"spec: {{broker: b, {URI}}}")
    after = thing("Trigger", f"spec: {{broker: c, {URI}}}")
    words = 'Immutable fields changed (-old +new): broker, spec\n{string}:\n\t-: "b"\n\t+: "c"'
    assert words in said(after, before=before)
    assert said(before, before=before) == ""

    plain = thing("Broker")
    kafka = thing("Broker", "metadata: {annotations: {eventing.knative.dev/broker.class: Kafka}}")
    assert "Immutable annotations changed" in said(kafka, before=plain)
    config = thing("Broker", "spec: {config: {apiVersion: v1, kind: ConfigMap, name: c}}")
    assert "Immutable fields changed" in said(config, before=plain)
    assert said(thing("Broker", "spec: {delivery: {retry: 3}}"), before=plain) == ""


def test_what_a_broker_is_made_of_elsewhere_is_told() -> None:
    kafka = thing("Broker", "metadata: {annotations: {eventing.knative.dev/broker.class: Kafka}}")
    [told] = warned(kafka)
    assert told.startswith("metadata.annotations.eventing.knative.dev/broker.class is not honoured")


def test_a_name_may_be_one_that_no_service_has() -> None:
    assert said(thing("Broker", "metadata: {name: 1.a}")) == ""
    assert said(thing("Broker", "metadata: {name: A}")).startswith("422 ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data: {a: b}", ""),
        ("date: {a: b}", '400 ConfigMap in version "v1" cannot be handled as a ConfigMap: strict'),
        ("data: {a: 1}", "cannot unmarshal number into Go struct field ConfigMap.data.a"),
        ("metadata: {labels: {a: 'b c'}}", '422 ConfigMap "a" is invalid: metadata.labels'),
    ],
)
def test_a_config_map(text: str, words: str) -> None:
    check(said(thing("ConfigMap", text)), words)
