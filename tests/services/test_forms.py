"""Triage forms: made once, asked for the right visits, answered, and never changed backwards."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from clinic_desk.models.forms import FormAnswer
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.form_fields import FieldKind, Question
from clinic_desk.services import forms
from clinic_desk.services.actor import Actor
from clinic_desk.services.feed import Feed
from clinic_desk.services.forms import FormDraft
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

PAIN = Question("pain", "Pain?", FieldKind.CHOICE, True, ("none", "some", "strong"))
SINCE = Question("since", "Since when?", FieldKind.DATE)
DRAFT = FormDraft("Pain", (PAIN, SINCE))


@pytest.fixture
def visit(clinic: Clinic) -> int:
    return builders.an_appointment(clinic)


def test_a_form_is_made_and_listed_by_its_name(clinic: Clinic, actor: Actor):
    kind = frozenset({clinic.type_id})
    later = forms.create(actor, replace(DRAFT, name="Zahn", type_ids=kind)).value
    first = forms.create(actor, replace(DRAFT, name=" ältere ")).value
    unused = forms.create(actor, replace(DRAFT, name="A", active=False)).value

    assert forms.forms(actor) == (first, later, unused)
    assert forms.form(actor, later.id) == later
    assert (first.name, first.questions) == ("ältere", (PAIN, SINCE))
    assert later.type_ids == kind


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 121}),
        ("name", {"name": "PAIN"}),
        ("questions", {"questions": ()}),
    ],
)
def test_what_is_no_form_is_refused_at_its_field(actor: Actor, field: str, fields: dict[str, Any]):
    forms.create(actor, DRAFT)
    with pytest.raises(Invalid) as refused:
        forms.create(actor, replace(DRAFT, **{"name": "Other"} | fields))
    assert refused.value.field == field


def test_another_organisations_type_and_form_are_not_there(clinic: Clinic, actor: Actor):
    elsewhere = builders.a_clinic(clinic.store, name="Elsewhere")
    other = builders.an_actor(elsewhere)
    with pytest.raises(NotFound):
        forms.create(actor, replace(DRAFT, type_ids=frozenset({elsewhere.type_id})))
    card = forms.create(actor, DRAFT).value
    visit = builders.an_appointment(clinic)
    for attempt in (
        lambda: forms.form(other, card.id),
        lambda: forms.change(other, card.id, DRAFT, version=1),
        lambda: forms.of_visit(other, visit),
        lambda: forms.answer(other, visit, card.id, {"pain": "some"}, version=0),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert forms.forms(other) == ()


def test_a_change_of_the_types_alone_is_a_new_version_too(clinic: Clinic, actor: Actor):
    card = forms.create(actor, DRAFT).value
    kinds = [frozenset({clinic.type_id}), frozenset({builders.a_type(clinic, code="X")}),
             frozenset()]  # fmt: skip
    for version, kind in enumerate(kinds, 1):
        changed = forms.change(actor, card.id, replace(DRAFT, type_ids=kind), version=version)
        assert (changed.value.version, changed.value.type_ids) == (version + 1, kind)
        assert forms.form(actor, card.id) == changed.value
    same = forms.change(actor, card.id, DRAFT, version=4)
    assert (same.value.version, same.changed) == (4, ())
    with pytest.raises(Stale) as refused:
        forms.change(actor, card.id, DRAFT, version=1)
    assert refused.value.theirs == same.value


def test_a_form_is_asked_for_its_types_and_one_without_types_for_all(
    clinic: Clinic, actor: Actor, visit: int
):
    everybody = forms.create(actor, replace(DRAFT, name="All")).value
    mine = forms.create(
        actor, replace(DRAFT, name="Mine", type_ids=frozenset({clinic.type_id}))
    ).value
    other = builders.a_type(clinic, code="X")
    forms.create(actor, replace(DRAFT, name="Other", type_ids=frozenset({other})))
    forms.create(actor, replace(DRAFT, name="Unused", active=False))

    asked = forms.of_visit(actor, visit)

    assert [one.form_id for one in asked] == [everybody.id, mine.id]
    assert (asked[0].version, asked[0].answers, asked[0].missing) == (0, {}, 1)


def test_answers_are_given_and_corrected(clinic: Clinic, actor: Actor, visit: int):
    card = forms.create(actor, DRAFT).value
    given = forms.answer(actor, visit, card.id, {"pain": "some", "x": "y"}, version=0).value
    assert (given.answers, given.version, given.missing) == ({"pain": "some"}, 1, 0)
    assert forms.of_visit(actor, visit) == (given,)
    other = builders.an_actor(clinic)
    corrected = forms.answer(
        other, visit, card.id, {"pain": "strong", "since": "2031-05-01"}, version=1
    ).value
    assert corrected.version == 2
    assert forms.of_visit(actor, visit) == (corrected,)
    with pytest.raises(Stale) as refused:
        forms.answer(actor, visit, card.id, {"pain": "none"}, version=1)
    assert refused.value.theirs == corrected
    with pytest.raises(Invalid) as wrong:
        forms.answer(actor, visit, card.id, {}, version=2)
    assert wrong.value.field == "pain"
    assert FormAnswer.select().count() == 1


def test_what_was_answered_stays_as_it_was_asked(clinic: Clinic, actor: Actor, visit: int):
    card = forms.create(actor, DRAFT).value
    given = forms.answer(actor, visit, card.id, {"pain": "some"}, version=0).value
    later = builders.an_appointment(clinic, clinic.span(14))
    fewer = replace(DRAFT, questions=(SINCE,), active=False)
    forms.change(actor, card.id, fewer, version=1)

    assert forms.of_visit(actor, visit) == (given,)
    assert forms.of_visit(actor, later) == ()
    with pytest.raises(Refused) as refused:
        forms.answer(actor, later, card.id, {}, version=0)
    assert refused.value.way_out
    again = forms.answer(actor, visit, card.id, {"pain": "none"}, version=1).value
    assert again.questions == (PAIN, SINCE)


def test_each_act_has_its_own_permission(clinic: Clinic, actor: Actor, visit: int):
    card = forms.create(actor, DRAFT).value
    nobody = builders.an_actor(clinic, frozenset({"Appointment Show"}))
    for permission, attempt in (
        ("Triage Form Get", lambda: forms.forms(nobody)),
        ("Triage Form Show", lambda: forms.form(nobody, card.id)),
        ("Triage Form Show", lambda: forms.of_visit(nobody, visit)),
        ("Triage Form Create", lambda: forms.create(nobody, DRAFT)),
        ("Triage Form Create", lambda: forms.change(nobody, card.id, DRAFT, version=1)),
        (
            "Appointment Update Triage",
            lambda: forms.answer(nobody, visit, card.id, {}, version=0),
        ),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.permission == permission


def test_lists_take_two_questions_however_long_they_are(clinic: Clinic, actor: Actor, visit: int):
    for number in range(5):
        card = forms.create(
            actor, replace(DRAFT, name=f"No. {number}", type_ids=frozenset({clinic.type_id}))
        ).value
        forms.answer(actor, visit, card.id, {"pain": "some"}, version=0)
    for asks in (lambda: forms.forms(actor), lambda: forms.of_visit(actor, visit)):
        with statements(actor.store) as seen:
            assert len(asks()) == 5
        assert len(seen) == 2


def test_sent_twice_is_answered_once_and_other_desks_hear_of_it(actor: Actor, visit: int):
    card = forms.create(actor, DRAFT).value
    feed = Feed(actor.store, actor.organisation_id)
    key = str(uuid.uuid4())
    for _time in range(2):
        forms.answer(actor, visit, card.id, {"pain": "some"}, version=0, request_id=key)
    assert [c.kind for c in feed.changes()] == ["form_answer"]
    assert FormAnswer.get().version == 1
