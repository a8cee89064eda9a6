"""The outbox in the window: seen by state, by patient and by page; sent again and withdrawn."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.services import delivery, outbox
from clinic_desk.services.actor import Actor
from clinic_desk.services.mailer import CHECK_ADDRESS
from clinic_desk.services.messages import trouble
from clinic_desk.views import robot, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.mail.outbox_page import FILTERS, PAGE_SIZE, OutboxPageView
from clinic_desk.views.mail.post import Post
from clinic_desk.views.messages import Message
from tests import builders, smtp_server
from tests.services.mailing import a_visit, after_delay, booked, sends_mails, with_address
from tests.views.conftest import elsewhere, quiet
from tests.views.mail.conftest import Opened


@pytest.fixture
def four(clinic: builders.Clinic, actor: Actor) -> list[int]:
    """A message that waits, one that failed, one that was sent, one that was withdrawn."""
    sends_mails(actor)
    bob = with_address(clinic, first_name="Bob", last_name="Ray", email="bob@example.org")
    numbers = [
        booked(actor, a_visit(clinic, 9)).value,
        booked(actor, a_visit(clinic, 10, patient_id=bob)).value,
        booked(actor, a_visit(clinic, 11)).value,
        booked(actor, a_visit(clinic, 12)).value,
    ]
    waiting, failed, sent, withdrawn = (number or 0 for number in numbers)
    Outbox.update(due_at=after_delay(600)).where(Outbox.id == waiting).execute()
    Outbox.update(due_at=after_delay(-500)).where(Outbox.id == failed).execute()
    line = delivery.claim(clinic.store, clinic.organisation_id, after_delay(-400))
    assert line is not None
    why = trouble("“{address}” cannot be reached.", CHECK_ADDRESS, address="bob@example.org")
    assert delivery.failed(clinic.store, line, why)
    Outbox.update(due_at=after_delay(-500)).where(Outbox.id == sent).execute()
    line = delivery.claim(clinic.store, clinic.organisation_id, after_delay(-400))
    assert line is not None
    assert delivery.sent(clinic.store, line, after_delay(), "Subject sent", "Text that was sent")
    outbox.withdraw(actor, [withdrawn])
    return [waiting, failed, sent, withdrawn]


def outbox_page(opened: Opened) -> OutboxPageView:
    page = opened("outbox")
    assert isinstance(page, OutboxPageView)
    return page


def click_line(qtbot: QtBot, page: OutboxPageView, number: int, keys: bool = False) -> None:
    place = next(n for n, line in enumerate(page.model.lines) if line.id == number)
    where = page.table.visualRect(page.model.index(place, 0)).center()
    held = Qt.KeyboardModifier.ControlModifier if keys else Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, held, where)
    quiet(qtbot, page.desk)


def sift(qtbot: QtBot, page: OutboxPageView, *states: str) -> None:
    page.filter.setFocus()
    QTest.keyClick(page.filter, Qt.Key.Key_Home)
    for _step in range(FILTERS.index(states)):
        QTest.keyClick(page.filter, Qt.Key.Key_Down)
    page.filter.activated.emit(page.filter.currentIndex())
    quiet(qtbot, page.desk)


def test_every_state_is_seen_with_its_number_and_a_failure_with_its_reason(
    qtbot: QtBot, four: list[int], opened: Opened
) -> None:
    page = outbox_page(opened)
    _waiting, failed, sent, _withdrawn = four
    assert [line.id for line in page.model.lines] == four[::-1]
    assert "(4)" in page.filter.itemText(0)
    first = page.model.lines[3].created_at
    assert first is not None
    since, state = words.clock(first, page.desk.zone), page.model.index(3, 0)
    assert state.data() == f"Waiting since {since}"
    spoken = state.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Waiting since ") and spoken.endswith(f", {since}")
    assert page.model.index(2, 0).data().startswith("Failed, unsent since ")

    click_line(qtbot, page, failed)
    assert "bob@example.org" in page.told.text() and "cannot be reached" in page.told.text()
    assert "Check the address with the patient" in page.told.text()
    click_line(qtbot, page, sent)
    assert page.subject.text() == "Subject sent" and page.text.toPlainText() == "Text that was sent"
    assert not page.retry.isEnabled() and not page.withdraw.isEnabled()

    sift(qtbot, page, "failed")
    assert [line.id for line in page.model.lines] == [failed]


def test_a_message_that_failed_goes_to_the_corrected_address(
    qtbot: QtBot,
    tmp_path: Path,
    four: list[int],
    opened: Opened,
    actor: Actor,
    post: Post,
    smtp: smtp_server.Smtp,
) -> None:
    sends_mails(actor, smtp.port)
    right = Patient.update(email="bob@right.example")
    right.where(Patient.email == "bob@example.org").execute()
    page = outbox_page(opened)
    post.start(0.1)
    click_line(qtbot, page, four[1])
    robot.click(page.retry)
    qtbot.waitUntil(lambda: len(smtp.received()) == 1, timeout=10_000)
    assert smtp.received()[0].recipients == ("bob@right.example",)
    line = next(one for one in page.model.lines if one.id == four[1])
    qtbot.waitUntil(
        lambda: next(x for x in page.model.lines if x.id == line.id).state == "sent",
        timeout=10_000,
    )


def test_several_are_withdrawn_at_once_and_no_undo_is_promised_that_cannot_be_kept(
    qtbot: QtBot, four: list[int], opened: Opened, desk: Desk
) -> None:
    heard: list[Message] = []
    desk.said.connect(heard.append)
    page = outbox_page(opened)
    click_line(qtbot, page, four[0])
    click_line(qtbot, page, four[1], keys=True)
    assert "2 messages" in page.subject.text()
    robot.click(page.withdraw)
    quiet(qtbot, desk)
    assert {line.id: line.state for line in page.model.lines}[four[0]] == "withdrawn"
    assert heard[-1].text == "2 messages withdrawn" and heard[-1].undo is None
    desk.undo()
    assert heard[-1].text.startswith("Not undone: ")
    assert "This only concerned messages" in heard[-1].text
    assert page.retry.isEnabled()


def test_only_one_patients_messages_and_all_again(
    qtbot: QtBot, four: list[int], opened: Opened
) -> None:
    page = outbox_page(opened)
    click_line(qtbot, page, four[1])
    assert "Bob" in page.of_patient.text()
    robot.click(page.of_patient)
    quiet(qtbot, page.desk)
    assert [line.id for line in page.model.lines] == [four[1]]
    robot.click(page.of_patient)
    quiet(qtbot, page.desk)
    assert len(page.model.lines) == 4


def test_many_messages_are_read_page_by_page_and_by_few_questions(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, opened: Opened
) -> None:
    sends_mails(actor)
    number = booked(actor, a_visit(clinic)).value
    (line,) = Outbox.select().where(Outbox.id == number)
    for _copy in range(PAGE_SIZE + 4):
        copy = {k: v for k, v in line.__data__.items() if k != "id"}
        Outbox.create(**copy | {"uuid": str(uuid.uuid4())})
    page = outbox_page(opened)
    assert len(page.model.lines) == PAGE_SIZE
    assert "1" in page.place.text() and "2" in page.place.text()
    robot.click(page.earlier)
    quiet(qtbot, page.desk)
    assert len(page.model.lines) == 5 and not page.earlier.isEnabled()
    robot.click(page.later)
    quiet(qtbot, page.desk)
    assert len(page.model.lines) == PAGE_SIZE


def test_an_empty_outbox_says_what_will_stand_there(opened: Opened, actor: Actor) -> None:
    page = outbox_page(opened)
    assert "No message yet" in page.none.text() and page.none.isVisible()
    assert "No mail server is set up" in page.state.text()
    assert not page.table.isVisible() and not page.retry.isVisible()


def test_what_another_desk_sent_is_seen_without_being_asked_for(
    qtbot: QtBot, four: list[int], clinic: builders.Clinic, opened: Opened
) -> None:
    page = outbox_page(opened)
    page._again.setInterval(50)
    page._again.start()

    def send() -> None:
        line = delivery.claim(clinic.store, clinic.organisation_id, after_delay(1200))
        assert line is not None
        delivery.sent(clinic.store, line, after_delay(), "now", "now")

    click_line(qtbot, page, four[0])
    elsewhere(send)
    qtbot.waitUntil(lambda: page.model.lines[-1].state == "sent", timeout=5_000)
    assert [one.id for one in page.chosen] == [four[0]]


def test_somebody_who_may_only_look_is_told_why(
    qtbot: QtBot, four: list[int], clinic: builders.Clinic, desk: Desk, opened: Opened
) -> None:
    desk.actor = builders.an_actor(clinic, frozenset({"Appointment Get All", "Appointment Show"}))
    desk.catalogue = clinic.store.catalogue(clinic.organisation_id, at_least=10**9)
    page = outbox_page(opened)
    click_line(qtbot, page, four[1])
    assert not page.retry.isEnabled() and "Appointment Update" in page.retry.toolTip()


def test_a_message_that_is_tried_again_says_when(
    qtbot: QtBot, four: list[int], clinic: builders.Clinic, opened: Opened
) -> None:
    line = delivery.claim(clinic.store, clinic.organisation_id, after_delay(1200))
    assert line is not None
    delivery.later(clinic.store, line, after_delay() + timedelta(hours=1), trouble("Not now."))
    page = outbox_page(opened)
    click_line(qtbot, page, four[0])
    assert page.told.text().startswith("Not now. Tried 1 time; the next try is at")


def test_what_the_server_refused_at_first_goes_out_when_it_takes_it(
    qtbot: QtBot,
    tmp_path: Path,
    clinic: builders.Clinic,
    opened: Opened,
    actor: Actor,
    post: Post,
    smtp: smtp_server.Smtp,
) -> None:
    with smtp_server.running(tmp_path, "--refuse", "jane@example.org") as refusing:
        sends_mails(actor, refusing.port, delay_seconds=0)
        booked(actor, a_visit(clinic))
        page = outbox_page(opened)
        post.start(0.1)
        qtbot.waitUntil(lambda: page.model.lines[0].state == "failed", timeout=10_000)
        assert refusing.received() == []
    line = page.model.lines[0]
    assert "jane@example.org" in str(line.trouble.params)

    elsewhere(sends_mails, actor, smtp.port, delay_seconds=0)
    click_line(qtbot, page, line.id)
    robot.click(page.retry)
    qtbot.waitUntil(lambda: page.model.lines[0].state == "sent", timeout=10_000)
    (mail,) = smtp.received()
    assert mail.recipients == ("jane@example.org",)
