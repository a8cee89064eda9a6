"""The tour through the messages to patients: how they leave, what left, and what they say."""

from __future__ import annotations

from PySide6.QtCore import Qt

from clinic_desk.views import robot
from clinic_desk.views.mail.letters_page import LettersPage
from clinic_desk.views.mail.outbox_page import OutboxPageView
from clinic_desk.views.mail.settings_page import MailPage
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_admin import page_of
from clinic_desk.views.tour_walk import Walk

CTRL = Qt.KeyboardModifier.ControlModifier
OWN_WORDS = "The lift is out of order"


def mail(walk: Walk) -> None:
    """The settings, the outbox; a letter gets a sentence of the clinic's own, and loses it."""
    settings = page_of(walk, "mail", MailPage)
    until("the settings", lambda: settings.card is not None)
    sure("nothing to save", not settings.unsaved and not settings.save_button.isEnabled())
    walk.album.take(walk.window, "mail-settings")
    outbox = page_of(walk, "outbox", OutboxPageView)
    until("the messages", lambda: outbox.shown is not None)
    walk.album.take(walk.window, "outbox")
    _own_words(walk, page_of(walk, "letters", LettersPage))


def _own_words(walk: Walk, page: LettersPage) -> None:
    """Written, seen in the preview, kept; and back to the program's words."""
    until("the words", lambda: page.card is not None and page.preview.toPlainText())
    card = page.card
    assert card is not None
    sure("the program's own words", card.version == 0)
    body = page.editor.body
    body.setFocus()
    robot.key(body, Qt.Key.Key_End, CTRL)
    robot.key(body, Qt.Key.Key_Return, times=2)
    robot.write(body, OWN_WORDS)
    until("them in the preview", lambda: OWN_WORDS in page.preview.toPlainText())
    robot.click(page.save_button)
    until("they are kept", lambda: page.card is not None and page.card.version > 0)
    walk.quiet()
    kept = page.card
    sure("as they were typed", kept is not None and OWN_WORDS in kept.body and not page.unsaved)
    walk.album.take(walk.window, "letter-own-words")
    robot.click(page.reset)
    until("the program's words", lambda: page.card is not None and page.card.version == 0)
    walk.quiet()
    back = page.card
    sure("word for word", back is not None and back.body == card.body)
