"""Subject and text of a letter, and the list of what can be filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QTextDocument, QTextOption
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.admin.fields import Fields
from clinic_desk.views.widgets import button, column, label, named, row


class WordsEditor(QWidget):
    """*edited* is called after each change by the user's hand."""

    def __init__(self, edited: Callable[[], object]) -> None:
        super().__init__()
        named(self, "letters-words", _("The words"))
        self._edited = edited
        self._filling = False
        self.subject = named(QLineEdit(), "letters-subject", _("Subject"))
        self.body = named(QPlainTextEdit(), "letters-body", _("Text"))
        self.body.setTabChangesFocus(True)
        self.body.setMinimumHeight(200)
        self._last: QWidget = self.body
        self.subject.textChanged.connect(self._changed)
        self.body.textChanged.connect(self._changed)
        for field in (self.subject, self.body):
            field.installEventFilter(self)
        self.fields = Fields("letters-fields", _("The words"))
        self.fields.add("subject", _("Subject"), self.subject)
        self.fields.add("body", _("Text"), self.body)
        self.fields.form.setRowWrapPolicy(self.fields.form.RowWrapPolicy.WrapAllRows)
        self.places = named(QListWidget(), "letters-places", _("What can be filled in"))
        self.places.setWordWrap(True)
        self.places.itemActivated.connect(self._insert)
        self.insert = button(_("Insert"), "letters-insert", self._insert_chosen)
        heading = label(_("What can be filled in"), "letters-places-title", role="strong")
        self.setLayout(column(self.fields, row(heading, 1, self.insert), self.places, grow=2))

    @property
    def words(self) -> tuple[str, str]:
        """Subject and text as they stand."""
        return self.subject.text(), self.body.toPlainText()

    def fill(self, subject: str, body: str, places: Mapping[str, str], *, mirrored: bool) -> None:
        """Show other words; *places* are names and what they mean (for translation)."""
        self._filling = True
        self.subject.setText(subject)
        self.body.setPlainText(body)
        turn(self.body, self.body.document(), mirrored=mirrored)
        side = Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight
        self.subject.setLayoutDirection(side)
        self._filling = False
        self.places.clear()
        for name, meaning in places.items():
            item = QListWidgetItem(f"{{{name}}}  {_(meaning)}")
            item.setData(Qt.ItemDataRole.UserRole, f"{{{name}}}")
            item.setSizeHint(QSize(0, 26))
            self.places.addItem(item)
        self.places.setCurrentRow(0)

    def lock(self, *, locked: bool) -> None:
        """Let nothing be changed, or let it again."""
        self.subject.setReadOnly(locked)
        self.body.setReadOnly(locked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Which of the two was written in last."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self._last = watched
        return super().eventFilter(watched, event)

    def _changed(self) -> None:
        if not self._filling:
            self._edited()

    def _insert_chosen(self) -> None:
        item = self.places.currentItem()
        if item is not None:
            self._insert(item)

    def _insert(self, item: QListWidgetItem) -> None:
        """At the cursor of the field that was written in last."""
        if self.body.isReadOnly():
            return
        text = str(item.data(Qt.ItemDataRole.UserRole))
        if self._last is self.subject:
            self.subject.insert(text)
        else:
            self.body.insertPlainText(text)
        self._last.setFocus()


def turn(widget: QWidget, document: QTextDocument, *, mirrored: bool) -> None:
    """Write from the side on which the letter's language begins, whatever the window's is."""
    side = Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight
    widget.setLayoutDirection(side)
    option = QTextOption(document.defaultTextOption())
    option.setTextDirection(side)
    edge = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    option.setAlignment(edge | Qt.AlignmentFlag.AlignAbsolute)
    document.setDefaultTextOption(option)
