"""Who may do what about mails: lines and cases for the written table of all commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinic_desk.services import mail_settings, outbox, reminders, templates
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.letter_texts import Kind
from tests.services.mailing import SETTINGS, a_visit, booked, lines, sends_mails

Step = Callable[[Actor, str], Done[Any]]

MATRIX = {
    "mail.settings": "yy-----",
    "outbox.retry": "yyyyyy-",
    "outbox.withdraw": "yyyyyy-",
    "reminder.write": "yyyyyy-",
    "template.put": "yy-----",
    "template.reset": "yy-----",
}


def _a_line(scene: Any) -> int:
    sends_mails(scene.chief)
    booked(scene.chief, a_visit(scene.clinic))
    return int(lines()[0].id)


def _settings(scene: Any, actor: Actor) -> Step:
    return lambda a, key: mail_settings.save(a, SETTINGS, request_id=key)


def _withdraw(scene: Any, actor: Actor) -> Step:
    number = _a_line(scene)
    return lambda a, key: outbox.withdraw(a, [number], request_id=key)


def _retry(scene: Any, actor: Actor) -> Step:
    number = _a_line(scene)
    outbox.withdraw(scene.chief, [number])
    return lambda a, key: outbox.retry(a, [number], request_id=key)


def _remind(scene: Any, actor: Actor) -> Step:
    a_visit(scene.clinic)
    store, number = scene.clinic.store, scene.clinic.organisation_id
    due = reminders.due(store, number, SETTINGS, scene.clinic.at(2))
    return lambda a, key: reminders.write(a, due, request_id=key)


def _put(scene: Any, actor: Actor) -> Step:
    return lambda a, key: templates.put(
        a, Kind.MOVED, "en", subject="A", body="{day}", version=0, request_id=key
    )


def _reset(scene: Any, actor: Actor) -> Step:
    templates.put(scene.chief, Kind.MOVED, "en", subject="A", body="{day}", version=0)
    return lambda a, key: templates.reset(a, Kind.MOVED, "en", version=1, request_id=key)


CASES = {
    "mail.settings": _settings,
    "outbox.retry": _retry,
    "outbox.withdraw": _withdraw,
    "reminder.write": _remind,
    "template.put": _put,
    "template.reset": _reset,
}
