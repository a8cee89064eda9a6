"""The clinic itself: what may be changed about it, and what hangs on that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotAllowed, Refused, Stale
from clinic_desk.services import clinic_settings, contacts, journal, patient_files, payments
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import catalogue
from clinic_desk.services.clinic_settings import ClinicDraft, change
from clinic_desk.services.impact import WouldBreak
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

NEW = ClinicDraft("Hill Clinic", "DE", "Europe/Berlin", 20, overbooking=False, most_megabytes=40)


def test_all_of_it_is_changed_at_once_and_holds_at_once(clinic: Clinic, actor: Actor) -> None:
    before = clinic_settings.get(actor)
    assert before.draft == ClinicDraft("Test Clinic", "AT", "Europe/Vienna", 15, True, 25)
    done = change(actor, before, NEW)
    assert done.value == clinic_settings.get(actor) and done.value.draft == NEW
    known = catalogue(actor).organisation
    assert (known.name, known.country, known.time_zone) == ("Hill Clinic", "DE", "Europe/Berlin")
    assert (known.step_minutes, known.overbooking) == (20, False)
    assert patient_files.most_bytes(actor) == 40 * 1024 * 1024
    again = change(actor, done.value, replace(NEW, most_megabytes=50, country="JP"))
    assert again.value.draft.most_megabytes == 50
    catalogue(actor)
    assert payments.currency_of(actor) == ("JPY", 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "), ("country", "ZZ"), ("country", ""), ("time_zone", "Mars/Base"),
        ("step_minutes", 7), ("most_megabytes", 0), ("most_megabytes", 501),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(
    clinic: Clinic, actor: Actor, field: str, value: Any
) -> None:
    before = clinic_settings.get(actor)
    with pytest.raises(Invalid) as wrong:
        change(actor, before, replace(before.draft, **{field: value}))
    assert wrong.value.field == field
    assert clinic_settings.get(actor) == before


def test_what_an_older_program_wrote_may_stay_as_it_is(clinic: Clinic, actor: Actor) -> None:
    clinic.store.rows("UPDATE organisation SET country = 'XX', step_minutes = 12 RETURNING id")
    before = clinic_settings.get(actor)
    assert change(actor, before, replace(before.draft, name="Mine")).value.draft.step_minutes == 12


def test_whoever_saves_over_what_they_have_not_seen_is_told(clinic: Clinic, actor: Actor) -> None:
    before = clinic_settings.get(actor)
    for other in (replace(before.draft, name="First"), replace(before.draft, most_megabytes=9)):
        seen = clinic_settings.get(actor)
        change(actor, seen, other)
        with pytest.raises(Stale) as stale:
            change(actor, seen, NEW)
        assert stale.value.theirs == clinic_settings.get(actor)


def test_it_takes_the_permission_for_the_settings(clinic: Clinic, actor: Actor) -> None:
    before = clinic_settings.get(actor)
    nobody = builders.an_actor(clinic, frozenset({"Location Update All"}))
    with pytest.raises(NotAllowed):
        clinic_settings.get(nobody)
    with pytest.raises(NotAllowed):
        change(nobody, before, NEW)


def test_visits_without_a_location_go_by_the_zone_and_are_asked_about(
    clinic: Clinic, actor: Actor
) -> None:
    """A location keeps its own clock. Five in the afternoon is the next day in Tokyo."""
    builders.an_appointment(clinic)
    builders.an_appointment(clinic, clinic.span(9), location_id=None)
    nowhere = builders.an_appointment(clinic, clinic.span(17), location_id=None)
    before = clinic_settings.get(actor)
    wish = replace(before.draft, time_zone="Asia/Tokyo")
    with pytest.raises(WouldBreak) as refusal:
        change(actor, before, wish)
    assert refusal.value.impact.ids == {nowhere}
    assert clinic_settings.get(actor) == before
    done = change(actor, before, wish, accept=frozenset({nowhere}))
    journal.undo(actor, done.seq)
    assert clinic_settings.get(actor).draft == before.draft


def test_going_back_is_refused_where_it_would_put_visits_out_of_place(
    clinic: Clinic, actor: Actor
) -> None:
    before = clinic_settings.get(actor)
    there = change(actor, before, replace(before.draft, time_zone="Asia/Tokyo")).value
    done = change(actor, there, before.draft)
    builders.an_appointment(clinic, clinic.span(17), location_id=None)
    with pytest.raises(Refused, match="no longer fit"):
        journal.undo(actor, done.seq)


def test_numbers_that_say_no_country_are_read_anew_as_the_new_country_dials(
    clinic: Clinic, actor: Actor
) -> None:
    old = [
        builders.a_patient(clinic, phone="0512 123456", phone_key="+43512123456")
        for _n in range(contacts.AT_ONCE + 1)
    ]
    abroad = builders.a_patient(clinic, phone="+39 06 1234567", phone_key="+39061234567")
    before = clinic_settings.get(actor)
    done = change(actor, before, replace(before.draft, country="DE"))
    assert list(contacts.renew_keys(actor)) == [contacts.AT_ONCE, len(old)]
    keys = dict(clinic.store.rows("SELECT id, phone_key FROM patient"))
    assert {keys[number] for number in old} == {"+49512123456"}
    assert keys[abroad] == "+39061234567"
    with pytest.raises(Refused, match="read anew"):
        journal.undo(actor, done.seq)
    Patient.delete().where(Patient.id.in_(old)).execute()
    journal.undo(actor, done.seq)
    assert catalogue(actor).organisation.country == "AT"


def test_looking_takes_two_questions_and_reading_anew_stops_when_told(
    clinic: Clinic, actor: Actor
) -> None:
    builders.a_patient(clinic, phone="0512 123456")
    clinic_settings.get(actor)
    with statements(clinic.store) as asked:
        clinic_settings.get(actor)
    assert len(asked) == 2
    assert list(contacts.renew_keys(actor, lambda: True)) == []


def test_the_way_out_of_a_document_that_is_too_large_is_there(
    clinic: Clinic, actor: Actor, tmp_path: Any
) -> None:
    before = clinic_settings.get(actor)
    small = change(actor, before, replace(before.draft, most_megabytes=1)).value
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.4" + bytes(1024 * 1024 + 1))
    with pytest.raises(Refused, match="larger than"):
        patient_files.add(actor, clinic.patient_id, path)
    change(actor, small, replace(small.draft, most_megabytes=2))
    assert patient_files.add(actor, clinic.patient_id, path).value.size > 1024 * 1024
