"""The handbook's window: opened by keys, turned, searched; its links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.views import handbook, robot, theme
from clinic_desk.views.extra_actions import LOCK_KEY
from clinic_desk.views.handbook import Handbook
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.remember import Memory


class Browser(QObject):
    """Stands where the system's browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[QUrl] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url)


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    QDesktopServices.setUrlHandler("https", made, "open")  # type: ignore[arg-type]
    yield made
    QDesktopServices.unsetUrlHandler("https")


@pytest.fixture
def book(qtbot: QtBot, memory: Memory) -> Handbook:
    made = Handbook(memory)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def shown_pages(book: Handbook) -> list[str]:
    items = [book.list.item(n) for n in range(book.list.count())]
    return [str(i.data(Qt.ItemDataRole.UserRole)) for i in items if not i.isHidden()]


def marked(book: Handbook) -> list[str]:
    return [one.cursor.selectedText() for one in QTextEdit.extraSelections(book.text)]


def test_shift_f1_opens_it_once_beside_the_window(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    (book,) = window.findChildren(Handbook)
    assert book.isVisible() and not book.isModal()
    book.close()
    window.actions_["handbook"].trigger()

    assert window.findChildren(Handbook) == [book] and book.isVisible()
    book.close()


def test_pages_are_turned_by_keys_and_the_last_one_is_remembered(
    qtbot: QtBot, book: Handbook, memory: Memory
) -> None:
    assert book.page == "desk" and "Booking" in book.text.toPlainText()
    book.list.setFocus()
    QTest.keyClick(book.list, Qt.Key.Key_Down)
    assert book.page == "api" and "Idempotency-Key" in book.text.toPlainText()

    again = Handbook(memory)
    qtbot.addWidget(again)
    assert again.page == "api"


def test_words_are_found_marked_and_walked_in_capitals_and_small_letters(book: Handbook) -> None:
    QTest.keyClick(book, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert book.search.hasFocus()
    QTest.keyClicks(book.search, "PINBOARD")

    assert shown_pages(book) == ["desk"]
    found = marked(book)
    assert len(found) >= 2 and {text.casefold() for text in found} == {"pinboard"}
    assert str(len(found)) in book.told.text()
    first = book.text.textCursor().position()
    QTest.keyClick(book.search, Qt.Key.Key_Return)
    second = book.text.textCursor().position()
    robot.click(book.previous_button)
    assert (book.text.textCursor().position() == first) and second > first
    for _place in found:
        robot.click(book.next_button)
    assert book.text.textCursor().position() == first, "after the last one comes the first"


def test_a_word_of_another_page_leads_there_and_one_of_no_page_says_so(book: Handbook) -> None:
    QTest.keyClicks(book.search, "if-match")
    assert (book.page, shown_pages(book)) == ("api", ["api"]) and marked(book)

    book.search.clear()
    QTest.keyClicks(book.search, "xylophone")
    assert shown_pages(book) == [] and book.told.text() == "Not found."
    assert not book.next_button.isEnabled()
    book.search.clear()
    assert shown_pages(book) == list(handbook.PAGES) and not book.told.text()


def test_links_to_pages_open_here_and_others_in_the_browser(
    book: Handbook, browser: Browser
) -> None:
    book.text.anchorClicked.emit(QUrl("api.md"))
    assert book.page == "api" and not browser.opened
    book.text.anchorClicked.emit(QUrl("https://www.rfc-editor.org/rfc/rfc9457"))
    assert [url.host() for url in browser.opened] == ["www.rfc-editor.org"]
    assert book.page == "api"


@pytest.mark.parametrize("name", handbook.PAGES)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", handbook.pages()[name]):
        url = QUrl(target)
        assert url.scheme() in handbook.OUTSIDE or target.removesuffix(".md") in handbook.PAGES


def test_every_key_that_the_page_for_the_desk_names_is_one(window: MainWindow) -> None:
    listed = " ".join([LOCK_KEY, *(one.keys for one in window.actions_.sheet)])
    table = handbook.pages()["desk"].partition("## Keys")[2]
    for row in re.findall(r"^\| ((?:Ctrl|Shift|F|[A-Z]\b).*?) \|", table, re.MULTILINE):
        for key in re.split(r", | … ", row):
            assert key in listed.split(), key


def test_in_another_language_the_window_says_that_the_text_is_english(
    qtbot: QtBot, memory: Memory
) -> None:
    i18n.set_language("ar")
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    book = Handbook(memory)
    qtbot.addWidget(book)
    book.show()

    told = robot.find(book, QWidget, "handbook-foreign")
    assert told.isVisible()
    assert book.list.mapTo(book, book.list.rect().center()).x() > book.width() / 2
    option = book.text.document().defaultTextOption()
    assert option.textDirection() == Qt.LayoutDirection.LeftToRight


def test_another_palette_keeps_the_place(book: Handbook, tmp_path: Path) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    book.text.verticalScrollBar().setValue(300)
    theme.apply(application, "dark")
    assert book.text.verticalScrollBar().value() == 300
    theme.apply(application, "light")
