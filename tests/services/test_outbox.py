"""The outbox: sent once by many, tried again, told why not, read and decided by staff."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import vobject

from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import delivery, mail_settings, outbox, safe, sender, served
from clinic_desk.services.calendar_file import uid
from clinic_desk.services.mailer import Security
from clinic_desk.services.safe import Place
from clinic_desk.services.sender import Sender
from tests import builders, smtp_server
from tests.services.counting import statements
from tests.services.mailing import (
    a_visit,
    after_delay,
    asked,
    booked,
    changed,
    lines,
    moved,
    sends_mails,
    told,
    with_address,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def smtp(tmp_path):
    with smtp_server.running(tmp_path) as running:
        yield running


# Sending ---------------------------------------------------------------------------------


def test_a_confirmation_arrives_with_its_calendar_file(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port, sender_name="Test Clinic, Vienna")
    visit = a_visit(clinic)
    booked(actor, visit)

    done = sender.run_once(clinic.store, going, after_delay())

    (received,) = smtp.received()
    mail = received.mail
    assert done.sent == 1
    assert mail["To"].addresses[0].addr_spec == "jane@example.org"
    assert mail["From"].addresses[0].display_name == "Test Clinic, Vienna"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Tuesday, May 20, 2031" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "10:00" in body.get_content()
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds.count("text/html") == kinds.count("text/calendar") == 1
    (calendar,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    read = vobject.readOne(calendar.get_content())
    assert calendar["Content-Type"].params["method"] == read.method.value == "REQUEST"
    assert read.vevent.dtstart.value.astimezone(UTC) == clinic.at(10)
    assert "Check-up" not in calendar.get_content()
    (line,) = lines(visit)
    assert line.state == "sent"
    assert line.sent_at is not None
    assert json.loads(line.body)["subject"] == mail["Subject"]
    assert received.message_id == f"<{line.uuid}@clinic.example>"


def test_a_move_changes_the_same_entry_of_the_calendar_and_a_cancellation_takes_it(
    clinic, actor, smtp
):
    going = sends_mails(actor, smtp.port)
    visit = a_visit(clinic)
    booked(actor, visit)
    sender.run_once(clinic.store, going, after_delay())
    moved(clinic, actor, visit, 15)
    sender.run_once(clinic.store, going, after_delay())
    changed(actor, visit, status="cancelled")
    sender.run_once(clinic.store, going, after_delay())

    files = [
        vobject.readOne(part.get_content())
        for received in smtp.received()
        for part in received.mail.walk()
        if part.get_content_type() == "text/calendar"
    ]

    assert [file.method.value for file in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({file.vevent.uid.value for file in files}) == 1
    numbers = [int(file.vevent.sequence.value) for file in files]
    assert numbers == sorted(set(numbers))
    assert files[1].vevent.dtstart.value.astimezone(UTC) == clinic.at(15)
    text = smtp.received()[1].mail.get_body(("plain",)).get_content()
    assert "Before, it was on Tuesday, May 20, 2031, 10:00" in text.replace("\u202f", " ")
    (uuid,) = clinic.store.rows("SELECT uuid FROM appointment WHERE id = ?", (visit,))[0]
    assert files[0].vevent.uid.value == uid(uuid)


def test_a_letter_is_in_the_patients_language(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port, language="fr")
    booked(actor, a_visit(clinic, patient_id=with_address(clinic, language="ar")))
    booked(actor, a_visit(clinic, 11))

    sender.run_once(clinic.store, going, after_delay())

    assert [r.mail["Content-Language"] for r in smtp.received()] == ["ar", "fr"]


def test_nothing_leaves_before_its_time(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port, delay_seconds=60)
    booked(actor, a_visit(clinic))

    sender.run_once(clinic.store, going, datetime.now(UTC) + timedelta(seconds=50))

    assert smtp.received() == []


def test_a_visit_that_was_changed_past_the_outbox_is_not_told_wrongly(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port)
    visit = a_visit(clinic)
    booked(actor, visit)
    clinic.store.database.execute_sql(
        "UPDATE appointment SET status = 'cancelled' WHERE organisation_id = "
        f"{clinic.organisation_id}"
    )

    done = sender.run_once(clinic.store, going, after_delay())

    assert (done.sent, done.withdrawn) == (0, 1)
    assert told(visit) == [("confirmation", "withdrawn")]


def test_a_dead_server_costs_one_try_and_says_why(clinic, actor):
    going = sends_mails(actor, 1)
    first, second = a_visit(clinic), a_visit(clinic, 11)
    booked(actor, first)
    booked(actor, second)

    done = sender.run_once(clinic.store, going, after_delay())

    assert done.trouble is not None
    assert [line.attempts for line in lines()] == [1, 0]
    (line,) = lines(first)
    assert line.state == "waiting"
    assert "refuses connections" in outbox.trouble(line.last_error).message


def test_waits_grow_and_after_the_last_try_the_reason_stays_to_be_read(clinic, actor):
    going = sends_mails(actor, 1, most_tries=4)
    visit = a_visit(clinic)
    booked(actor, visit)
    at, waits = after_delay(), []
    for _try in range(4):
        sender.run_once(clinic.store, going, at)
        due = lines(visit)[0].due_at
        waits.append((due - at).total_seconds())
        at = max(due, at) + timedelta(seconds=1)

    assert told(visit) == [("confirmation", "failed")]
    assert waits[0] < waits[1] < waits[2]
    (card,) = outbox.lines(actor, states=["failed"]).items
    assert "refuses connections" in card.trouble.message
    assert "587" in card.trouble.way_out
    assert card.trouble.params["host"] == "localhost"


def test_an_address_that_nobody_has_fails_at_once_and_holds_nobody_up(clinic, actor, tmp_path):
    with smtp_server.running(tmp_path, "--refuse", "gone@example.org") as smtp:
        going = sends_mails(actor, smtp.port)
        booked(actor, a_visit(clinic, patient_id=with_address(clinic, email="gone@example.org")))
        booked(actor, a_visit(clinic, 11))

        done = sender.run_once(clinic.store, going, after_delay())

    assert (done.sent, done.failed, done.trouble) == (1, 1, None)


def test_an_address_that_is_none_fails_with_a_sentence(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port)
    booked(actor, a_visit(clinic, patient_id=with_address(clinic, email="nobody at home")))

    sender.run_once(clinic.store, going, after_delay())

    (card,) = outbox.lines(actor).items
    assert card.state == "failed"
    assert "is no e-mail address" in card.trouble.message


def test_a_lost_answer_sends_the_same_mail_again_under_the_same_name(clinic, actor, tmp_path):
    with smtp_server.running(tmp_path, "--drop") as smtp:
        going = sends_mails(actor, smtp.port)
        visit = a_visit(clinic)
        booked(actor, visit)
        for minutes in (2, 10):
            sender.run_once(clinic.store, going, after_delay(60 * minutes))

        names = [received.message_id for received in smtp.received()]

    assert len(names) == 2
    assert len(set(names)) == 1
    assert "may have arrived" in outbox.trouble(lines(visit)[0].last_error).message


def test_whoever_was_away_longer_than_the_lease_changes_nothing(clinic, actor):
    sends_mails(actor)
    booked(actor, a_visit(clinic))
    claimed = delivery.claim(clinic.store, clinic.organisation_id, after_delay(), lease_seconds=-9)
    again = delivery.claim(clinic.store, clinic.organisation_id, after_delay())

    assert claimed is not None
    assert again is not None
    assert again.id == claimed.id
    assert not delivery.failed(clinic.store, claimed, "late")
    assert delivery.sent(clinic.store, again, after_delay(), "s", "t")


def test_a_line_that_is_claimed_is_nobody_elses(clinic, actor):
    sends_mails(actor)
    booked(actor, a_visit(clinic))

    assert delivery.claim(clinic.store, clinic.organisation_id, after_delay()) is not None
    assert delivery.claim(clinic.store, clinic.organisation_id, after_delay()) is None


def test_another_organisations_mails_are_left_alone(store, clinic, actor, smtp):
    going = sends_mails(actor, smtp.port)
    other = builders.a_clinic(store, name="Other")
    stranger = builders.an_actor(other)
    sends_mails(stranger)
    booked(stranger, a_visit(other))

    sender.run_once(store, going, after_delay())

    assert smtp.received() == []
    assert outbox.lines(actor).total == 0


# Codes -----------------------------------------------------------------------------------


def test_who_cannot_make_codes_leaves_them_to_others(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port)
    asked(actor, 7)

    sender.run_once(clinic.store, going, after_delay())

    assert [line.state for line in lines()] == ["waiting"]


# The page --------------------------------------------------------------------------------


def test_the_page_lists_counts_and_pages(clinic, actor):
    sends_mails(actor)
    jane = with_address(clinic, last_name="Doe")
    for hour in (8, 9, 10):
        booked(actor, a_visit(clinic, hour, patient_id=jane))
    booked(actor, a_visit(clinic, 11))
    outbox.withdraw(actor, [lines()[0].id])

    page = outbox.lines(actor, patient_id=jane, states=["waiting"], page_size=1)

    assert (page.total, len(page.items)) == (2, 1)
    assert page.counts["withdrawn"] == 1
    assert page.items[0].patient_name == "Doe, Jane"
    assert outbox.lines(actor, page=2, page_size=3).items[0].id == lines()[0].id
    with pytest.raises(Invalid):
        outbox.lines(actor, page=0)
    with pytest.raises(Invalid):
        outbox.lines(actor, states=["lost"])


def test_a_page_is_two_queries_however_many_messages(clinic, actor):
    sends_mails(actor)
    for hour in range(8, 17):
        booked(actor, a_visit(clinic, hour))

    with statements(clinic.store) as seen:
        outbox.lines(actor)

    assert len(seen) == 2


def test_the_text_is_what_was_sent_even_when_the_words_change(clinic, actor, smtp):
    from clinic_desk.services import templates
    from clinic_desk.services.letter_texts import Kind

    going = sends_mails(actor, smtp.port)
    booked(actor, a_visit(clinic))
    sender.run_once(clinic.store, going, after_delay())
    booked(actor, a_visit(clinic, 11))
    templates.put(actor, Kind.CONFIRMATION, "en", subject="New", body="New {day}", version=0)

    waiting, sent = outbox.lines(actor).items

    assert "appointment at Test Clinic" in outbox.text(actor, sent.id).text
    assert outbox.text(actor, sent.id).sent
    assert outbox.text(actor, waiting.id).text == "New Tuesday, May 20, 2031\n"
    with pytest.raises(NotFound):
        outbox.text(actor, 10**9)


def test_a_failed_message_goes_to_the_address_that_was_mended(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port)
    jane = with_address(clinic, email="jane at home")
    visit = a_visit(clinic, patient_id=jane)
    booked(actor, visit)
    sender.run_once(clinic.store, going, after_delay())
    Patient.update(email="jane@example.com").where(Patient.id == jane).execute()

    outbox.retry(actor, [lines(visit)[0].id])
    done = sender.run_once(clinic.store, going, after_delay())

    assert done.sent == 1
    assert smtp.received()[0].recipients == ("jane@example.com",)


def test_staff_withdraw_what_waits_and_not_what_is_gone(clinic, actor, smtp):
    going = sends_mails(actor, smtp.port)
    booked(actor, a_visit(clinic))
    booked(actor, a_visit(clinic, 11))
    first, second = lines()

    outbox.withdraw(actor, [first.id])
    sender.run_once(clinic.store, going, after_delay())

    assert [line.state for line in lines()] == ["withdrawn", "sent"]
    with pytest.raises(Refused, match="has been sent"):
        outbox.withdraw(actor, [second.id])
    with pytest.raises(Refused, match="failed or was withdrawn"):
        outbox.retry(actor, [second.id])
    with pytest.raises(NotFound):
        outbox.withdraw(actor, [10**9])


def test_a_message_that_is_being_sent_cannot_be_withdrawn(clinic, actor):
    sends_mails(actor)
    booked(actor, a_visit(clinic))
    delivery.claim(clinic.store, clinic.organisation_id, after_delay())

    with pytest.raises(Refused, match="being sent"):
        outbox.withdraw(actor, [lines()[0].id])


def test_each_act_asks_for_its_permission(clinic, actor):
    sends_mails(actor)
    booked(actor, a_visit(clinic))
    nobody = builders.an_actor(clinic, frozenset())
    reader = builders.an_actor(clinic, frozenset({outbox.SEE}))
    number = lines()[0].id

    with pytest.raises(NotAllowed):
        outbox.lines(nobody)
    assert outbox.lines(reader).total == 1
    for act in (lambda: outbox.text(reader, number), lambda: outbox.withdraw(reader, [number])):
        with pytest.raises(NotAllowed):
            act()
    assert {outbox.SEE, outbox.READ, outbox.ACT} <= set(ALL)


# Many senders ----------------------------------------------------------------------------


@pytest.mark.slow
def test_eight_processes_send_two_hundred_lines_though_they_are_killed(
    clinic, actor, tmp_path, database_url
):
    patient_id = with_address(clinic)
    visit = a_visit(clinic, patient_id=patient_id)
    now = datetime.now(UTC).replace(microsecond=0)
    with smtp_server.running(tmp_path, "--slow", "0.02") as smtp:
        sends_mails(actor, smtp.port)
        booked(actor, visit)
        (pattern,) = lines(visit)
        values = {k: v for k, v in pattern.__data__.items() if k not in {"id", "uuid"}}
        for _number in range(199):
            Outbox.create(**values | {"uuid": builders._uuid(), "due_at": now})
        clinic.store.forget_connection()
        killed = _crowd(database_url, clinic.organisation_id, smtp)
        received = smtp.received()

    times = Counter(mail.message_id for mail in received)
    wanted = {f"<{line.uuid}@clinic.example>" for line in lines(visit)}
    assert {line.state for line in lines(visit)} == {"sent"}
    assert set(times) == wanted
    for name in (name for name, count in times.items() if count > 1):
        senders = [mail.helo for mail in received if mail.message_id == name]
        # All but the last of those who sent it twice died between DATA and its note.
        assert set(senders[:-1]) <= killed, (name, senders)
    assert sum(times.values()) - len(times) <= len(killed)


def _crowd(url: str, organisation_id: int, smtp: smtp_server.Smtp) -> set[str]:
    """Eight senders, of whom one dies every now and then and another one comes."""
    dice = random.Random(7)
    killed: set[str] = set()
    lease = "10"  # longer than a busy machine lets one of them wait in mid-sending

    def another() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.services.mailer_process"]
        return subprocess.Popen([*command, url, str(organisation_id), lease], cwd=ROOT)

    with ExitStack() as stack:
        crowd = [another() for _number in range(8)]
        stack.callback(_end, crowd)
        give_up = time.monotonic() + 180
        while len({m.message_id for m in smtp.received()}) < 200 and time.monotonic() < give_up:
            time.sleep(dice.uniform(0.1, 0.5))
            alive = [process for process in crowd if process.poll() is None]
            if smtp.received() and len(killed) < 12 and alive:
                victim = dice.choice(alive)
                victim.kill()
                victim.wait()
                killed.add(f"process-{victim.pid}.test")
                crowd.append(another())
            elif not alive:
                crowd.append(another())
        for process in crowd:
            process.wait(timeout=60)
    return killed


def _end(crowd: list[subprocess.Popen[bytes]]) -> None:
    for process in crowd:
        process.kill()


# The thread ------------------------------------------------------------------------------


def test_the_thread_survives_a_dead_server_and_sends_when_it_is_back(clinic, actor, tmp_path):
    sends_mails(actor, 1, delay_seconds=0)
    visit = a_visit(clinic)
    booked(actor, visit)
    thread = Sender(clinic.store, [clinic.organisation_id], pause_seconds=0.05)
    thread.start()
    try:
        _until(lambda: thread.last and thread.last[clinic.organisation_id].trouble)
        with smtp_server.running(tmp_path) as smtp:
            sends_mails(actor, smtp.port, delay_seconds=0)
            outbox.withdraw(actor, [lines(visit)[0].id])
            outbox.retry(actor, [lines(visit)[0].id])
            thread.wake()
            _until(smtp.received)
            _until(lambda: told(visit) == [("confirmation", "sent")])
    finally:
        thread.stop()


def test_who_sends_for_all_sends_for_a_clinic_that_is_founded_later_too(
    clinic, tmp_path, monkeypatch
):
    monkeypatch.setattr(served, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(sender, "LONGEST_PAUSE_SECONDS", 0.2)
    with smtp_server.running(tmp_path) as smtp:
        thread = Sender(clinic.store, None, pause_seconds=0.2)
        thread.start()
        try:
            _until(lambda: clinic.organisation_id in thread.last)
            newcomer = builders.a_clinic(clinic.store)
            actor = builders.an_actor(newcomer)
            sends_mails(actor, smtp.port, delay_seconds=0)
            booked(actor, a_visit(newcomer))
            _until(smtp.received)
        finally:
            thread.stop()


def test_a_computer_without_the_password_leaves_the_sending_to_others(
    clinic, actor, tmp_path, monkeypatch
):
    monkeypatch.setenv("CLINIC_DESK_HOME", str(tmp_path))
    options = ("--user", "desk", "--password", "key")
    with smtp_server.running(tmp_path, *options, tls="starttls") as smtp:
        sends_mails(
            actor,
            smtp.port,
            user="desk",
            security=Security.STARTTLS,
            certificate=smtp.certificate,
        )
        booked(actor, a_visit(clinic))
        assert sender.outgoing(clinic.store, clinic.organisation_id) is None

        mail_settings.keep_password(actor, "key", Place.MEMORY)
        going = sender.outgoing(clinic.store, clinic.organisation_id)
        assert going is not None
        sender.run_once(clinic.store, going, after_delay())
        (received,) = smtp.received()

    safe.forget(mail_settings.password_name(clinic.store, clinic.organisation_id))
    assert (received.encrypted, received.user) == (True, "desk")
    assert "key" not in repr(going).replace("keyring", "")
    everything = "".join(
        str(clinic.store.rows(f"SELECT * FROM {t}")) for t in ("setting", "deed", "deed_text")
    )
    assert '"key"' not in everything


def _until(true, seconds: float = 20.0) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.02)
