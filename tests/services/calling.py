"""A clinic whose changes are told to another program."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clinic_desk.models.webhooks import WebhookCall
from clinic_desk.services import diary, webhook_delivery, webhook_keys, webhooks
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.webhook_delivery import CallRound
from clinic_desk.services.webhooks import NewWebhook, WebhookCard
from tests.builders import Clinic
from tests.webhook_receiver import Receiver


def added(actor: Actor, receiver: Receiver, *events: str, **more: Any) -> NewWebhook:
    """The receiver is told of these events, of all unless told."""
    fields: dict[str, Any] = {
        "url": receiver.url,
        "events": events or EVENTS,
        "inside": True,
    } | more
    return webhooks.add(actor, **fields).value


def book(actor: Actor, clinic: Clinic, hour: int = 10) -> Done[AppointmentCard]:
    """A visit as a person books it."""
    return diary.book(
        actor,
        span=clinic.span(hour),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )


def a_round(clinic: Clinic, at: datetime | None = None) -> CallRound:
    """One round of a sender with the key of this computer."""
    key = webhook_keys.known(clinic.store, clinic.organisation_id)
    now = at or datetime.now(UTC)
    return webhook_delivery.run_once(clinic.store, clinic.organisation_id, now, key=key)


def states(_clinic: Clinic) -> list[str]:
    """Of all calls, in their order."""
    return [row.state for row in WebhookCall.select().order_by(WebhookCall.id)]


def card(actor: Actor) -> WebhookCard:
    """The one webhook."""
    (found,) = webhooks.listed(actor)
    return found
