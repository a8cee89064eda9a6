"""The addresses of a provider's calendar: made, copied and withdrawn in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.rules import permissions
from clinic_desk.services import calendar_addresses, journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.calendar_addresses import AddressCard, Contents
from clinic_desk.services.tokens import PERMISSION
from clinic_desk.views import robot
from clinic_desk.views.background import Background
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.calendar_access import CalendarAccess
from clinic_desk.views.operational.calendar_dialog import SERVER, CalendarAddresses
from clinic_desk.views.operational.operational_screen import OperationalScreen
from clinic_desk.views.operational.provider_page import ProviderForm
from tests import builders
from tests.builders import Clinic
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, page, pick, seen, write


@pytest.fixture
def book(qtbot: QtBot, section: OperationalScreen) -> BookPage:
    """The page of providers with the only one open."""
    QGuiApplication.clipboard().clear()
    found = page(qtbot, section, "providers")
    choose(qtbot, found, "Dr")
    return found


def opened(qtbot: QtBot, book: BookPage) -> CalendarAddresses:
    """The window of addresses, by a click."""
    access = form(book, ProviderForm).calendar
    seen(book, access)
    robot.click(access.open)
    quiet(qtbot, book.desk)
    made = access.window_
    assert made is not None and made.isVisible()
    return made


def stored(actor: Actor, clinic: Clinic) -> tuple[AddressCard, ...]:
    return elsewhere(calendar_addresses.of_provider, actor, clinic.provider_id)


def test_an_address_is_made_by_keys_shown_once_and_copied(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    shown = opened(qtbot, book)
    assert shown.none.isVisible() and shown.name.hasFocus()

    QTest.keyClicks(shown.name, "Her phone")
    QTest.keyClick(shown.name, Qt.Key.Key_Return)
    quiet(qtbot, book.desk)

    (card,) = stored(actor, clinic)
    assert (card.name, card.contents, card.language) == ("Her phone", Contents.BUSY, "en_US")
    text = shown.address.text()
    assert text.startswith(f"{SERVER}/feeds/") and text.endswith(".ics")
    secret = text.removeprefix(f"{SERVER}/feeds/").removesuffix(".ics")
    reader = elsewhere(calendar_addresses.reader, clinic.store, secret)
    assert reader.card.id == card.id
    assert shown.copy.hasFocus()
    QTest.keyClick(shown.copy, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == text
    assert shown.copied.text() == "Copied."
    assert shown.list.count() == 1
    robot.click(robot.find(shown, QPushButton, "calendar-close"))
    assert shown.address.text() == ""


def test_whoever_gives_names_away_is_warned(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    shown = opened(qtbot, book)
    assert not shown.warning.isVisible()

    pick(shown.contents, "names")
    assert shown.warning.isVisible()
    robot.click(shown.make)
    quiet(qtbot, book.desk)

    (card,) = stored(actor, clinic)
    assert card.contents == Contents.NAMES
    assert not shown.warning.isVisible()  # the next one begins careful again


def test_an_address_is_withdrawn_after_a_question(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    for name in ("Tablet", "Phone"):
        elsewhere(calendar_addresses.give, actor, clinic.provider_id, name=name)
    shown = opened(qtbot, book)
    shown.list.setFocus()
    QTest.keyClick(shown.list, Qt.Key.Key_Down)
    assert shown.card is not None and shown.card.name == "Tablet"

    robot.click(shown.withdraw)
    assert shown.question is not None
    assert shown.question.focusWidget() is shown.question.keep
    robot.click(shown.question.keep)
    assert len(stored(actor, clinic)) == 2
    robot.click(shown.withdraw)
    robot.click(shown.question.go)
    quiet(qtbot, book.desk)

    assert [card.name for card in stored(actor, clinic)] == ["Phone"]
    assert [shown.list.item(n).text() for n in range(shown.list.count())] == [
        "\u2068Phone\u2069 – Busy times and the type only – last used: never"
    ]


def test_the_server_is_remembered_and_one_that_is_none_is_refused_beside_the_field(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    shown = opened(qtbot, book)

    write(shown.server, "calendar.example.org")
    robot.click(shown.make)
    quiet(qtbot, book.desk)
    assert shown.told.isVisible() and stored(actor, clinic) == ()
    write(shown.server, "https://calendar.example.org/")
    robot.click(shown.make)
    quiet(qtbot, book.desk)
    assert shown.address.text().startswith("https://calendar.example.org/feeds/")
    shown.close()
    quiet(qtbot, book.desk)

    assert opened(qtbot, book).server.text() == "https://calendar.example.org"


def test_a_refusal_stands_in_the_window_and_nothing_typed_is_lost(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    for _ in range(calendar_addresses.MOST):
        elsewhere(calendar_addresses.give, actor, clinic.provider_id)
    shown = opened(qtbot, book)
    QTest.keyClicks(shown.name, "One too many")

    robot.click(shown.make)
    quiet(qtbot, book.desk)

    assert shown.name.text() == "One too many"
    assert len(stored(actor, clinic)) == calendar_addresses.MOST
    assert shown.make.isEnabled() and not shown.shown.isVisible()


def test_who_may_give_no_access_is_told_why(
    qtbot: QtBot, clinic: Clinic, background: Background
) -> None:
    names = frozenset(permissions.ALL) - {PERMISSION}
    limited = builders.an_actor(clinic, names)
    store = clinic.store
    desk = Desk(limited, background, store.catalogue(clinic.organisation_id))
    access = CalendarAccess(desk)
    qtbot.addWidget(access)

    access.show_provider(desk.catalogue.providers[clinic.provider_id])

    assert not access.open.isEnabled()
    assert PERMISSION in access.open.toolTip()


def test_a_provider_who_is_not_stored_has_no_calendar_yet(qtbot: QtBot, book: BookPage) -> None:
    access = form(book, ProviderForm).calendar
    assert access.open.isEnabled()
    robot.click(book.face.add)
    assert not access.open.isEnabled()
    assert access.open.toolTip() == "Save the provider first."


def test_the_history_tells_of_addresses_and_of_no_secret(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    shown = opened(qtbot, book)
    robot.click(shown.make)
    quiet(qtbot, book.desk)

    (card,) = stored(actor, clinic)
    (deed,) = elsewhere(journal.history, actor, "calendar_address", card.id)

    secret = shown.address.text().rpartition("/")[2].removesuffix(".ics")
    assert deed.action == "calendar.give"
    assert secret not in str(deed)
