"""Categories of forms: who sees which, whose they are, and what becomes of their forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from clinic_desk.models.forms import FormCategory
from clinic_desk.rules import permissions
from clinic_desk.rules.errors import ClinicError, Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.form_fields import Question
from clinic_desk.services import form_categories, forms, journal, questionnaires, undo
from clinic_desk.services.actor import Actor
from clinic_desk.services.form_categories import FormCategoryCard, FormCategoryDraft, HoldsForms
from clinic_desk.services.forms import FormCard, FormDraft
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

PAIN = FormCategoryDraft("Pain", "#DC2626")
FORM = FormDraft("Where it hurts", (Question("where", "Where?"),))
WORKS = frozenset(f"Form Category {name}" for name in ("Get All", "Show", "Create", "Update")) | {
    "Triage Form Create",
    "Triage Form Get",
    "Triage Form Show",
}


@pytest.fixture
def worker(clinic: Clinic) -> Actor:
    """Somebody with categories of their own, and no others'."""
    return builders.an_actor(clinic, WORKS)


def made(actor: Actor, draft: FormCategoryDraft = PAIN, **fields: Any) -> FormCategoryCard:
    return form_categories.create(actor, replace(draft, **fields)).value


def a_form(actor: Actor, category_id: int | None, name: str = FORM.name) -> FormCard:
    return forms.create(actor, replace(FORM, name=name, category_id=category_id)).value


