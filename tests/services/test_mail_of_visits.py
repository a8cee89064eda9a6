"""What happens to a visit is told to its patient, once, and taken back with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_desk.rules.errors import Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import backup, delivery, diary, journal, outbox, requests
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import open_store
from tests import databases
from tests.builders import Clinic
from tests.services.mailing import after_delay, lines, sends_mails, told, with_address
from tests.services.test_diary import book


@pytest.fixture
def jane(clinic: Clinic, actor: Actor) -> int:
    """A patient with an address, in a clinic that sends mail."""
    sends_mails(actor)
    return with_address(clinic)


def all_sent(clinic: Clinic) -> None:
    now = after_delay()
    while line := delivery.claim(clinic.store, clinic.organisation_id, now):
        delivery.sent(clinic.store, line, now, "server", "text")


def test_a_booking_that_is_undone_in_time_is_never_told(
    clinic: Clinic, actor: Actor, jane: int
) -> None:
    done = book(clinic, actor, clinic.span(10), patient_id=jane)
    assert told(done.value.id) == [("confirmation", "waiting")]
    journal.undo(actor, done.seq)
    assert told(done.value.id) == [("confirmation", "withdrawn")]


def test_a_move_and_its_undoing_are_told_as_they_have_to_be(
    clinic: Clinic, actor: Actor, jane: int
) -> None:
    visit = book(clinic, actor, clinic.span(10), patient_id=jane).value
    all_sent(clinic)
    moved = diary.move(actor, visit.id, span=clinic.span(12), version=visit.version)
    assert told(visit.id) == [("confirmation", "sent"), ("moved", "waiting")]
    undone = journal.undo(actor, moved.seq)
    assert told(visit.id) == [("confirmation", "sent"), ("moved", "withdrawn")]
    again = journal.undo(actor, undone.seq)
    assert told(visit.id)[-1] == ("moved", "waiting")
    all_sent(clinic)
    journal.undo(actor, again.seq)
    assert told(visit.id)[-1] == ("moved", "waiting"), "what was sent needs a correction"


def test_a_cancellation_and_an_approval_are_told(clinic: Clinic, actor: Actor, jane: int) -> None:
    visit = book(clinic, actor, clinic.span(10), patient_id=jane).value
    all_sent(clinic)
    diary.set_status(actor, visit.id, Status.CANCELLED, version=visit.version)
    assert told(visit.id)[-1] == ("cancelled", "waiting")

    asked = book(clinic, actor, clinic.span(14), patient_id=jane, status=Status.REQUESTED).value
    assert told(asked.id) == []
    requests.approve(actor, asked.id, version=asked.version)
    assert told(asked.id) == [("approved", "waiting")]


def test_what_only_concerned_messages_is_not_undone_and_says_where_to_go(
    clinic: Clinic, actor: Actor, jane: int
) -> None:
    visit = book(clinic, actor, clinic.span(10), patient_id=jane).value
    numbers = [line.id for line in lines(visit.id)]
    withdrawn = outbox.withdraw(actor, numbers)
    with pytest.raises(Refused, match="only concerned messages") as refused:
        journal.undo(actor, withdrawn.seq)
    assert "outbox" in refused.value.way_out
    retried = outbox.retry(actor, numbers)
    with pytest.raises(Refused, match="only concerned messages"):
        journal.undo(actor, retried.seq)
    assert told(visit.id) == [("confirmation", "waiting")]


def test_nothing_that_waited_in_a_backup_is_sent_again_after_restoring(
    clinic: Clinic, actor: Actor, jane: int, tmp_path: Path, dialect: str
) -> None:
    first = book(clinic, actor, clinic.span(10), patient_id=jane).value
    all_sent(clinic)
    second = book(clinic, actor, clinic.span(12), patient_id=jane).value
    book(clinic, actor, clinic.span(14), patient_id=jane)
    assert delivery.claim(clinic.store, clinic.organisation_id, after_delay())
    backup.backup(clinic.store, tmp_path / "b.zip")
    clinic.store.close()
    url, remove = databases.fresh(dialect, tmp_path)
    try:
        backup.restore(url, tmp_path / "b.zip")
        store = open_store(url)
        assert told(first.id) == [("confirmation", "sent")]
        assert told(second.id) == [("confirmation", "withdrawn")]
        assert delivery.claim(store, clinic.organisation_id, after_delay(10_000)) is None
        why = outbox.trouble(lines(second.id)[0].last_error)
        assert "restored" in why.message
        assert "sent meanwhile" in why.way_out
        store.close()
    finally:
        remove()
