"""What a cluster says to an object: its stages in their order, each with its status and words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from emulators.gateway.errors import Inapplicable, Invalid
from emulators.gateway.specs.validation import here, metadata, names
from emulators.gateway.specs.validation.causes import Causes
from emulators.gateway.specs.validation.eventing import (
    brokers,
    channels,
    pings,
    sequences,
    subscriptions,
    triggers,
)
from emulators.gateway.specs.validation.faults import Faults
from emulators.gateway.specs.validation.schema import Reading
from emulators.gateway.specs.validation.serving import services
from emulators.gateway.specs.validation.shapes import SHAPES

Directive = Literal["Strict", "Warn", "Ignore"]
DIRECTIVES: tuple[Directive, ...] = ("Ignore", "Strict", "Warn")

Check = Callable[[Mapping[str, Any], Faults], None]
Change = Callable[[Mapping[str, Any], Mapping[str, Any], Faults], None]
Object = dict[str, Any]


class Kind(msgspec.Struct, frozen=True):
    """What is judged: the names of an object's kind."""

    kind: str
    plural: str
    group: str
    version: str

    @property
    def qualified(self) -> str:
        """The key of its shape."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def title(self) -> str:
        """As refusals name it."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


class Asked(msgspec.Struct, frozen=True):
    """What is asked for.

    Attributes:
        thing: The object, with the name of its address.
        before: The object that it changes; empty for a new one.
        directive: What becomes of fields that are not known or stand twice.
        repeated: The latter's places.
        patch: The patch that asks for it, if it is one.
        zero_scale: Whether revisions may begin with no replica.
    """

    thing: Object
    before: Object
    directive: Directive = "Warn"
    repeated: Sequence[str] = ()
    patch: str = ""
    zero_scale: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """An object that is taken.

    Attributes:
        thing: Without the fields that its kind does not have.
        warnings: What its sender should know, a line each.
    """

    thing: Object
    warnings: list[str]


class _Webhook(msgspec.Struct, frozen=True):
    """Knative's rules for a kind."""

    host: str
    check: Check
    change: Change | None = None
    pod: Callable[[Mapping[str, Any], Causes], None] | None = None
    fill_in: Callable[[Object], None] | None = None


_EVENTING = "webhook.eventing.knative.dev"
_WEBHOOKS = {
    "Service": _Webhook(
        "webhook.serving.knative.dev", services.check, services.check_change, services.check_pod
    ),
    "Broker": _Webhook(_EVENTING, brokers.check, brokers.check_change),
    "Trigger": _Webhook(_EVENTING, triggers.check, triggers.check_change),
    "PingSource": _Webhook(_EVENTING, pings.check, fill_in=pings.fill_in),
    "Channel": _Webhook(_EVENTING, channels.check, channels.check_change, fill_in=channels.fill_in),
    "InMemoryChannel": _Webhook(
        "inmemorychannel.eventing.knative.dev",
        channels.check_in_memory,
        fill_in=channels.fill_in_version,
    ),
    "Subscription": _Webhook(_EVENTING, subscriptions.check, subscriptions.check_change),
    "Sequence": _Webhook(_EVENTING, sequences.check, fill_in=channels.fill_in_template),
}


def judge(kind: Kind, asked: Asked) -> Verdict:
    """Return what is taken of an object.

    Raises:
        Invalid: When it cannot be read, or a webhook denies it.
        Inapplicable: When it breaks the rules for objects, or its schema's.
    """
    reading = Reading(kind.kind)
    thing = reading.read(SHAPES[kind.qualified], asked.thing)
    warnings = _decode(kind, asked, reading)
    _check_object(kind, thing, reading)
    webhook = _WEBHOOKS.get(kind.kind)
    if webhook is None:
        return Verdict(thing, warnings)
    if webhook.fill_in is not None:
        webhook.fill_in(thing)
    warnings += _ask(kind, webhook, thing, asked)
    if why := here.refused(kind.kind, thing):
        raise Invalid(why)
    return Verdict(thing, warnings + here.warned(kind.kind, thing))


def directive_of(text: str) -> Directive:
    """Return what ``fieldValidation`` of a query asks for.

    Raises:
        Inapplicable: For another word than the three that there are.
    """
    if not text:
        return "Warn"
    for known in DIRECTIVES:
        if text == known:
            return known
    causes = Causes()
    causes.unsupported("fieldValidation", text, list(DIRECTIVES))
    raise Inapplicable(f'CreateOptions.meta.k8s.io "" is invalid: {causes.text}')


def _decode(kind: Kind, asked: Asked, reading: Reading) -> list[str]:
    """Refuse what cannot be read, or return what was read past."""
    named = [f'duplicate field "{place}"' for place in asked.repeated]
    named += [f'unknown field "{place}"' for place in sorted(reading.unknown)]
    unreadable = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: '
    if named and asked.directive == "Strict":
        told = f"strict decoding error: {', '.join(named)}"
        raise _bad_patch(asked.patch, told) if asked.patch else Invalid(unreadable + told)
    webhook = _WEBHOOKS.get(kind.kind)
    for misfit in reading.misfits:
        if webhook is None or f"{kind.kind}.metadata" in misfit:
            raise Invalid(unreadable + misfit)
        raise _denied(webhook.host, f"mutation failed: cannot decode incoming new object: {misfit}")
    if reading.foreign:
        assert webhook is not None
        told = f'json: unknown field "{reading.foreign[0]}"'
        raise _denied(webhook.host, f"mutation failed: cannot decode incoming new object: {told}")
    return named if asked.directive == "Warn" else []


def _bad_patch(patch: str, why: str) -> Inapplicable:
    causes = Causes()
    causes.invalid("patch", patch, why)
    return Inapplicable(f' "" is invalid: {causes.text}', about={"causes": causes.found})


def _check_object(kind: Kind, thing: Object, reading: Reading) -> None:
    causes, about = Causes(), thing.get("metadata", {})
    rule = names.label if kind.kind == "Namespace" else names.subdomain
    metadata.check(about, causes, rule)
    template = thing.get("spec", {}).get("template", {}).get("spec", {})
    if kind.kind == "Service" and "containers" not in template:
        causes.required("spec.template.spec.containers")
    for place, value in reading.repeated:
        causes.duplicate(place, value)
    if causes.found:
        name = about.get("name", "")
        details = {"name": name, "group": kind.group, "kind": kind.kind, "causes": causes.found}
        raise Inapplicable(f'{kind.title} "{name}" is invalid: {causes.text}', about=details)


def _ask(kind: Kind, webhook: _Webhook, thing: Object, asked: Asked) -> list[str]:
    """Let Knative's rules look at an object; return what they point out."""
    faults, causes = Faults(), Causes()
    webhook.check(thing, faults)
    if not asked.zero_scale:
        services.check_first_scale(thing, faults)
    if asked.before and webhook.change is not None:
        webhook.change(thing, Reading("").read(SHAPES[kind.qualified], asked.before), faults)
    host = f"validation.{webhook.host}"
    if faults.text:
        raise _denied(host, f"validation failed: {faults.text}")
    if webhook.pod is not None:
        webhook.pod(thing, causes)
    if causes.found:
        told = f'dry run failed with Pod "dry-run-validation" is invalid: {causes.text}'
        raise _denied(host, f"validation callback failed: {told}: spec.template")
    return faults.warnings


def _denied(host: str, why: str) -> Invalid:
    return Invalid(f'admission webhook "{host}" denied the request: {why}')
