"""Providers, qualifications, appointment types, service codes and modifiers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.hours import OneDay
from clinic_desk.rules.permissions import ROLES
from clinic_desk.services import (
    catalogue,
    clinic_hours,
    clinic_providers,
    clinic_types,
    service_codes,
)
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_cards import CodeDraft, ProviderDraft, TypeDraft
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.clinic_setup import broken, provider_draft, type_draft
from tests.services.counting import statements


def test_a_provider_is_added_with_all_that_is_known(clinic: Clinic, actor: Actor) -> None:
    code = service_codes.add_code(actor, CodeDraft("D1110", "Prophylaxis")).value
    skill = clinic_providers.add_qualification(actor, "Dentist").value

    made = clinic_providers.add(
        actor,
        ProviderDraft(
            last_name=" Chen ",
            first_name="Li",
            title="Dr",
            initials="LC",
            email="li.chen@example.org",
            colour="#0067DB",
            qualification_ids=frozenset({skill}),
            default_location_id=clinic.location_id,
            service_code_id=code.id,
            weekdays=((0, clinic.location_id), (3, clinic.location_id)),
        ),
    ).value

    shown = clinic_providers.provider(actor, made.id)
    assert shown.card == made
    assert (made.name, made.colour, made.email) == ("Dr Chen", "#0067db", "li.chen@example.org")
    assert made.qualification_ids == {skill}
    assert shown.weekdays == ((0, clinic.location_id), (3, clinic.location_id))
    assert (shown.weekly, shown.days) == ((), ())
    assert made in clinic_providers.providers(actor)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("last_name", {"last_name": ""}),
        ("colour", {"colour": "blue"}),
        ("email", {"email": "at home"}),
        ("qualification_ids", {"qualification_ids": frozenset({999})}),
        ("service_code_id", {"service_code_id": 999}),
        ("weekdays", {"weekdays": ((0, 999),)}),
    ],
)
def test_a_provider_that_makes_no_sense_is_refused(
    clinic: Clinic, actor: Actor, field: str, fields: dict[str, Any]
) -> None:
    shown, draft = provider_draft(actor, clinic.provider_id, **fields)

    with pytest.raises(Invalid) as caught:
        clinic_providers.add(actor, draft)
    assert caught.value.field == field
    with pytest.raises(Invalid) as caught:
        clinic_providers.change(actor, shown, draft)
    assert caught.value.field == field


def test_a_qualification_that_is_taken_away_names_its_visits(clinic: Clinic, actor: Actor) -> None:
    skill = builders.a_qualification(clinic, "Dentist", clinic.provider_id)
    kind = builders.a_type(clinic, code="NPE", name="Exam", qualification_ids=(skill,))
    visit = builders.an_appointment(clinic, clinic.span(10), type_id=kind)
    builders.an_appointment(clinic, clinic.span(11))
    shown, draft = provider_draft(actor, clinic.provider_id, qualification_ids=frozenset())

    found = broken(clinic_providers.change, actor, shown, draft)

    assert found.ids == {visit}
    assert "not qualified" in str(found.lines[0].reasons[0])
    changed = clinic_providers.change(actor, shown, draft, accept=found.ids).value
    assert changed.qualification_ids == frozenset()
    with pytest.raises(Stale):
        clinic_providers.change(actor, shown, draft, accept=found.ids)


def test_who_leaves_is_made_inactive_and_names_all_visits(clinic: Clinic, actor: Actor) -> None:
    visits = {builders.an_appointment(clinic, clinic.span(hour)) for hour in (9, 10)}
    shown, draft = provider_draft(actor, clinic.provider_id, active=False)

    assert broken(clinic_providers.change, actor, shown, draft).ids == visits

    clinic_providers.change(actor, shown, draft, accept=frozenset(visits))
    assert clinic_hours.to_be_replaced(actor).ids == visits


def test_a_qualification_in_use_is_not_deleted(clinic: Clinic, actor: Actor) -> None:
    used = builders.a_qualification(clinic, "Dentist", clinic.provider_id)
    spare = clinic_providers.add_qualification(actor, "Hygienist").value
    with pytest.raises(Invalid):
        clinic_providers.add_qualification(actor, "hygienist")
    clinic_providers.rename_qualification(actor, spare, "Dental hygienist", before="Hygienist")
    with pytest.raises(Stale):
        clinic_providers.rename_qualification(actor, spare, "Nurse", before="Hygienist")

    with pytest.raises(Refused, match="Dentist"):
        clinic_providers.delete_qualification(actor, used)
    clinic_providers.delete_qualification(actor, spare)

    assert catalogue.catalogue(actor).qualifications == {used: "Dentist"}


def test_a_type_is_added_and_changed(clinic: Clinic, actor: Actor) -> None:
    skill = builders.a_qualification(clinic, "Dentist", clinic.provider_id)
    draft = TypeDraft(
        name="New patient exam",
        code="NPE",
        minutes=60,
        before_minutes=5,
        after_minutes=10,
        colour="#5C1F0C",
        requires_exam=True,
        qualification_ids=frozenset({skill}),
    )

    made = clinic_types.add(actor, draft).value

    assert clinic_types.type_(actor, made.id) == made
    assert (made.minutes, made.before_minutes, made.after_minutes) == (60, 5, 10)
    assert (made.colour, made.requires_exam) == ("#5c1f0c", True)
    assert made in clinic_types.types(actor)
    with pytest.raises(Invalid) as caught:
        clinic_types.add(actor, draft)
    assert caught.value.field == "name"
    with pytest.raises(NotFound):
        clinic_types.type_(actor, 999)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": ""}),
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 1441}),
        ("before_minutes", {"before_minutes": -1}),
        ("after_minutes", {"after_minutes": 241}),
        ("colour", {"colour": "#12345"}),
        ("service_code_id", {"service_code_id": 999}),
        ("qualification_ids", {"qualification_ids": frozenset({999})}),
    ],
)
def test_a_type_that_makes_no_sense_is_refused(
    clinic: Clinic, actor: Actor, field: str, fields: dict[str, Any]
) -> None:
    shown, draft = type_draft(actor, clinic.type_id, **fields)

    with pytest.raises(Invalid) as caught:
        clinic_types.change(actor, shown, draft)

    assert caught.value.field == field


def test_a_type_that_is_not_offered_or_asks_for_more_names_its_visits(
    clinic: Clinic, actor: Actor
) -> None:
    visit = builders.an_appointment(clinic, clinic.span(10))
    skill = builders.a_qualification(clinic)

    shown, draft = type_draft(actor, clinic.type_id, active=False)
    assert broken(clinic_types.change, actor, shown, draft).ids == {visit}
    shown, draft = type_draft(actor, clinic.type_id, qualification_ids=frozenset({skill}))
    assert broken(clinic_types.change, actor, shown, draft).ids == {visit}
    clinic_types.change(actor, shown, draft, accept=frozenset({visit}))
    with pytest.raises(Stale):
        clinic_types.change(actor, shown, draft, accept=frozenset({visit}))


@pytest.mark.parametrize("kind", ["code", "modifier"])
def test_codes_and_modifiers_are_added_changed_and_made_inactive(actor: Actor, kind: str) -> None:
    add = getattr(service_codes, f"add_{kind}")
    change = getattr(service_codes, f"change_{kind}")
    listed = getattr(service_codes, f"{kind}s")
    made = add(actor, CodeDraft(" D0150 ", "Comprehensive exam")).value
    assert listed(actor) == (made,)
    assert made.code == "D0150"

    changed = change(actor, made, CodeDraft("D0150", "Exam", active=False)).value

    assert listed(actor) == (changed,)
    assert not changed.active
    with pytest.raises(Stale):
        change(actor, made, CodeDraft("D0150", "Exam"))
    for draft in (CodeDraft("d0150", "Twice"), CodeDraft("", "x"), CodeDraft("x", "")):
        with pytest.raises(Invalid):
            add(actor, draft)


def test_the_front_desk_may_look_and_not_change(clinic: Clinic, actor: Actor) -> None:
    desk = builders.an_actor(clinic, ROLES["Front Desk"])

    assert clinic_providers.providers(desk)
    assert clinic_types.types(desk)
    for call in (
        lambda: service_codes.add_code(desk, CodeDraft("1", "2")),
        lambda: clinic_types.add(desk, TypeDraft("x")),
        lambda: clinic_providers.add(desk, ProviderDraft("x")),
        lambda: clinic_providers.add_qualification(desk, "x"),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_nobody_of_elsewhere_can_be_changed(store: Store, clinic: Clinic, actor: Actor) -> None:
    other = builders.a_clinic(store, name="Elsewhere")
    theirs = builders.an_actor(other)
    shown, draft = provider_draft(theirs, other.provider_id)
    type_shown, type_wanted = type_draft(theirs, other.type_id)

    with pytest.raises(NotFound):
        clinic_providers.change(actor, shown, draft)
    with pytest.raises(NotFound):
        clinic_types.change(actor, type_shown, type_wanted)
    with pytest.raises(NotFound):
        clinic_providers.provider(actor, other.provider_id)


def test_details_hours_and_days_are_reckoned_together_before_any_is_saved(
    clinic: Clinic, actor: Actor, store: Store
) -> None:
    number = clinic.provider_id
    early = builders.an_appointment(clinic, clinic.span(9))
    builders.an_appointment(clinic, clinic.span(11))
    away = builders.an_appointment(clinic, clinic.span(11, day=TUESDAY + timedelta(days=1)))
    shown = clinic_providers.provider(actor, number)
    weekly = tuple(replace(piece, starts_minute=10 * 60) for piece in shown.weekly)
    days = (OneDay(TUESDAY + timedelta(days=1)),)

    with statements(store) as seen:
        found = clinic_providers.would_break(actor, number, shown.draft, weekly, days)
    assert found.ids == {early, away}
    assert len(seen) == 3
    assert clinic_providers.provider(actor, number) == shown
    covered = (OneDay(TUESDAY, 9 * 60, 12 * 60, clinic.location_id),)
    found = clinic_providers.would_break(actor, number, shown.draft, weekly, covered)
    assert found.ids == set()
    with pytest.raises(NotFound):
        clinic_providers.would_break(actor, 999, shown.draft, weekly, ())
