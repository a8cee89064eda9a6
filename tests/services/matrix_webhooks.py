"""The lines of the permission matrix for webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinic_desk.models.webhooks import WebhookCall
from clinic_desk.services import safe, webhook_keys, webhook_renewal, webhooks
from clinic_desk.services.safe import Place

MATRIX = {
    "webhook.add": "y------",
    "webhook.pause": "y------",
    "webhook.remove": "y------",
    "webhook.renew": "y------",
    "webhook.resume": "y------",
    "webhook.retry": "y------",
    "webhook.test": "y------",
}

Step = Callable[[Any, str | None], Any]


def _add_webhook(scene: Any, actor: Any) -> Step:
    # The key stays in this process: nothing of a test lands in the safe of its computer.
    name = webhook_keys.name(scene.clinic.store, scene.clinic.organisation_id)
    safe.keep(name, webhook_keys.made(), Place.MEMORY)
    return lambda a, key: webhooks.add(
        a, url="https://example.org/", events=("patient.created",), request_id=key
    )


def _webhook(command: Any) -> Callable[[Any, Any], Step]:
    def made(scene: Any, actor: Any) -> Step:
        number = _add_webhook(scene, actor)(scene.chief, None).value.card.id
        if command is webhooks.resume:
            webhooks.pause(scene.chief, number)
        if command is webhooks.retry:
            webhooks.send_test(scene.chief, number)
            WebhookCall.update(state="failed").execute()
        return lambda a, key: command(a, number, request_id=key)

    return made


CASES: dict[str, Callable[[Any, Any], Step]] = {
    "webhook.add": _add_webhook,
    "webhook.pause": _webhook(webhooks.pause),
    "webhook.remove": _webhook(webhooks.remove),
    "webhook.renew": _webhook(webhook_renewal.renew),
    "webhook.resume": _webhook(webhooks.resume),
    "webhook.retry": _webhook(webhooks.retry),
    "webhook.test": _webhook(webhooks.send_test),
}
