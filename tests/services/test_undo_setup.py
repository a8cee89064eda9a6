"""Taking back what concerns the clinic's set-up, its people and its papers: what is asked again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_desk.models.people import CareTeam, Role, Setting, User
from clinic_desk.rules.errors import NotAllowed, Refused
from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import clinic as set_up
from clinic_desk.services import (
    clinic_hours,
    clinic_providers,
    clinic_types,
    journal,
    patient_merge,
    patient_notes,
    patients,
    payments,
    roles_book,
    service_codes,
    settings,
    staff,
    undo_kinds,
)
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import catalogue
from clinic_desk.services.clinic_cards import (
    CodeDraft,
    LocationDraft,
    OperatoryDraft,
    ProviderDraft,
    TypeDraft,
)
from clinic_desk.services.feed import Feed
from clinic_desk.services.staff_cards import StaffDraft
from clinic_desk.services.store import Store, open_store
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.test_diary import booked
from tests.services.test_undo_more import grant

NORTH = LocationDraft("North", time_zone="Europe/Vienna")
DAY = TUESDAY + timedelta(days=7)


def colleague(clinic: Clinic, *missing: str) -> Actor:
    """Somebody else, who may do all but what is missing."""
    return builders.an_actor(clinic, frozenset(ALL) - set(missing))


# What refers, and what is named -----------------------------------------------------------------


def test_the_list_of_references_is_that_of_the_database(store: Store) -> None:
    """Whoever adds a reference to something that can be taken away adds it here too."""
    if store.dialect == "sqlite":
        names = [n for (n,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            (key[2], name, key[3])
            for name in names
            for key in store.rows(f"PRAGMA foreign_key_list({name})")
        }
    else:
        found = set(
            store.rows(
                "SELECT f.relname, t.relname, a.attname FROM pg_constraint c"
                " JOIN pg_class f ON f.oid = c.confrelid JOIN pg_class t ON t.oid = c.conrelid"
                " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
                " WHERE c.contype = 'f'"
            )
        )
    goes = {k for k, v in undo_kinds.KINDS.items() if v.gone is undo_kinds.Gone.DELETED}
    database = {(kind, table, column) for kind, table, column in found if kind in goes}
    ours = {(k, *pair) for k, pairs in undo_kinds.REFERENCES.items() for pair in pairs}

    assert {f for f in database if f[2] != "organisation_id"} <= ours


def test_a_location_that_is_used_by_now_stays(clinic: Clinic, actor: Actor) -> None:
    added = set_up.add_location(actor, NORTH)
    room = set_up.add_operatory(actor, OperatoryDraft("Room 9", added.value.card.id))

    with pytest.raises(Refused, match="in use by now") as refusal:
        journal.undo(actor, added.seq)
    assert "inactive" in refusal.value.way_out

    journal.undo(actor, room.seq)
    journal.undo(actor, added.seq)
    assert added.value.card.id not in catalogue(actor).locations


def test_a_type_that_was_booked_by_now_stays(clinic: Clinic, actor: Actor) -> None:
    added = clinic_types.add(actor, TypeDraft("Cleaning"))
    booked(clinic, actor, type_id=added.value.id)

    with pytest.raises(Refused, match="in use by now"):
        journal.undo(actor, added.seq)


def test_what_is_named_must_still_be_there(clinic: Clinic, actor: Actor) -> None:
    skill = clinic_providers.add_qualification(actor, "Surgery")
    file = clinic_providers.provider(actor, clinic.provider_id)
    draft = ProviderDraft("Weiss", qualification_ids=frozenset({skill.value}))
    learned = clinic_providers.change(actor, file, draft)
    forgot = journal.undo(actor, learned.seq)
    journal.undo(actor, skill.seq)

    with pytest.raises(Refused, match="does not exist any more"):
        journal.undo(actor, forgot.seq)


def test_a_name_that_somebody_took_is_not_taken_back(clinic: Clinic, actor: Actor) -> None:
    before = service_codes.add_code(actor, CodeDraft("A1", "Exam")).value
    changed = service_codes.change_code(actor, before, CodeDraft("A2", "Exam"))
    service_codes.add_code(actor, CodeDraft("a1", "Another"))

    with pytest.raises(Refused, match="the name of something else"):
        journal.undo(actor, changed.seq)


def test_the_last_location_in_use_stays_in_use(clinic: Clinic, actor: Actor) -> None:
    first = set_up.location(actor, clinic.location_id)
    added = set_up.add_location(actor, NORTH)
    draft = LocationDraft(
        first.card.name, time_zone=clinic.time_zone, hours=first.hours, active=False
    )
    set_up.change_location(actor, first, draft)

    with pytest.raises(Refused, match="only location in use"):
        journal.undo(actor, added.seq)


# Hours ---------------------------------------------------------------------------------------


def test_an_undo_that_would_unplace_visits_is_refused(clinic: Clinic, actor: Actor) -> None:
    before = clinic_providers.provider(actor, clinic.provider_id).weekly
    longer = tuple(replace(w, ends_minute=20 * 60) for w in before)
    widened = clinic_hours.set_week(actor, clinic.provider_id, before=before, weekly=longer)
    catalogue(actor)  # as a desk hears of it
    booked(clinic, actor, clinic.span(19))

    with pytest.raises(Refused, match="no longer fit: 1") as refusal:
        journal.undo(actor, widened.seq)

    assert "by hand" in refusal.value.way_out
    assert clinic_providers.provider(actor, clinic.provider_id).weekly == longer


def test_an_undone_closed_day_would_not_break_but_its_redo_would(
    clinic: Clinic, actor: Actor
) -> None:
    file = set_up.location(actor, clinic.location_id)
    draft = LocationDraft(
        file.card.name,
        time_zone=clinic.time_zone,
        hours=file.hours,
        closed=((TUESDAY, "Holiday"),),
    )
    closed = set_up.change_location(actor, file, draft)
    opened = journal.undo(actor, closed.seq)
    catalogue(actor)
    booked(clinic, actor)

    with pytest.raises(Refused, match="no longer fit: 1"):
        journal.undo(actor, opened.seq)


def test_hours_that_were_entered_since_are_not_doubled(clinic: Clinic, actor: Actor) -> None:
    number = clinic.provider_id
    week = clinic_providers.provider(actor, number).weekly
    emptied = clinic_hours.set_week(actor, number, before=week, weekly=week[1:])
    other = Weekly(week[0].weekday, 9 * 60, 10 * 60, location_id=clinic.location_id)
    clinic_hours.set_week(actor, number, before=week[1:], weekly=(*week[1:], other))

    with pytest.raises(Refused, match="hours were changed again"):
        journal.undo(actor, emptied.seq)


def test_a_day_that_was_entered_since_is_not_doubled(clinic: Clinic, actor: Actor) -> None:
    number, here = clinic.provider_id, clinic.location_id
    short = (OneDay(DAY, 540, 720, here),)
    first = clinic_hours.set_day(actor, number, DAY, before=(), hours=short)
    gone = journal.undo(actor, first.seq)
    clinic_hours.take_off(actor, number, DAY, DAY)

    with pytest.raises(Refused, match="hours were changed again"):
        journal.undo(actor, gone.seq)


# People and rights -----------------------------------------------------------------------------


def test_an_undo_never_takes_away_the_last_administrator(clinic: Clinic, actor: Actor) -> None:
    role = Role.get(Role.id == User.get(User.id == actor.user_id).role_id)
    less = frozenset(ALL) - {"Role Update"}
    helper = builders.an_actor(clinic)
    helper_role = User.get(User.id == helper.user_id).role_id
    Role.update(permissions=json.dumps(sorted(less))).where(Role.id == role.id).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)
    raised = roles_book.change(helper, role.id, version=1, names=frozenset(ALL))
    catalogue(actor)
    roles_book.change(actor, helper_role, version=1, names=less)

    with pytest.raises(Refused, match="manage staff"):
        journal.undo(actor, raised.seq)


def test_a_role_that_somebody_has_by_now_stays(clinic: Clinic, actor: Actor) -> None:
    made = roles_book.create(actor, "Trainee", {"Appointment Show"})
    User.create(
        uuid=builders._uuid(), organisation_id=clinic.organisation_id, name="trainee",
        display_name="T", password_hash="!", role_id=made.value.id,
    )  # fmt: skip

    with pytest.raises(Refused, match="in use by now"):
        journal.undo(actor, made.seq)


def test_an_undone_staff_member_cannot_sign_in_and_comes_back(clinic: Clinic, actor: Actor) -> None:
    role = builders.a_role(clinic, frozenset({"Appointment Show"}))
    draft = StaffDraft(name="ann", display_name="Ann", role_id=role)
    made = staff.create(actor, draft, "a long password")
    before = User.get(User.id == made.value.id).password_hash

    undone = journal.undo(actor, made.seq)
    assert not User.get(User.id == made.value.id).active
    journal.undo(actor, undone.seq)

    row = User.get(User.id == made.value.id)
    assert (row.active, row.password_hash) == (True, before)


def test_changes_of_hours_need_their_permission_to_be_undone(clinic: Clinic, actor: Actor) -> None:
    file = set_up.location(actor, clinic.location_id)
    draft = LocationDraft(
        file.card.name, time_zone=clinic.time_zone, hours=file.hours, closed=((DAY, "Holiday"),)
    )
    closed = set_up.change_location(actor, file, draft)

    with pytest.raises(NotAllowed, match="Hours Update"):
        journal.undo(colleague(clinic, "Hours Update"), closed.seq)


def test_medical_alerts_need_their_permission_to_be_undone(clinic: Clinic, actor: Actor) -> None:
    changed = patients.change(actor, clinic.patient_id, version=1, medical_alert="Penicillin")

    with pytest.raises(NotAllowed, match="Alert Show"):
        journal.undo(colleague(clinic, "Alert Show"), changed.seq)


def test_anothers_payment_needs_the_wider_permission(clinic: Clinic, actor: Actor) -> None:
    visit = booked(clinic, actor).id
    made = payments.create(actor, visit, amount_minor=4500).value
    other = colleague(clinic)
    changed = payments.change(
        other, made.id, version=1, amount_minor=5000, method=payments.Method.CASH, note=""
    )
    grant(clinic, other, set(ALL) - {payments.ANYBODYS})

    with pytest.raises(NotAllowed, match=payments.ANYBODYS):
        journal.undo(other, changed.seq)


def test_a_patient_whom_one_does_not_see_is_not_changed_back(clinic: Clinic, actor: Actor) -> None:
    changed = patients.change(actor, clinic.patient_id, version=1, city="Graz")
    narrow = colleague(clinic, "Customer Update All")
    CareTeam.delete().execute()

    with pytest.raises(NotAllowed, match="Customer Update All"):
        journal.undo(narrow, changed.seq)


def test_only_its_author_takes_back_the_change_of_a_note(clinic: Clinic, actor: Actor) -> None:
    number = patient_notes.write(actor, clinic.patient_id, "Afraid").value
    changed = patient_notes.change(actor, number, "Brave", version=1)

    with pytest.raises(Refused, match="Only who wrote"):
        journal.undo(colleague(clinic), changed.seq)


def test_what_somebody_chose_for_themselves_is_theirs(clinic: Clinic, actor: Actor) -> None:
    settings.put(actor, "pins", [1])
    chosen = settings.put(actor, "pins", [1, 2])

    with pytest.raises(NotAllowed):
        journal.undo(colleague(clinic), chosen.seq)
    journal.undo(actor, chosen.seq)

    assert settings.get(actor, "pins") == [1]


def test_a_setting_that_was_made_again_since_is_not_made_twice(
    clinic: Clinic, actor: Actor
) -> None:
    first = settings.share(actor, "banner", "One")
    gone = journal.undo(actor, first.seq)
    settings.share(actor, "banner", "Two")

    with pytest.raises(Refused, match=r"stands in its place|changed again"):
        journal.undo(actor, gone.seq)
    assert Setting.select().where(Setting.name == "banner").count() == 1


# Elsewhere, and together -----------------------------------------------------------------------


def test_another_desk_hears_of_a_name_that_was_taken_back(
    clinic: Clinic, actor: Actor, database_url: str
) -> None:
    elsewhere = open_store(database_url)
    try:
        other = replace(actor, store=elsewhere)
        feed = Feed(elsewhere, clinic.organisation_id)
        file = set_up.location(actor, clinic.location_id)
        draft = LocationDraft("Elsewhere", time_zone=clinic.time_zone, hours=file.hours)
        changed = set_up.change_location(actor, file, draft)
        feed.changes()
        assert catalogue(other).locations[clinic.location_id].name == "Elsewhere"

        journal.undo(actor, changed.seq)

        assert ("location", clinic.location_id) in {(c.kind, c.id) for c in feed.changes()}
        assert catalogue(other).locations[clinic.location_id].name == file.card.name
    finally:
        elsewhere.close()


def test_a_whole_merge_is_taken_back_and_done_again(clinic: Clinic, actor: Actor) -> None:
    kept = patients.create(actor, first_name="Jane", last_name="Smith", city="Wien").value.id
    other = patients.create(actor, first_name="Jane", last_name="Smyth", city="Graz").value.id
    visit = booked(clinic, actor, patient_id=other).id
    merged = patient_merge.merge(actor, kept, other, take=("city",))

    def stands() -> tuple[object, ...]:
        (at,) = clinic.store.rows("SELECT patient_id FROM appointment WHERE id = ?", (visit,))[0]
        (city,) = clinic.store.rows("SELECT city FROM patient WHERE id = ?", (kept,))[0]
        return at, city, patients.patient(actor, other).active

    undone = journal.undo(actor, merged.seq)
    assert stands() == (other, "Wien", True)
    again = journal.undo(actor, undone.seq)
    assert stands()[:2] == (kept, "Graz")
    journal.undo(actor, again.seq)
    assert stands() == (other, "Wien", True)


def test_an_earlier_merge_is_not_taken_back_under_a_later_one(clinic: Clinic, actor: Actor) -> None:
    kept = patients.create(actor, first_name="Jane", last_name="Smith").value.id
    other = patients.create(actor, first_name="Jane", last_name="Smyth").value.id
    merged = patient_merge.merge(actor, kept, other)
    journal.undo(actor, merged.seq)
    patient_merge.merge(actor, kept, other)

    with pytest.raises(Refused):
        journal.undo(actor, merged.seq)
