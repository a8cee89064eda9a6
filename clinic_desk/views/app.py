"""The desktop program: the only place that wires threads, windows and the database together."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from clinic_desk import config, i18n
from clinic_desk.rules.errors import ClinicError
from clinic_desk.views import crash, theme
from clinic_desk.views.background import Background
from clinic_desk.views.garbage import Garbage
from clinic_desk.views.remember import Memory
from clinic_desk.views.sections import SECTIONS
from clinic_desk.views.start_window import StartWindow

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.store import Store
    from clinic_desk.views.desk import Desk
    from clinic_desk.views.live import Live
    from clinic_desk.views.lock import Lock
    from clinic_desk.views.lock_window import LockWindow
    from clinic_desk.views.mail.post import Post
    from clinic_desk.views.main_window import MainWindow


POST_SECONDS = 3.0
"""At the end of the program: so long a mail that is under way is waited for."""
PART_MS = 20
"""After signing out: how often it is looked whether the threads are done."""


class Desktop(QObject):
    """One running desktop on one database.

    Attributes:
        start: the window before the main window, while it is there.
        windows: the main windows of the signed-in desk.
        lock: what covers them when nobody is there.
        post: what sends the messages of the signed-in desk.
        language: the tag that this computer speaks; who signs in may speak another.
    """

    def __init__(self, app: QApplication, url: str, memory: Memory) -> None:
        super().__init__(app)
        self._app, self.url, self.memory = app, url, memory
        self.background = Background(self, thread_ended=self._thread_ended)
        self.desk: Desk | None = None
        self.live: Live | None = None
        self.post: Post | None = None
        self.lock: Lock | None = None
        self.windows: list[MainWindow] = []
        self._actor: Actor | None = None
        self._left: tuple[Desk, Store] | None = None
        self.language = i18n.language()
        self.start: StartWindow | None = None
        self.background.broke.connect(self._broke)
        app.setQuitOnLastWindowClosed(True)

    def open(self) -> None:
        """Show the first window."""
        self._show_start().begin()

    def _show_start(self) -> StartWindow:
        self.start = StartWindow(self.url, self.background, self.memory)
        self.start.signed_in.connect(self._signed_in)
        self.start.url_chosen.connect(self._url_chosen)
        self.start.language_chosen.connect(self._language_chosen)
        self.start.show()
        return self.start

    def _url_chosen(self, url: str) -> None:
        self.url = url

    def _language_chosen(self, tag: str) -> None:
        if tag != i18n.language():
            self.language = speak(self._app, tag)
        with contextlib.suppress(ClinicError):  # the database's place is saved next, and tells
            config.save_settings(language=tag)

    def close(self) -> bool:
        """End everything; False when a server that does not answer kept a thread."""
        if self.lock is not None:
            self.lock.end()
            self.lock = None
        if self.live is not None:
            self.live.close()
        if self.post is not None:
            self.post.stop(POST_SECONDS)
        ended = self.background.close()
        for store in self._stores():
            store.close()
        self.memory.save()
        return ended

    # From sign-in to window

    def _signed_in(self, actor: Actor) -> None:
        self._actor = actor

        from clinic_desk.services import catalogue

        self.background.read(
            catalogue.catalogue,
            actor,
            done=self._enter,
            failed=self._not_entered,
            what=i18n._("reading the clinic"),
        )

    def _not_entered(self, error: BaseException) -> None:
        """The database went away between the password and the clinic."""
        self._actor = None
        if self.start is None or not isinstance(error, ClinicError):
            self._broke(error)
        else:
            self.start.tell_problem(error)

    def _enter(self, catalogue: Catalogue) -> None:
        from clinic_desk.views.desk import Desk
        from clinic_desk.views.live import Live
        from clinic_desk.views.lock import Lock
        from clinic_desk.views.mail.post import START_MS, Post

        assert self._actor is not None
        self.desk = Desk(self._actor, self.background, catalogue, self)
        self.live = Live(self.desk, self)
        self.post = Post(self.desk, self)
        me = catalogue.users.get(self._actor.user_id or 0)
        if me is not None and me.language and not _fits(me.language):
            speak(self._app, me.language)
        self.open_window()
        self.lock = Lock(self.desk, self)
        self.lock.locked.connect(self._put_down)
        self.lock.leave_wanted.connect(self._leave_locked)
        if self.start is not None:
            self.start.close()
            self.start.deleteLater()
            self.start = None
        self.live.start()
        self.post.start(after_ms=START_MS)

    def open_window(self) -> MainWindow:
        """Another main window on the same desk."""
        from clinic_desk.views import extra_actions
        from clinic_desk.views.main_window import MainWindow
        from clinic_desk.views.window_place import cascade

        assert self.desk is not None
        window = MainWindow(self.desk, self.memory, self.live)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.sign_out_wanted.connect(self.sign_out)
        window.new_window_wanted.connect(self.open_window)
        window.closed.connect(lambda: self.windows.remove(window))
        extra_actions.add(window, lock=self._lock_now, language=self.set_language)
        window.installEventFilter(self)
        cascade(window, self.windows)
        self.windows.append(window)
        window.set_theme(theme.mode())
        window.show()
        return window

    def sign_out(self) -> None:
        """Close the desk and ask again who is there; what is not saved is asked about first."""
        if self.desk is None or self._actor is None:
            return
        for window in self.windows:
            if not self._settle(window, self.sign_out):
                return
        self._app.setQuitOnLastWindowClosed(False)
        if self.lock is not None:
            self.lock.end()
            self.lock.deleteLater()
            self.lock = None
        for window in list(self.windows):
            window.close()
        if self.live is not None:
            self.live.close()
            self.live.deleteLater()
            self.live = None
        if self.post is not None:
            self.post.part()
            self.post = None
        self._forget_session(self._actor)
        if i18n.language() != self.language:
            speak(self._app, self.language)
        self._left = (self.desk, self._actor.store)
        self.desk = self._actor = None
        self._show_start()
        self._app.setQuitOnLastWindowClosed(True)
        self._part()

    @staticmethod
    def _forget_session(actor: Actor) -> None:
        from clinic_desk.services import sessions

        sessions.end(actor)

    def _settle(self, window: MainWindow, then: Callable[[], object]) -> bool:
        """Whether nothing in *window* is unsaved; else it asks, and calls *then* afterwards."""
        holder = window.screens.admin_made
        page = holder.unsaved if holder is not None else None
        if holder is not None and page is not None:
            window.raise_()
            window.show_screen(holder.name)
            page.leave_then(then)
            return False
        return window.settle(then)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window with something unsaved on a page asks before it is closed."""
        if event.type() == QEvent.Type.Close:
            for window in self.windows:
                holder = window.screens.admin_made
                if window is watched and holder is not None and holder.unsaved is not None:
                    event.ignore()
                    self._settle(window, window.close)
                    return True
        return False

    # Lock and language

    def _lock_now(self) -> None:
        if self.lock is not None:
            self.lock.lock()

    def _put_down(self) -> None:
        """Nothing is carried behind the lock."""
        for window in self.windows:
            window.calendar.board.cancel()

    def _leave_locked(self, lock: LockWindow) -> None:
        from clinic_desk.views.leaving_locked import LeavingLocked

        if self._actor is not None:
            LeavingLocked(self.windows, lock, self._actor.name, self.sign_out)

    def set_language(self, tag: str) -> None:
        """Speak *tag* on this computer from now on: the windows open anew, at once."""
        if self.desk is None or tag == i18n.language():
            return
        for window in self.windows:
            if not self._settle(window, lambda: self.set_language(tag)):
                return
        self.language = speak(self._app, tag)
        config.save_settings(language=tag)
        self._app.setQuitOnLastWindowClosed(False)
        for old in list(self.windows):
            front = old.screens.currentWidget()
            shown = front.objectName() if front is not None else ""
            old.close()
            window = self.open_window()
            if shown in {section.name for section in SECTIONS}:
                window.show_screen(shown)
        self._app.setQuitOnLastWindowClosed(True)

    def _part(self) -> None:
        """Close what the desk that was left had open, once the threads are done with it: there is
        one store at a time, and none leaves a connection or a thread behind.
        """
        if self._left is None:
            return
        if not self.background.idle:
            QTimer.singleShot(PART_MS, self, self._part)
            return
        desk, store = self._left
        desk.deleteLater()
        self.background.write(store.close, done=self._parted, failed=self._parted)

    def _parted(self, _outcome: object) -> None:
        self._left = None
        if self.start is not None:
            self.start.begin()

    def _stores(self) -> list[Store]:
        """What is open."""
        left = [self._left[1]] if self._left is not None else []
        return [*left, *([self._actor.store] if self._actor is not None else [])]

    def _broke(self, error: BaseException) -> None:
        """Before there is a desk to complain at, a bug goes to the crash dialog."""
        if self.desk is None and self._left is None:
            crash.report(error)

    def _thread_ended(self) -> None:
        for store in self._stores():
            store.forget_connection()


