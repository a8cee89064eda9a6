"""The desktop program: the only place that wires threads, windows and the database together."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from clinic_desk import config, i18n
from clinic_desk.views import crash, theme
from clinic_desk.views.background import Background
from clinic_desk.views.garbage import Garbage
from clinic_desk.views.remember import Memory
from clinic_desk.views.start_window import StartWindow

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.store import Store
    from clinic_desk.views.desk import Desk
    from clinic_desk.views.live import Live
    from clinic_desk.views.main_window import MainWindow


PART_MS = 20
"""After signing out: how often it is looked whether the threads are done."""


class Desktop(QObject):
    """One running desktop on one database.

    Attributes:
        start: the window before the main window, while it is there.
        windows: the main windows of the signed-in desk.
    """

    def __init__(self, app: QApplication, url: str, memory: Memory) -> None:
        super().__init__(app)
        self._app, self.url, self.memory = app, url, memory
        self.background = Background(self, thread_ended=self._thread_ended)
        self.desk: Desk | None = None
        self.live: Live | None = None
        self.windows: list[MainWindow] = []
        self._actor: Actor | None = None
        self._left: tuple[Desk, Store] | None = None
        self.start: StartWindow | None = None
        self.background.broke.connect(self._broke)
        app.setQuitOnLastWindowClosed(True)

    def open(self) -> None:
        """Show the first window."""
        self._show_start().begin()

    def _show_start(self) -> StartWindow:
        self.start = StartWindow(self.url, self.background, self.memory)
        self.start.signed_in.connect(self._signed_in)
        self.start.show()
        return self.start

    def close(self) -> bool:
        """End everything; False when a server that does not answer kept a thread."""
        if self.live is not None:
            self.live.close()
        ended = self.background.close()
        for store in self._stores():
            store.close()
        self.memory.save()
        return ended

    # From sign-in to window

    def _signed_in(self, actor: Actor) -> None:
        self._actor = actor

        def read() -> Catalogue:
            return actor.store.catalogue(actor.organisation_id)

        self.background.read(read, done=self._enter, what=i18n._("reading the clinic"))

    def _enter(self, catalogue: Catalogue) -> None:
        from clinic_desk.views.desk import Desk
        from clinic_desk.views.live import Live

        assert self._actor is not None
        self.desk = Desk(self._actor, self.background, catalogue, self)
        self.live = Live(self.desk, self)
        self.open_window()
        if self.start is not None:
            self.start.close()
            self.start.deleteLater()
            self.start = None
        self.live.start()

    def open_window(self) -> MainWindow:
        """Another main window on the same desk."""
        from clinic_desk.views.main_window import MainWindow

        assert self.desk is not None
        window = MainWindow(self.desk, self.memory, self.live)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.sign_out_wanted.connect(self.sign_out)
        window.new_window_wanted.connect(self.open_window)
        window.closed.connect(lambda: self.windows.remove(window))
        self.windows.append(window)
        window.set_theme(theme.mode())
        window.show()
        return window

    def sign_out(self) -> None:
        """Close the desk and ask again who is there; what is not saved is asked about first."""
        if self.desk is None or self._actor is None:
            return
        for window in self.windows:
            if not window.settle(self.sign_out):
                return
        self._app.setQuitOnLastWindowClosed(False)
        for window in list(self.windows):
            window.close()
        if self.live is not None:
            self.live.close()
            self.live.deleteLater()
            self.live = None
        self._left = (self.desk, self._actor.store)
        self.desk = self._actor = None
        self._show_start()
        self._app.setQuitOnLastWindowClosed(True)
        self._part()

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
    words = QTranslator(app)
    if words.load(
        QLocale(real), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        app.installTranslator(words)
    return tag


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
