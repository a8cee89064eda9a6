"""Whoever books goes by the clinic as it is now, not as their desk has it in mind: another
process changed hours or a type a moment ago, and nothing told this one yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted
from clinic_desk.rules.hours import Weekly
from clinic_desk.services import clinic_hours, clinic_types, diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import TypeCard
from clinic_desk.services.catalogue import catalogue
from clinic_desk.services.clinic_cards import TypeDraft
from clinic_desk.services.store import open_store
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import booked, kinds


@pytest.fixture
def elsewhere(actor: Actor, database_url: str) -> Iterator[Actor]:
    """The same somebody in another process; this one has the clinic in mind."""
    catalogue(actor)
    store = open_store(database_url)
    yield replace(actor, store=store)
    store.close()


def works(elsewhere: Actor, clinic: Clinic, first: int, last: int) -> None:
    """The provider works from and to these hours, on Tuesdays."""
    before = catalogue(elsewhere).work_hours[clinic.provider_id]
    weekly = (Weekly(1, first * 60, last * 60, location_id=clinic.location_id),)
    clinic_hours.set_week(elsewhere, clinic.provider_id, before=before, weekly=weekly)


def takes(elsewhere: Actor, clinic: Clinic, *, after_minutes: int) -> TypeCard:
    """The type has this buffer from now on."""
    before = catalogue(elsewhere).types[clinic.type_id]
    draft = TypeDraft(
        name=before.name, code=before.code, minutes=before.minutes, after_minutes=after_minutes
    )
    return clinic_types.change(elsewhere, before, draft).value


def test_a_time_that_was_opened_elsewhere_is_given(
    clinic: Clinic, actor: Actor, elsewhere: Actor
) -> None:
    works(elsewhere, clinic, 6, 22)

    assert booked(clinic, actor, clinic.span(7)).span == clinic.span(7)


def test_a_time_that_was_closed_elsewhere_is_not_given(
    clinic: Clinic, actor: Actor, elsewhere: Actor
) -> None:
    works(elsewhere, clinic, 12, 16)

    with pytest.raises(Conflicted):
        booked(clinic, actor, clinic.span(10))


def test_buffers_that_were_made_shorter_elsewhere_stand_in_nobodys_way(
    clinic: Clinic, actor: Actor, elsewhere: Actor
) -> None:
    somebody = builders.a_patient(clinic)
    builders.an_appointment(clinic, clinic.span(10, 30))
    takes(elsewhere, clinic, after_minutes=30)
    assert catalogue(actor).types[clinic.type_id].after_minutes == 30
    takes(elsewhere, clinic, after_minutes=0)

    made = booked(clinic, actor, clinic.span(10), patient_id=somebody)

    assert made.after_minutes == 0


def test_buffers_that_were_made_longer_elsewhere_are_kept_free(
    clinic: Clinic, actor: Actor, elsewhere: Actor
) -> None:
    somebody = builders.a_patient(clinic)
    builders.an_appointment(clinic, clinic.span(10, 30))
    assert catalogue(actor).types[clinic.type_id].after_minutes == 0
    takes(elsewhere, clinic, after_minutes=30)

    with pytest.raises(Conflicted) as refusal:
        booked(clinic, actor, clinic.span(10), patient_id=somebody)

    assert Kind.PROVIDER in kinds(refusal)


def test_a_buffer_that_was_given_elsewhere_is_written_down(
    clinic: Clinic, actor: Actor, elsewhere: Actor
) -> None:
    assert catalogue(actor).types[clinic.type_id].after_minutes == 0
    takes(elsewhere, clinic, after_minutes=30)

    assert booked(clinic, actor, clinic.span(13)).after_minutes == 30


def test_a_visit_of_another_type_comes_with_the_buffers_that_it_has_by_now(
    clinic: Clinic, actor: Actor, elsewhere: Actor
) -> None:
    other = builders.a_type(clinic, name="Cleaning", code="CLN")
    made = booked(clinic, actor, clinic.span(13), type_id=other)
    assert catalogue(actor).types[clinic.type_id].after_minutes == 0
    takes(elsewhere, clinic, after_minutes=30)

    changed = diary.change(actor, made.id, version=made.version, type_id=clinic.type_id).value

    assert changed.after_minutes == 30
