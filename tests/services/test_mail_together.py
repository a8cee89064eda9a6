"""What is booked together leaves as one mail; each visit is still taken back by itself."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models.diary import Appointment
from clinic_desk.models.journal import Outbox
from clinic_desk.services import delivery, outbox, reminders, sender, templates
from clinic_desk.services.actor import Actor
from clinic_desk.services.calendar_file import uid
from clinic_desk.services.letter_texts import Kind
from tests import smtp_server
from tests.builders import Clinic, _uuid
from tests.services.mailing import (
    a_visit,
    after_delay,
    booked,
    changed,
    lines,
    moved,
    sends_mails,
    told,
    with_address,
)


def visits(clinic: Clinic, actor: Actor, jane: int, *hours: int) -> list[int]:
    made = [a_visit(clinic, hour, patient_id=jane) for hour in hours]
    for visit in made:
        booked(actor, visit)
    return made


def text_of(received: smtp_server.Received) -> str:
    body = received.mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\u202f", " ").replace("\r\n", "\n")


def calendars(received: smtp_server.Received) -> list[Any]:
    parts = [p for p in received.mail.walk() if p.get_content_type() == "text/calendar"]
    return [vobject.readOne(part.get_content()) for part in parts]


def test_visits_of_one_patient_are_told_in_one_mail_with_one_calendar_file(
    clinic: Clinic, actor: Actor, tmp_path: Path
) -> None:
    with smtp_server.running(tmp_path) as smtp:
        going = sends_mails(actor, smtp.port)
        jane = with_address(clinic)
        made = visits(clinic, actor, jane, 14, 9, 11)
        booked(actor, a_visit(clinic, 16, patient_id=with_address(clinic, email="b@example.org")))
        done = sender.run_once(clinic.store, going, after_delay())
        received = {one.recipients[0]: one for one in smtp.received()}

    assert done.sent == 4 and set(received) == {"jane@example.org", "b@example.org"}
    assert len(smtp.received()) == 2
    text = text_of(received["jane@example.org"])
    assert text.index("9:00") < text.index("11:00") < text.index("2:00")
    (file,) = calendars(received["jane@example.org"])
    assert file.method.value == "PUBLISH"
    found = clinic.store.rows("SELECT uuid FROM appointment WHERE patient_id = ?", (jane,))
    assert {event.uid.value for event in file.vevent_list} == {uid(name) for (name,) in found}
    assert not any(hasattr(event, "attendee") for event in file.vevent_list)
    assert [told(visit) for visit in made] == [[("confirmation", "sent")]] * 3
    assert outbox.text(actor, lines(made[0])[0].id).text.replace("\u202f", " ") == text


def test_what_was_taken_back_or_changed_meanwhile_is_not_in_the_mail(
    clinic: Clinic, actor: Actor, tmp_path: Path
) -> None:
    with smtp_server.running(tmp_path) as smtp:
        going = sends_mails(actor, smtp.port)
        made = visits(clinic, actor, with_address(clinic), 9, 11, 14)
        changed(actor, made[0], status="cancelled")
        clinic.store.rows(
            "UPDATE appointment SET status = 'cancelled' WHERE id = ? RETURNING id", (made[1],)
        )
        done = sender.run_once(clinic.store, going, after_delay())
        (received,) = smtp.received()

    assert (done.sent, done.withdrawn) == (1, 1)
    assert "14:00" in text_of(received) or "2:00" in text_of(received)
    assert calendars(received)[0].method.value == "REQUEST", "one visit is told as ever"
    assert [told(visit)[-1][1] for visit in made] == ["withdrawn", "withdrawn", "sent"]


def test_moves_tell_where_each_stood_before_and_cancellations_empty_the_calendar(
    clinic: Clinic, actor: Actor, tmp_path: Path
) -> None:
    with smtp_server.running(tmp_path) as smtp:
        going = sends_mails(actor, smtp.port)
        made = visits(clinic, actor, with_address(clinic), 9, 10)
        sender.run_once(clinic.store, going, after_delay())
        moved(clinic, actor, made[0], 15)
        moved(clinic, actor, made[1], 16)
        sender.run_once(clinic.store, going, after_delay())
        for visit in made:
            changed(actor, visit, status="cancelled")
        sender.run_once(clinic.store, going, after_delay())
        _first, second, third = smtp.received()

    assert text_of(second).count("before:") == 2
    events = calendars(third)[0].vevent_list
    assert {event.status.value for event in events} == {"CANCELLED"}
    numbers = [
        [int(event.sequence.value) for event in calendars(one)[0].vevent_list]
        for one in smtp.received()
    ]
    assert numbers[0] < numbers[1] < numbers[2]


def test_one_mail_reminds_of_all_visits_of_a_day_and_only_once(
    clinic: Clinic, actor: Actor, tmp_path: Path
) -> None:
    with smtp_server.running(tmp_path) as smtp:
        going = sends_mails(actor, smtp.port, reminder_hours=(24,))
        jane = with_address(clinic)
        made = [a_visit(clinic, hour, patient_id=jane) for hour in (9, 11, 16)]
        store, number = clinic.store, clinic.organisation_id
        due = clinic.at(9) - timedelta(hours=24)

        assert reminders.write_due(store, number, going.settings, due - timedelta(minutes=1)) == 0
        assert reminders.write_due(store, number, going.settings, due) == 3
        now = due + timedelta(minutes=1)
        Outbox.update(due_at=due).execute()
        assert sender.run_once(store, going, now).sent == 3
        later = clinic.at(16) - timedelta(hours=24)
        assert reminders.write_due(store, number, going.settings, later) == 0
        (received,) = smtp.received()

    assert [told(visit) for visit in made] == [[("reminder", "sent")]] * 3
    assert text_of(received).count("May 20, 2031") == 3 and calendars(received) == []


def test_what_was_booked_after_the_days_reminder_has_its_own_time(
    clinic: Clinic, actor: Actor
) -> None:
    going = sends_mails(actor, reminder_hours=(24,))
    jane = with_address(clinic)
    a_visit(clinic, 9, patient_id=jane)
    other = a_visit(clinic, 16, patient_id=jane)
    due = clinic.at(9) - timedelta(hours=24)
    Appointment.update(booked_at=due + timedelta(hours=1)).where(Appointment.id == other).execute()
    store, number = clinic.store, clinic.organisation_id
    found = reminders.due(store, number, going.settings, due + timedelta(hours=2))
    assert len(found) == 1
    found = reminders.due(store, number, going.settings, clinic.at(16) - timedelta(hours=24))
    assert other in {one.appointment_id for one in found}


def test_a_message_waits_a_little_for_what_was_booked_right_after_it(
    clinic: Clinic, actor: Actor
) -> None:
    sends_mails(actor)
    made = visits(clinic, actor, with_address(clinic), 9, 10)
    now = datetime.now(UTC).replace(microsecond=0)
    first, second = (lines(visit)[0].id for visit in made)
    Outbox.update(due_at=now).where(Outbox.id == first).execute()
    Outbox.update(due_at=now + timedelta(seconds=50)).where(Outbox.id == second).execute()
    store, number = clinic.store, clinic.organisation_id

    assert delivery.claim_together(store, number, now) == []
    both = delivery.claim_together(store, number, now + timedelta(seconds=50))
    assert [line.id for line in both] == [first, second]


def test_it_does_not_wait_for_ever(clinic: Clinic, actor: Actor) -> None:
    sends_mails(actor)
    made = visits(clinic, actor, with_address(clinic), 9, 10)
    now = datetime.now(UTC).replace(microsecond=0)
    first, second = (lines(visit)[0].id for visit in made)
    Outbox.update(due_at=now - timedelta(seconds=200)).where(Outbox.id == first).execute()
    Outbox.update(due_at=now + timedelta(seconds=50)).where(Outbox.id == second).execute()

    (line,) = delivery.claim_together(clinic.store, clinic.organisation_id, now)
    assert line.id == first


def test_a_mail_that_is_tried_again_has_the_same_name_and_the_same_visits(
    clinic: Clinic, actor: Actor, tmp_path: Path
) -> None:
    with smtp_server.running(tmp_path, "--drop") as smtp:
        going = sends_mails(actor, smtp.port)
        visits(clinic, actor, with_address(clinic), 9, 10)
        first = sender.run_once(clinic.store, going, after_delay())
        sender.run_once(clinic.store, going, after_delay(300))
        one, other = smtp.received()
    assert first.later == 2
    assert one.message_id == other.message_id
    assert text_of(one) == text_of(other)


def test_the_clinics_own_words_hold_for_several_too(
    clinic: Clinic, actor: Actor, tmp_path: Path
) -> None:
    templates.put(
        actor,
        Kind.CONFIRMATIONS,
        "en",
        subject="Your plan",
        body="Plan:\n{appointments}",
        version=0,
    )
    with smtp_server.running(tmp_path) as smtp:
        going = sends_mails(actor, smtp.port, language="en")
        visits(clinic, actor, with_address(clinic), 9, 10)
        sender.run_once(clinic.store, going, after_delay())
        (received,) = smtp.received()
    assert received.mail["Subject"] == "Your plan"
    assert text_of(received).startswith("Plan:\n")


def test_many_senders_never_share_out_what_belongs_together(clinic: Clinic, actor: Actor) -> None:
    sends_mails(actor)
    people = [with_address(clinic, email=f"p{n}@example.org") for n in range(4)]
    for n, person in enumerate(people):
        visits(clinic, actor, person, 7 + 3 * n, 8 + 3 * n, 9 + 3 * n)
    claimed: list[list[Outbox]] = []

    def work() -> None:
        while found := delivery.claim_together(clinic.store, clinic.organisation_id, after_delay()):
            claimed.append(found)
        clinic.store.forget_connection()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(len(found) for found in claimed) == [3] * 4
    assert {found[0].patient_id for found in claimed} == set(people)


@pytest.fixture
def four(clinic: Clinic) -> list[int]:
    """Visits of one patient."""
    return [a_visit(clinic, hour, patient_id=clinic.patient_id) for hour in (9, 10, 11, 12)]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["confirmation", "moved", "report"]),
                  st.integers(0, 3)),
        max_size=12,
    )
)  # fmt: skip
def test_every_due_line_is_claimed_once_and_only_like_with_like(
    clinic: Clinic, four: list[int], wanted: list[tuple[str, str, int]]
) -> None:
    Outbox.delete().execute()
    now = datetime.now(UTC).replace(microsecond=0)
    for recipient, kind, visit in wanted:
        Outbox.create(
            uuid=_uuid(),
            organisation_id=clinic.organisation_id,
            seq=1,
            patient_id=clinic.patient_id,
            appointment_id=four[visit],
            kind=kind,
            recipient=recipient,
            body="{}",
            due_at=now,
        )
    seen: list[int] = []
    while found := delivery.claim_together(clinic.store, clinic.organisation_id, now):
        seen += [line.id for line in found]
        assert len({(line.kind, line.recipient) for line in found}) == 1
        assert len(found) == 1 or found[0].kind != "report"
    assert sorted(seen) == sorted(line.id for line in Outbox.select())
