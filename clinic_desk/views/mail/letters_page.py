"""Letters: the clinic's own words for each message and language, seen as they will look."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services import settings as shared
from clinic_desk.services import templates
from clinic_desk.services.cards import Done
from clinic_desk.services.letter_texts import NAMES, Kind
from clinic_desk.services.letters import Letter
from clinic_desk.services.templates import TemplateCard
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.form_page import CardPage
from clinic_desk.views.mail.words_editor import WordsEditor, turn
from clinic_desk.views.messages import Change
from clinic_desk.views.widgets import button, column, label, named, row

PAUSE_MS = 250
"""After the last key, before the preview is made anew."""


class LettersPage(CardPage[TemplateCard]):
    """The card is the words that are shown; None before they are read."""

    shows = TemplateCard

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "letters", _("Letters"))
        self._own: set[tuple[Kind, str]] = set()
        self._make_list()
        self._make_words()
        self._make_preview()
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "letters-splitter")
        for part in (self._side, self._middle, self._right):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setStretchFactor(2, 2)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([170, 400, 280])
        self.setLayout(column(self.splitter))
        self.setFocusProxy(self.list)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask_preview)
        desk.deeds_happened.connect(self._happened)
        desk.catalogue_changed.connect(self._allow)
        self._allow()
        self.load()

    def _make_list(self) -> None:
        self.language = named(QComboBox(), "letters-language", _("Language"))
        for tag in i18n.available():
            self.language.addItem(i18n.name_of(tag), tag)
        mine = i18n.language().partition("_")[0]
        place = max(self.language.findData(i18n.language()), self.language.findData(mine), 0)
        self.language.setCurrentIndex(place)
        self.language.setMinimumContentsLength(8)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.language.setSizeAdjustPolicy(policy)
        self._language_place = place
        self.language.activated.connect(self._language_chosen)
        self.list = named(QListWidget(), "letters-list", _("Messages to patients"))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setWordWrap(True)
        for kind in Kind:
            item = QListWidgetItem(_(NAMES[kind]))
            item.setData(Qt.ItemDataRole.UserRole, kind)
            item.setSizeHint(QSize(0, 36))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._list_place = 0
        self.list.currentRowChanged.connect(self._kind_chosen)
        self._side = named(QWidget(), "letters-side", role="panel")
        self._side.setLayout(column(self.language, self.list, margin=16, grow=1))
        self._side.setMinimumWidth(140)

    def _make_words(self) -> None:
        self.title = label("", "letters-title", role="title", wrap=True)
        self.whose = label("", "letters-whose", role="hint", wrap=True)
        self.editor = WordsEditor(self._edited)
        self.fields = self.editor.fields
        self.reset = button(_("Back to the program’s words"), "letters-reset", self._reset)
        self._middle = named(QWidget(), "letters-middle", role="panel")
        self._middle.setMinimumWidth(310)
        self._middle.setLayout(
            column(
                self.title,
                self.whose,
                self.editor,
                self.conflict,
                self.told,
                row(self.save_button, self.discard_button, 1),
                row(self.reset, 1),
                margin=16,
                grow=2,
            )
        )
        keys = QShortcut(QKeySequence.StandardKey.Save, self)
        keys.activated.connect(self.save)

    def _make_preview(self) -> None:
        heading = label(_("So it looks"), "letters-preview-title", role="heading", wrap=True)
        hint = label(
            _("With an invented patient; what is not known is left out."),
            "letters-preview-hint",
            role="hint",
            wrap=True,
        )
        self.preview_subject = label("", "letters-preview-subject", role="strong", wrap=True)
        self.preview = named(QTextBrowser(), "letters-preview", _("So it looks"))
        self.preview.setOpenLinks(False)
        self._right = named(QWidget(), "letters-right", role="panel")
        self._right.setLayout(
            column(heading, hint, self.preview_subject, self.preview, margin=16, grow=3)
        )
        self._right.setMinimumWidth(150)

    # Reading ----------------------------------------------------------------------------------

    @property
    def kind(self) -> Kind:
        """The message whose words are shown."""
        item = self.list.item(self._list_place)
        return Kind(item.data(Qt.ItemDataRole.UserRole))

    @property
    def tag(self) -> str:
        """The language in which they are shown."""
        return str(self.language.itemData(self._language_place))

    def load(self) -> None:
        """Read the words of the chosen message in the chosen language."""
        self.desk.ask(
            templates.template,
            self.kind,
            self.tag,
            done=self._read,
            failed=self._not_read,
            ticket=("letter", id(self)),
            what=_("reading the letters"),
        )
        if self.desk.may(shared.SHARING):
            self.desk.ask(templates.changed, done=self._own_read, ticket=("letters-own", id(self)))

    def _own_read(self, cards: tuple[TemplateCard, ...]) -> None:
        """Those with words of the clinic's own are marked in the list."""
        self._own = {(card.kind, card.language) for card in cards}
        for place in range(self.list.count()):
            item = self.list.item(place)
            kind = Kind(item.data(Qt.ItemDataRole.UserRole))
            name = _(NAMES[kind])
            own = (kind, self.tag) in self._own
            item.setText(_("{name} (own words)").format(name=name) if own else name)

    def _not_read(self, error: BaseException) -> None:
        self._tell(error)
        if not isinstance(error, ClinicError):
            self.desk.complain(error)

    def _show(self, card: TemplateCard) -> None:
        self.card, self._theirs = card, None
        mirrored = i18n.is_right_to_left(card.language)
        self.editor.fill(card.subject, card.body, card.places, mirrored=mirrored)
        turn(self.preview, self.preview.document(), mirrored=mirrored)
        self.title.setText(_(NAMES[card.kind]))
        self.whose.setText(
            _("The clinic’s own words.") if card.version else _("The program’s own words.")
        )
        self.conflict.hide()
        self._settled()
        self._ask_preview()

    def _settled(self) -> None:
        self.told.hide()
        self.fields.untell()
        self._allow()

    # Choosing another -------------------------------------------------------------------------

    def _kind_chosen(self, place: int) -> None:
        if place < 0 or place == self._list_place:
            return
        self.list.blockSignals(True)
        self.list.setCurrentRow(self._list_place)
        self.list.blockSignals(False)
        self.leave_then(lambda: self._turn(place, self._language_place))

    def _language_chosen(self, place: int) -> None:
        if place == self._language_place:
            return
        self.language.setCurrentIndex(self._language_place)
        self.leave_then(lambda: self._turn(self._list_place, place))

    def _turn(self, kind_place: int, language_place: int) -> None:
        self._list_place, self._language_place = kind_place, language_place
        self.list.blockSignals(True)
        self.list.setCurrentRow(kind_place)
        self.list.blockSignals(False)
        self.language.setCurrentIndex(language_place)
        self.card = None
        self.load()

    # Editing ----------------------------------------------------------------------------------

    @property
    def unsaved(self) -> str:
        """What is not saved, as the question names it."""
        card = self.card
        if card is None:
            return ""
        same = self.editor.words == (card.subject, card.body)
        return "" if same else _(NAMES[card.kind])

    def _edited(self) -> None:
        self._settled()
        self._pause.start()

    def _allow(self) -> None:
        may = self.desk.may(shared.SHARING)
        edited = bool(self.unsaved) and not self._saving
        self.editor.lock(locked=not may)
        allow(self.desk, self.editor.insert, shared.SHARING)
        self._allow_saving(shared.SHARING, on=edited)
        own = self.card is not None and self.card.version > 0
        allow(self.desk, self.reset, shared.SHARING, on=own and not self._saving)

    # Preview ----------------------------------------------------------------------------------

    def _ask_preview(self) -> None:
        if self.card is None:
            return
        self.desk.ask(
            templates.preview,
            self.card.kind,
            self.card.language,
            *self.editor.words,
            done=self._previewed,
            failed=self._not_previewed,
            ticket=("letter-preview", id(self)),
            what=_("making the preview"),
        )

    def _previewed(self, letter: Letter) -> None:
        self.fields.untell()
        self.preview_subject.setText(letter.subject)
        # Qt spaces the first paragraph alone by this; mail programs do it right.
        self.preview.setHtml(letter.html.replace("; line-height: 1.5", ""))

    def _not_previewed(self, error: BaseException) -> None:
        """What is wrong stands at its field, as saving would say it; the last preview stays."""
        focus = self.focusWidget()
        if not self.fields.tell(error):
            self._not_read(error)
        if focus is not None:  # somebody is typing: the cursor stays where it is
            focus.setFocus()

    # Saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep the clinic's own words; refusals are shown and nothing typed is lost."""
        card = self.card
        if card is None or self._saving or not self.unsaved or not self.save_button.isEnabled():
            return
        subject, body = self.editor.words
        self._send(
            templates.put,
            card.kind,
            card.language,
            subject=subject,
            body=body,
            version=card.version,
            label=_("Change the words of “{name}”").format(name=_(NAMES[card.kind])),
            said=_("Saved: {what}").format(what=_(NAMES[card.kind])),
            done=self._saved,
        )

    def _reset(self) -> None:
        card = self.card
        if card is None or not card.version:
            return
        self._send(
            templates.reset,
            card.kind,
            card.language,
            version=card.version,
            label=_("Back to the program’s words for “{name}”").format(name=_(NAMES[card.kind])),
            said=_("Saved: {what}").format(what=_(NAMES[card.kind])),
            done=self._saved,
        )

    def _saved(self, answer: Done[TemplateCard | None]) -> None:
        self._saving = False
        if answer.value is not None:
            self._show(answer.value)
        self.card = answer.value
        self.load()
        self.saved()

    def _tell_at_field(self, error: ClinicError) -> bool:
        return self.fields.tell(error)

    # News -------------------------------------------------------------------------------------

    def _happened(self, changed: frozenset[Change]) -> None:
        if any(kind == "message_template" for kind, _number in changed) and not self._saving:
            self.load()
