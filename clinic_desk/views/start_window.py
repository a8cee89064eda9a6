"""The window before the main window: opening, first run, upgrade, problems, sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from clinic_desk import config, i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.views import opening
from clinic_desk.views.background import Background
from clinic_desk.views.opening import Found, Opened
from clinic_desk.views.remember import Memory
from clinic_desk.views.sign_in import SignIn
from clinic_desk.views.widgets import button, column, label, named, row

if TYPE_CHECKING:
    from clinic_desk.services.founding import Founding
    from clinic_desk.services.store import Store
    from clinic_desk.views.first_run import Typed
    from clinic_desk.views.founding_form import FoundingForm


class StartWindow(QStackedWidget):
    """One page at a time, which scrolls on a small screen.

    Attributes:
        page: what is shown.

    Signals:
        signed_in(Actor): the main window may open.
        url_chosen(str): another database was chosen, for the next starts too.
        language_chosen(str): another language was chosen, for the next starts too.
    """

    signed_in = Signal(object)
    url_chosen = Signal(str)
    language_chosen = Signal(str)

    def __init__(self, url: str, background: Background, memory: Memory) -> None:
        super().__init__()
        named(self, "start-window", _("Clinic Desk"))
        self.setWindowTitle(_("Clinic Desk"))
        self._url, self._background, self._memory = url, background, memory
        self.sign_in: SignIn | None = None
        self.page: QWidget = self
        self._form: FoundingForm | None = None
        self._typed: Typed | None = None
        background.stuck.connect(self._stuck)
        self.resize(640, min(760, self.screen().availableGeometry().height() - 60))

    def begin(self) -> None:
        """Open the database; on a computer where nothing was ever chosen, ask for it first."""
        if self._is_first():
            self._ask_language()
        else:
            self._open()

    def _is_first(self) -> bool:
        path = config.sqlite_path(self._url)
        return (
            self._url == config.default_database(config.data_folder())
            and path is not None
            and not path.exists()
            and "database" not in config.saved_settings()
        )

    def _open(self) -> None:
        self._wait(_("Opening the database…"), opening.look)

    def _wait(
        self,
        text: str,
        job: Callable[..., Any],
        *args: Any,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Show that something is under way, and do it in the background."""
        bar = named(QProgressBar(), "start-progress", text)
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        self._told = label("", "start-told", role="hint", wrap=True)
        self._show(label(text, "start-waiting", role="heading", wrap=True), bar, self._told)
        self._background.read(
            job,
            self._url,
            *args,
            done=self._opened,
            failed=failed or self._failed,
            ticket="start",
            what=text,
        )

    def _stuck(self, _what: str) -> None:
        if self.sign_in is None:
            self._told.setText(_("The server does not answer. It is tried again by itself."))

    def _opened(self, opened: Opened) -> None:
        if opened.found is Found.READY:
            self.show_sign_in(opened)
        elif opened.found is Found.EMPTY:
            self._first_run()
        elif opened.found is Found.OLD:
            self._ask_upgrade(opened)
        elif opened.found is Found.ASKS:
            self._ask_password(opened.error)
        else:
            self.tell_problem(opened.error)

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, ClinicError):
            self._background.broke.emit(error)
        self.tell_problem(error)

    # Pages ----------------------------------------------------------------------------------------

    def _show(self, *parts: QWidget | Any) -> None:
        """A card in the middle with these parts."""
        card = named(QFrame(), "start-card", role="card")
        card.setLayout(column(*parts, margin=28, gap=14))
        card.setFixedWidth(440)
        page = QWidget()
        page.setLayout(column(1, row(1, card, 1), 1, margin=24))
        self._set_page(page)

    def _set_page(self, page: QWidget) -> None:
        while (old := self.widget(0)) is not None:
            self.removeWidget(old)
            if isinstance(old, QScrollArea) and old.widget() is self._form:
                old.takeWidget()  # what was typed there is wanted again
            old.deleteLater()
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        self.page = page
        self.addWidget(scroll)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as Space does."""
        focus = self.focusWidget()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and isinstance(focus, QPushButton):
            focus.click()
        else:
            super().keyPressEvent(event)

    def show_sign_in(self, opened: Opened) -> None:
        """Ask who is there."""
        store = opened.store
        assert store is not None
        self.sign_in = SignIn(
            store,
            self._background,
            server=config.shown(self._url),
            demo_users=dict(opened.demo),
            last_name=self._memory.text("sign-in/name"),
        )
        self.sign_in.signed_in.connect(self._welcome)
        self.sign_in.other_wanted.connect(lambda: self._leave(store))
        self._set_page(self.sign_in)
        self.sign_in.begin()
        QTimer.singleShot(0, self, lambda: self._warm_up(store))  # once it has been painted
        if opened.demo:
            last = self._memory.text("sign-in/name")
            known = {name for name, _about in opened.demo}
            self.sign_in.preset(
                last if last in known else opening.receptionist(opened.demo), opened.password
            )

    def _warm_up(self, store: Store) -> None:
        if self.sign_in is not None and self.sign_in.isEnabled():  # else it is being left already
            self._background.read(opening.warm_up, store)

    def _leave(self, store: Store) -> None:
        """Another database, once nothing asks this one any more: there is one at a time."""
        if self.sign_in is not None:
            self.sign_in.setEnabled(False)
        if not self._background.idle:
            QTimer.singleShot(20, self, lambda: self._leave(store))
            return
        self.sign_in = None
        self._background.write(store.close, done=self._left, failed=self._left)

    def _left(self, _outcome: object) -> None:
        self.ask_database()

    def _welcome(self, actor: Any) -> None:
        assert self.sign_in is not None
        self._memory.put("sign-in/name", self.sign_in.name.text().strip())
        self.signed_in.emit(actor)

    def _ask_language(self) -> None:
        from clinic_desk.views.first_run import LanguageChoice

        page = LanguageChoice(i18n.language())
        page.tried.connect(self._speak)
        page.chosen.connect(self._language_chosen)
        self._set_page(page)
        page.list.setFocus()

    def _speak(self, tag: str) -> None:
        """At once, so that whoever points at a language sees it; the page is made anew later,
        since it is in the middle of telling us.
        """
        if tag != i18n.language():
            self.language_chosen.emit(tag)
            self._form = None
            QTimer.singleShot(0, self, self._ask_language)

    def _language_chosen(self, tag: str) -> None:
        self.language_chosen.emit(tag)
        self.ask_database()

    def ask_database(self) -> None:
        """Which database: this computer's, or a server's."""
        from clinic_desk.services.server_check import ServerPlace
        from clinic_desk.views.first_run import NOTHING, DatabaseChoice, Typed

        if self._typed is None and config.sqlite_path(self._url) is None:
            self._typed = Typed(ServerPlace.of(self._url))
        page = DatabaseChoice(self._background, self._typed or NOTHING)
        page.back.connect(lambda: self._back_to_language(page.typed()))
        page.chosen.connect(self._database_chosen)
        self._set_page(page)
        (page.shared if page.shared.isChecked() else page.local).setFocus()

    def _back_to_language(self, typed: Typed) -> None:
        self._typed = typed
        self._ask_language()

    def _database_chosen(self, url: str) -> None:
        self._url, self._typed = url, None
        self.url_chosen.emit(url)
        try:
            config.save_settings(database=url)
        except ClinicError as error:
            self.tell_problem(error)
            return
        self._open()

    def _ask_password(self, error: ClinicError | None) -> None:
        """The server asks for a password that this computer does not keep, or not any more."""
        from clinic_desk.services import safe
        from clinic_desk.views.first_run import KeepChoice
        from clinic_desk.views.password_form import hidden

        field, keep = hidden("start-password", _("Password")), KeepChoice()
        told = label(_explained(error), "start-text", wrap=True)

        def go() -> None:
            name = config.password_name(self._url)
            self._background.write(
                safe.keep,
                name,
                field.text(),
                keep.place(),
                done=self._kept,
                failed=self._failed,
                what=_("keeping the password"),
            )

        field.returnPressed.connect(go)
        self._show(
            label(_("Sign in at the server"), "start-title", role="title", wrap=True),
            told,
            label(config.shown(self._url), "start-where", role="hint", wrap=True),
            field,
            label(_("Keep the password"), "start-keep", role="strong"),
            keep,
            keep.hint,
            row(
                button(_("Connect"), "start-connect", go, look="primary"),
                button(_("Another database…"), "start-other", self.ask_database),
                1,
            ),
        )
        self._background.read(
            safe.has_keyring,
            done=keep.offer_ring,
            failed=lambda _error: None,
        )
        field.setFocus()

    def _kept(self, _nothing: object) -> None:
        self._open()

    def _first_run(self) -> None:
        """Nothing is there yet: the demo clinic, or a clinic of one's own."""
        demo = button(
            _("Look around in a demo clinic"), "start-demo", self._make_demo, look="primary"
        )
        own = button(_("Set up your own clinic"), "start-own", self._found_own)
        self._show(
            label(_("Welcome to Clinic Desk"), "start-title", role="title"),
            label(_("There is no clinic in this database yet."), "start-text", wrap=True),
            label(config.shown(self._url), "start-where", role="hint", wrap=True),
            demo,
            label(
                _("Invented people and appointments around today, to try everything."),
                "start-demo-hint",
                role="hint",
                wrap=True,
            ),
            own,
            label(
                _("You become the administrator. It takes a minute."),
                "start-own-hint",
                role="hint",
                wrap=True,
            ),
            row(button(_("Another database…"), "start-other", self.ask_database, look="quiet"), 1),
        )
        demo.setFocus()

    def _make_demo(self) -> None:
        self._wait(_("Making the demo clinic…"), opening.make_demo)

    def _found_own(self) -> None:
        from clinic_desk.views.founding_form import FoundingForm

        if self._form is None:
            self._form = FoundingForm()
            self._form.back.connect(self._open)  # somebody may have been first meanwhile
            self._form.ready.connect(self._found)
        self._set_page(self._form)
        self._form.clinic.setFocus()

    def _found(self, wish: Founding) -> None:
        self._memory.put("sign-in/name", wish.user_name)
        self._wait(_("Setting up your clinic…"), opening.found, wish, failed=self._not_founded)

    def _not_founded(self, error: BaseException) -> None:
        """What was typed is still there, with what is wrong about it."""
        if not isinstance(error, ClinicError):
            self._background.broke.emit(error)
        self._found_own()
        if self._form is not None:
            self._form.tell(error)

    def _ask_upgrade(self, opened: Opened) -> None:
        """An older file is upgraded only after asking; a copy is made first."""
        go = button(_("Make a copy and upgrade"), "start-upgrade", self._upgrade, look="primary")
        leave = button(_("Leave it as it is"), "start-leave", self.close)
        self._show(
            label(
                _("This database is older than the program"), "start-title", role="title", wrap=True
            ),
            label(_explained(opened.error), "start-text", wrap=True),
            label(
                _(
                    "A copy of the file is kept beside it. Close Clinic Desk on all other desks"
                    " first."
                ),
                "start-hint",
                wrap=True,
            ),
            row(go, leave, 1),
        )
        go.setFocus()

    def _upgrade(self) -> None:
        self._wait(_("Upgrading the database…"), opening.upgrade)

    def tell_problem(self, error: BaseException | None) -> None:
        """A sentence, and another try."""
        self.sign_in = None
        again = button(_("Try again"), "start-again", self._open, look="primary")
        leave = button(_("Quit"), "start-quit", self.close)
        text = _explained(error)
        self._show(
            label(_("The database cannot be opened"), "start-title", role="title", wrap=True),
            label(text, "start-problem", wrap=True),
            label(config.shown(self._url), "start-where", role="hint", wrap=True),
            row(again, leave, 1),
            row(button(_("Another database…"), "start-other", self.ask_database, look="quiet"), 1),
        )
        again.setFocus()


def _explained(error: BaseException | None) -> str:
    """The sentence of *error*; the words of the desk are loaded when they are needed."""
    if error is None:
        return ""
    from clinic_desk.views import words

    return words.explained(error)
