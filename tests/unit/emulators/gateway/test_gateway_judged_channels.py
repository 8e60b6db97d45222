"""What a real Knative says to Channels, Subscriptions and Sequences, and what is read of them."""

import json
from typing import Any

import pytest

from emulators.gateway.errors import Invalid
from emulators.gateway.specs.messaging import (
    parse_channel,
    parse_in_memory_channel,
    parse_sequence,
    parse_subscription,
)
from tests.support.emulators.judging import said, thing, warned

CHANNEL = "channel: {apiVersion: messaging.knative.dev/v1, kind: Channel, name: c}"
URI = "subscriber: {uri: 'http://x.example/'}"
KAFKA = "{apiVersion: messaging.knative.dev/v1beta1, kind: KafkaChannel}"


def check(answer: str, words: str) -> None:
    assert words in answer
    assert bool(words) == bool(answer), answer


@pytest.mark.parametrize("kind", ["Channel", "InMemoryChannel"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", ""),
        ("delivery: {retry: 3}", ""),
        ("delivery: {backoffPolicy: cubic}", "invalid value: cubic: spec.delivery.backoffPolicy"),
        ("odd: 1", 'unknown field "spec.odd"'),
    ],
)
def test_a_channel(kind: str, text: str, words: str) -> None:
    text = text if text == "{}" else f"{{{text}}}"
    check(said(thing(kind, f"spec: {text}")), words)
    scope = thing(kind, "metadata: {annotations: {eventing.knative.dev/scope: odd}}")
    check(said(scope), "expected either" if kind == "InMemoryChannel" else "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{CHANNEL}, {URI}", ""),
        (f"{CHANNEL}, {URI}, reply: {{}}", ""),
        (URI, "missing field(s): spec.channel\nthe Subscription must reference a channel"),
        (CHANNEL, "missing field(s): spec.subscriber"),
        (f"channel: {{kind: Channel, name: c}}, {URI}", "spec.channel.apiVersion"),
        (f"{CHANNEL[:-1]}, namespace: n}}, {URI}", "spec.channel.namespace"),
        (f"{CHANNEL}, {URI}, reply: {{uri: /x}}", "Relative URI is not allowed"),
        (f"{CHANNEL}, {URI}, delivery: {{retries: 3}}", 'json: unknown field "retries"'),
    ],
)  # fmt: skip
def test_a_subscription(text: str, words: str) -> None:
    check(said(thing("Subscription", f"spec: {{{text}}}")), words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: [{uri: 'http://x'}]", ""),
        ("steps: []", "missing field(s): spec.steps"),
        ("steps: [{uri: /x}]", "Relative URI is not allowed"),
        ("steps: [{uri: 'http://x', delivery: {format: xml}}]", "spec.steps[0].delivery.format"),
        ("steps: [{uri: 'http://x'}], channelTemplate: {kind: K}", "channelTemplate.apiVersion"),
        ("steps: [{uri: 'http://x'}], reply: {}", "spec.reply.ref, spec.reply.uri"),
    ],
)
def test_a_sequence(text: str, words: str) -> None:
    check(said(thing("Sequence", f"spec: {{{text}}}")), words)


def test_what_may_not_change() -> None:
    before = thing("Subscription", f"spec: {{{CHANNEL}, {URI}}}")
    other = thing("Subscription", f"spec: {{{CHANNEL.replace('name: c', 'name: d')}, {URI}}}")
    assert "Immutable fields changed (-old +new): spec" in said(other, before=before)
    answered = thing("Subscription", f"spec: {{{CHANNEL}, {URI}, reply: {{uri: 'http://y'}}}}")
    assert said(answered, before=before) == ""
    template = "channelTemplate: {apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel}"
    plain = thing("Channel", f"spec: {{{template}}}")
    assert said(thing("Channel"), before=plain) == ""
    changed = thing("Channel", "spec: {delivery: {retry: 1}}")
    assert "Immutable fields changed (-old +new): spec" in said(changed, before=plain)


def test_channels_of_another_kind_are_told() -> None:
    for kind, more in (("Channel", ""), ("Sequence", ", steps: [{uri: 'http://x'}]")):
        [told] = warned(thing(kind, f"spec: {{channelTemplate: {KAFKA}{more}}}"))
        assert told == (
            "spec.channelTemplate is not honoured here: every channel is the gateway's own"
        )


def written(kind: str, text: str, name: str = "a") -> bytes:
    found: dict[str, Any] = thing(kind, text)
    found["metadata"]["name"] = name
    return json.dumps(found).encode()


def test_what_cannot_be_here_is_refused_by_name() -> None:
    for parse, kind in ((parse_channel, "Channel"), (parse_in_memory_channel, "InMemoryChannel")):
        assert parse(written(kind, "spec: {}", "x" * 52), "default").delivery is None
        with pytest.raises(Invalid, match="whose host is too long"):
            parse(written(kind, "spec: {}", "x" * 53), "default")
    with pytest.raises(Invalid, match="whose host is too long"):
        parse_sequence(
            written("Sequence", "spec: {steps: [{uri: 'http://x'}]}", "x" * 40), "default"
        )
    kafka = f"spec: {{channel: {KAFKA[:-1]}, name: c}}, {URI}}}"
    with pytest.raises(Invalid, match="KafkaChannel is no kind of channel here"):
        parse_subscription(written("Subscription", kafka), "default")
    ref = "{ref: {apiVersion: messaging.knative.dev/v1, kind: Channel, name: c}, uri: /x}"
    text = f"spec: {{{CHANNEL}, subscriber: {ref}}}"
    with pytest.raises(Invalid, match="no place in a channel"):
        parse_subscription(written("Subscription", text), "default")
