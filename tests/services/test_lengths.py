"""No text is without an end: what is too long is refused by the name of its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary, events, lengths, mail_settings, requests
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Override
from clinic_desk.services.mail_settings import MailSettings
from tests.builders import Clinic
from tests.services.test_diary import book, booked

Try = Callable[[Clinic, Actor, str], Any]


def _visit(clinic: Clinic, actor: Actor, text: str, **more: Any) -> int:
    """A visit; where it stands differs for the text that fits and the one that does not."""
    number: int = booked(clinic, actor, clinic.span(10 + len(text) % 2), **more).id
    return number


def _change(clinic: Clinic, actor: Actor, text: str) -> Any:
    return diary.change(actor, _visit(clinic, actor, text), version=1, notes=text)


def _cancel(clinic: Clinic, actor: Actor, text: str) -> Any:
    number = _visit(clinic, actor, text)
    return diary.set_status(actor, number, Status.CANCELLED, version=1, reason=text)


def _decline(clinic: Clinic, actor: Actor, text: str) -> Any:
    number = _visit(clinic, actor, text, status=Status.REQUESTED)
    return requests.decline(actor, number, version=1, reason=text)


def _meet(clinic: Clinic, actor: Actor, text: str) -> Any:
    return events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title=text)


def _mail(clinic: Clinic, actor: Actor, text: str) -> Any:
    return mail_settings.save(actor, replace(MailSettings(), sender_name=text))


FIELDS: dict[str, tuple[str, int, Try]] = {
    "the main problem": (
        "main_problem", lengths.PROBLEM, lambda c, a, t: book(c, a, main_problem=t),
    ),
    "the notes of a booking": ("notes", lengths.NOTES, lambda c, a, t: book(c, a, notes=t)),
    "the notes of a change": ("notes", lengths.NOTES, _change),
    "why a visit was cancelled": ("reason", lengths.REASON, _cancel),
    "why a request was declined": ("reason", lengths.REASON, _decline),
    "why an exception was made": (
        "reason", lengths.REASON,
        lambda c, a, t: book(c, a, c.span(19), override=Override(t)),
    ),
    "the title of an event": ("title", lengths.TITLE, _meet),
    "the name of who sends mails": ("sender_name", lengths.ADDRESS, _mail),
}  # fmt: skip


@pytest.mark.parametrize("what", FIELDS)
def test_what_is_too_long_is_refused_and_what_just_fits_is_kept(
    clinic: Clinic, actor: Actor, what: str
) -> None:
    field, longest, attempt = FIELDS[what]

    with pytest.raises(Invalid) as refusal:
        attempt(clinic, actor, "x" * (longest + 1))
    assert refusal.value.field == field
    assert str(longest) in str(refusal.value).replace(",", "")

    attempt(clinic, actor, "x" * longest)