def test_a_category_is_made_at_the_end_and_counts_its_forms(actor: Actor) -> None:
    first, second = made(actor), made(actor, name=" Hygiene ", colour="")
    a_form(actor, second.id)
    questionnaires.create(actor, replace(FORM, category_id=second.id))

    assert (first.name, first.colour, first.owner) == ("Pain", "#dc2626", actor.name)
    assert form_categories.categories(actor) == (first, replace(second, forms=2))
    assert form_categories.category(actor, second.id) == replace(second, forms=2)
    assert (second.name, second.position) == ("Hygiene", 1)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 81}),
        ("name", {"name": "PÁIN"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_what_is_no_category_is_refused_at_its_field(
    actor: Actor, field: str, fields: dict[str, Any]
) -> None:
    made(actor)
    with pytest.raises(Invalid) as refused:
        made(actor, **{"name": "Other"} | fields)
    assert refused.value.field == field


def test_too_many_categories_are_refused_with_a_way_out(actor: Actor) -> None:
    for number in range(form_categories.MOST):
        made(actor, name=f"No. {number}")
    with pytest.raises(Refused) as refused:
        made(actor, name="One more")
    assert refused.value.way_out


def test_one_sees_the_shared_ones_in_use_and_ones_own(actor: Actor, worker: Actor) -> None:
    shared, mine = made(actor), made(worker, name="Mine", shared=False)
    kept = made(actor, name="Kept", shared=False)
    unused = made(actor, name="Unused", active=False)
    my_unused = made(worker, name="Later", active=False)

    assert form_categories.categories(worker) == (shared, mine, my_unused)
    for hidden in (kept, unused):
        with pytest.raises(NotFound):
            form_categories.category(worker, hidden.id)
        with pytest.raises(NotFound):
            form_categories.change(worker, hidden.id, PAIN, version=1)
        with pytest.raises(NotFound):
            a_form(worker, hidden.id)
    with pytest.raises(NotAllowed) as refused:
        form_categories.master_list(worker)
    assert refused.value.permission == form_categories.MASTER
    everything = (shared, mine, kept, unused, my_unused)
    assert form_categories.master_list(actor) == everything
    assert form_categories.category(actor, mine.id) == mine


def test_what_somebody_keeps_to_themselves_takes_no_name_from_others(
    actor: Actor, worker: Actor
) -> None:
    made(actor, shared=False)
    assert made(worker).name == "Pain"


def test_one_changes_ones_own_and_others_only_by_permission(actor: Actor, worker: Actor) -> None:
    mine, theirs = made(worker), made(actor, name="Theirs")
    changed = form_categories.change(
        worker, mine.id, FormCategoryDraft("Aches", "", active=False), version=1
    ).value
    assert (changed.name, changed.colour, changed.active, changed.version) == (
        "Aches", "", False, 2,
    )  # fmt: skip
    for attempt in (
        lambda: form_categories.change(worker, theirs.id, PAIN, version=1),
        lambda: form_categories.remove(worker, theirs.id, version=1),
        lambda: form_categories.arrange(worker, [theirs.id]),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.permission == form_categories.ANYBODYS
    assert form_categories.change(actor, mine.id, PAIN, version=2).value.owner_id == worker.user_id


def test_a_stale_change_is_refused_with_what_stands_there(actor: Actor) -> None:
    card = made(actor)
    now = form_categories.change(actor, card.id, replace(PAIN, name="Aches"), version=1).value
    for attempt in (
        lambda: form_categories.change(actor, card.id, PAIN, version=1),
        lambda: form_categories.remove(actor, card.id, version=1),
    ):
        with pytest.raises(Stale) as refused:
            attempt()
        assert refused.value.theirs == now


@pytest.mark.parametrize("goes", ["removed", "out of use"])
def test_its_forms_move_out_only_when_somebody_said_so(actor: Actor, goes: str) -> None:
    card = made(actor)
    inside = [a_form(actor, card.id), a_form(actor, card.id, "Second")]
    question = questionnaires.create(actor, replace(FORM, category_id=card.id)).value
    unused = replace(PAIN, active=False)

    def leave(**more: Any) -> None:
        if goes == "removed":
            form_categories.remove(actor, card.id, version=1, **more)
        else:
            form_categories.change(actor, card.id, unused, version=1, **more)

    with pytest.raises(HoldsForms) as refused:
        leave()
    assert (refused.value.count, bool(refused.value.way_out)) == (3, True)
    assert [one.category_id for one in forms.forms(actor)] == [card.id] * 2

    leave(move_forms=True)

    assert [one.category_id for one in forms.forms(actor)] == [None] * 2
    assert questionnaires.questionnaire(actor, question.id).category_id is None
    assert [one.id for one in form_categories.master_list(actor)] == (
        [] if goes == "removed" else [card.id]
    )
    with pytest.raises(Stale):
        forms.change(actor, inside[0].id, FORM, version=1)


def test_the_history_tells_before_and_after(actor: Actor) -> None:
    card = made(actor)
    form_categories.change(actor, card.id, replace(PAIN, name="Aches"), version=1)
    form = a_form(actor, None)
    forms.put(actor, form.id, card.id, version=1)
    changed, created = journal.history(actor, "form_category", card.id)
    assert (created.action, changed.action) == ("category.create", "category.change")
    told = {f.name: (f.before, f.after) for f in changed.changes[0].fields}
    assert told["name"] == ("Pain", "Aches")
    put = journal.history(actor, "form", form.id)[0]
    told = {f.name: (f.before, f.after) for f in put.changes[0].fields}
    assert (put.action, told["category_id"]) == ("form.category", (None, card.id))


def test_their_order_is_the_same_for_everybody(actor: Actor, worker: Actor) -> None:
    one, two, three = (made(actor, name=name).id for name in ("One", "Two", "Three"))
    form_categories.arrange(actor, [three, one])
    assert [card.id for card in form_categories.categories(worker)] == [three, one, two]
    assert form_categories.arrange(actor, [three, one, two]).changed == ()
    with pytest.raises(NotFound):
        form_categories.arrange(actor, [three, 0])


def test_a_form_is_put_into_a_category_and_out_again(actor: Actor) -> None:
    card, form = made(actor), a_form(actor, None)
    put = forms.put(actor, form.id, card.id, version=1).value
    assert (put.category_id, put.version) == (card.id, 2)
    assert forms.form(actor, form.id) == put
    with pytest.raises(Stale):
        forms.put(actor, form.id, None, version=1)
    assert forms.change(actor, form.id, FORM, version=2).value.category_id is None
    question = questionnaires.create(actor, FORM).value
    assert questionnaires.put(actor, question.id, card.id, version=1).value.category_id == card.id


def test_a_form_stays_where_its_maker_does_not_look(actor: Actor, worker: Actor) -> None:
    """Saving a form does not take it out of a category that one does not see."""
    hidden, form = made(actor, shared=False), a_form(worker, None)
    forms.put(actor, form.id, hidden.id, version=1)
    stays = replace(FORM, name="Renamed", category_id=hidden.id)
    changed = forms.change(worker, form.id, stays, version=2).value
    assert changed.category_id == hidden.id


def test_the_forms_of_a_visit_stand_by_category(
    clinic: Clinic, actor: Actor, worker: Actor
) -> None:
    visit = builders.an_appointment(clinic)
    second, first = made(actor), made(actor, name="Hygiene")
    form_categories.arrange(actor, [first.id, second.id])
    kept = made(actor, name="Kept", shared=False)
    for name, place in (("A", None), ("B", second.id), ("C", first.id), ("D", kept.id)):
        a_form(actor, place, name)

    def told(who: Actor) -> list[tuple[str, str]]:
        return [(one.category, one.name) for one in forms.of_visit(who, visit)]

    assert told(actor) == [("Hygiene", "C"), ("Pain", "B"), ("Kept", "D"), ("", "A")]
    assert told(worker) == [("Hygiene", "C"), ("Pain", "B"), ("", "A"), ("", "D")]
    plain = builders.an_actor(clinic, frozenset({"Triage Form Show"}))
    assert told(plain) == [("", name) for name in "ABCD"]
    asked = forms.of_visit(actor, visit)[0]
    answers = {"where": "Here"}
    given = forms.answer(actor, visit, asked.form_id, answers, version=0).value
    assert given.category == "Hygiene"
    assert forms.of_visit(actor, visit)[0] == given


def test_each_act_has_its_own_permission_and_all_six_are_in_use(
    clinic: Clinic, actor: Actor
) -> None:
    card = made(actor)
    nobody = builders.an_actor(clinic, frozenset({"Appointment Show"}))
    wanted: dict[str, Callable[[], object]] = {
        "Get All": lambda: form_categories.categories(nobody),
        "Get Master List": lambda: form_categories.master_list(nobody),
        "Show": lambda: form_categories.category(nobody, card.id),
        "Create": lambda: form_categories.create(nobody, PAIN),
        "Update": lambda: form_categories.change(nobody, card.id, PAIN, version=1),
        "Update All": lambda: form_categories.arrange(nobody, [card.id]),
    }
    for name, attempt in wanted.items():
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.permission == f"Form Category {name}"
    names = {f"Form Category {name}" for name in wanted}
    assert names == {n for n in permissions.DOCUMENT if n.startswith("Form Category")}
    assert permissions.granted(names) == names


def test_another_organisations_category_is_not_there(clinic: Clinic, actor: Actor) -> None:
    card, form = made(actor), a_form(actor, None)
    elsewhere = builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))
    theirs = made(elsewhere)
    attempts = (
        lambda: form_categories.category(elsewhere, card.id),
        lambda: form_categories.change(elsewhere, card.id, PAIN, version=1),
        lambda: form_categories.remove(elsewhere, card.id, version=1),
        lambda: form_categories.arrange(elsewhere, [card.id]),
        lambda: forms.put(actor, form.id, theirs.id, version=1),
        lambda: a_form(actor, theirs.id, "Another"),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert form_categories.master_list(elsewhere) == (theirs,)


def test_lists_take_one_question_however_long_they_are(actor: Actor) -> None:
    for number in range(5):
        a_form(actor, made(actor, name=f"No. {number}").id, f"Form {number}")
    for asks in (form_categories.categories, form_categories.master_list):
        with statements(actor.store) as seen:
            assert [one.forms for one in asks(actor)] == [1] * 5
        assert len(seen) == 1


def test_what_is_refused_names_a_next_step(actor: Actor) -> None:
    card = made(actor)
    a_form(actor, card.id)
    with pytest.raises(ClinicError, match="No category"):
        form_categories.remove(actor, card.id, version=1)
    assert FormCategory.select().count() == 1


def test_what_was_done_is_taken_back_with_the_forms(actor: Actor) -> None:
    card, form = made(actor), a_form(actor, None)
    put = forms.put(actor, form.id, card.id, version=1)
    undo.undo(actor, put.seq)
    assert forms.form(actor, form.id).category_id is None
    undo.undo(actor, forms.put(actor, form.id, card.id, version=3).seq)
    forms.put(actor, form.id, card.id, version=5)
    gone = form_categories.remove(actor, card.id, version=1, move_forms=True)
    undo.undo(actor, gone.seq)
    (back,) = form_categories.categories(actor)
    assert (back.id, back.name, back.forms) == (card.id, "Pain", 1)
    with pytest.raises(Refused):
        undo.undo(actor, _deed_of(actor, card.id))


def _deed_of(actor: Actor, category_id: int) -> int:
    """The number of the deed that made a category."""
    return journal.history(actor, "form_category", category_id)[-1].seq