def _fits(tag: str) -> bool:
    """Whether what is spoken is *tag*, or that language with this computer's own formats."""
    now = i18n.language()
    return tag in (now, now.partition("_")[0])


def make_app(arguments: list[str] | None = None) -> QApplication:
    """The application object, made once; pictures stay sharp at any scale."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication(arguments or sys.argv[:1])
    app.setApplicationName("Clinic Desk")
    app.setApplicationDisplayName("Clinic Desk")
    app.setDesktopFileName("clinic-desk")
    Garbage(app)
    gc.freeze()  # what is there now stays to the end, so it need not be looked at again
    return app


_SAME_DIGITS = {"ar": "ar_LY"}
"""Where Qt's fields would write other digits than our texts, "٩:٠٠" beside "9:00", a country that
has the same words, days and digits as these.
"""


def speak(app: QApplication, language: str | None) -> str:
    """Let the whole program speak *language*, or the system's best; gives its tag."""
    tag = language or i18n.best(QLocale.system().uiLanguages())
    i18n.set_language(tag)
    real = {i18n.LONG: "en", i18n.MIRRORED: "ar"}.get(tag, tag)
    QLocale.setDefault(QLocale(_SAME_DIGITS.get(real, real)))
    turned = i18n.is_right_to_left(tag)
    app.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if turned else Qt.LayoutDirection.LeftToRight
    )
    _speak_in_qt(app, real)
    return tag


_qts_words: list[QTranslator] = []


def _speak_in_qt(app: QApplication, tag: str) -> None:
    """The words of Qt's own dialogs."""
    while _qts_words:
        old = _qts_words.pop()
        app.removeTranslator(old)
        old.deleteLater()
    words = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if words.load(QLocale(tag), "qtbase", "_", folder):
        app.installTranslator(words)
        _qts_words.append(words)


def run_desktop(url: str, *, language: str | None = None, dark: bool | None = None) -> int:
    """Open the desktop on the database at *url* and stay until it is closed; the exit code."""
    app = make_app()
    folder = config.data_folder()
    memory = Memory(folder)
    speak(app, language)
    mode = "system" if dark is None else "dark" if dark else "light"
    theme.apply(app, memory.text("window/theme", mode) if dark is None else mode)
    from clinic_desk.views.icons import icon

    app.setWindowIcon(icon("app", "accent"))
    crashes = crash.Crashes(crash.start_log(folder))
    crashes.install()
    desktop = Desktop(app, url, memory)
    desktop.open()
    code = app.exec()
    desktop.close()
    return code
