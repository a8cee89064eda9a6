"""What staff say to each other about a visit."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models.documents import AppointmentMessage
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound
from clinic_desk.services import conversation, journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.feed import Feed
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements


@pytest.fixture
def visit(clinic: Clinic) -> int:
    return builders.an_appointment(clinic)


def stranger(clinic: Clinic) -> Actor:
    return builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))


def test_what_is_said_stands_in_order_with_its_author(clinic: Clinic, actor: Actor, visit: int):
    other = builders.an_actor(clinic)
    first = conversation.write(actor, visit, " She comes\nwith her son ").value
    second = conversation.write(other, visit, "Room 2 then").value

    found = conversation.messages(actor, visit)

    assert [m.text for m in found] == ["She comes\nwith her son", "Room 2 then"]
    assert [m.mine for m in found] == [True, False]
    assert found == (first, conversation.message(actor, second.id))
    assert first.written_at.tzinfo is not None


@pytest.mark.parametrize("text", ["", " \n ", "a\0b", "x" * (conversation.LONGEST + 1)])
def test_nothing_and_too_much_is_not_said(actor: Actor, visit: int, text: str):
    with pytest.raises(Invalid):
        conversation.write(actor, visit, text)


def test_another_organisations_visit_is_not_there(clinic: Clinic, actor: Actor, visit: int):
    said = conversation.write(actor, visit, "Hello").value
    other = stranger(clinic)
    for attempt in (
        lambda: conversation.messages(other, visit),
        lambda: conversation.message(other, said.id),
        lambda: conversation.write(other, visit, "Hello"),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_who_may_not_chat_reads_nothing(clinic: Clinic, visit: int):
    nobody = builders.an_actor(clinic, frozenset({"Appointment Show"}))
    with pytest.raises(NotAllowed):
        conversation.messages(nobody, visit)
    with pytest.raises(NotAllowed):
        conversation.write(nobody, visit, "Hello")


def test_a_message_sent_twice_is_said_once(actor: Actor, visit: int):
    key = str(uuid.uuid4())
    said = conversation.write(actor, visit, "Hello", request_id=key)

    assert conversation.write(actor, visit, "Hello", request_id=key) == said
    assert AppointmentMessage.select().count() == 1


def test_other_desks_hear_of_it(actor: Actor, visit: int):
    feed = Feed(actor.store, actor.organisation_id)
    said = conversation.write(actor, visit, "Hello").value

    assert [(c.kind, c.id) for c in feed.changes()] == [("appointment_message", said.id)]


def test_a_slip_is_taken_back_and_the_history_keeps_it(actor: Actor, visit: int):
    conversation.write(actor, visit, "Stays")
    slip = conversation.write(actor, visit, "Wrong visit").seq
    journal.undo(actor, slip)
    assert [m.text for m in conversation.messages(actor, visit)] == ["Stays"]
    assert "Wrong visit" in str(journal.told(actor, slip).changes)


def test_the_newest_are_listed_in_two_questions(actor: Actor, visit: int):
    for number in range(5):
        conversation.write(actor, visit, f"No. {number}")
    with statements(actor.store) as seen:
        found = conversation.messages(actor, visit, limit=3)
    assert len(seen) == 2
    assert [m.text for m in found] == ["No. 2", "No. 3", "No. 4"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_every_text_comes_back_as_it_was_cleaned(actor: Actor, visit: int, text: str):
    try:
        said = conversation.write(actor, visit, text).value
    except Invalid:
        assert not text.strip()
        return
    assert conversation.message(actor, said.id).text == said.text
