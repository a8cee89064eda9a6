"""What happens when the program itself is at fault: logged, told, and the window lives on."""

from __future__ import annotations

import logging
import logging.handlers
import platform
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit

from clinic_desk.i18n import _
from clinic_desk.views.widgets import button, column, label, named, row

log = logging.getLogger("clinic_desk")


def start_log(folder: Path) -> Path:
    """Write warnings and worse to ``clinic-desk.log`` in *folder*; five files of 1 MB are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "clinic-desk.log"
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=4, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger("clinic_desk").addHandler(handler)
    return path


class Crashes(QObject):
    """Collects what nobody caught, from any thread, and shows it on the window's thread.

    Attributes:
        shown: the reports shown in this session, newest last (also read by tests).
    """

    _happened = Signal(str)

    def __init__(self, log_path: Path | None = None, *, dialogs: bool = True) -> None:
        super().__init__()
        self.log_path = log_path
        self.shown: list[str] = []
        self._dialogs = dialogs
        self._open: QDialog | None = None
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over what Python does with exceptions that nobody caught."""
        global _crashes  # noqa: PLW0603 - Python has one hook too
        _crashes = self
        sys.excepthook = self.hook
        threading.excepthook = lambda args: self.tell(args.exc_value)

    def hook(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        """Python's hook for the main thread."""
        if isinstance(error, KeyboardInterrupt):
            QApplication.quit()
            return
        self.tell(error)

    def tell(self, error: BaseException | None) -> None:
        """Log *error* and show it; may be called from any thread."""
        if error is None or isinstance(error, SystemExit):
            return
        text = "".join(traceback.format_exception(error))
        log.error("a bug: %s", text)
        self._happened.emit(text)

    def _show(self, text: str) -> None:
        self.shown.append(text)
        if not self._dialogs or self._open is not None:
            return
        self._open = CrashDialog(text, self.log_path)
        self._open.finished.connect(self._closed)
        self._open.show()

    def _closed(self) -> None:
        self._open = None


_crashes: Crashes | None = None


def report(error: BaseException) -> None:
    """Tell a bug that was caught on its way; without a collector it is only logged."""
    if _crashes is not None:
        _crashes.tell(error)
    else:
        log.error("a bug: %s", "".join(traceback.format_exception(error)))


class CrashDialog(QDialog):
    """A sentence first, the details folded away; nothing is sent anywhere."""

    def __init__(self, details: str, log_path: Path | None) -> None:
        super().__init__()
        named(self, "crash", _("Something went wrong"))
        self.setWindowTitle(_("Something went wrong"))
        self.details = named(QPlainTextEdit(), "crash-details", _("Details"))
        about = f"Python {platform.python_version()}, {platform.platform()}\n"
        self.details.setPlainText(about + details)
        self.details.setReadOnly(True)
        self.details.hide()
        heading = label(_("Something went wrong in the program"), "crash-heading", role="heading")
        text = _(
            "What was saved before is safe. If the window looks odd, close the program and open it"
            " again."
        )
        if log_path is not None:
            text += "\n" + _("The details are in {file}").format(file=str(log_path))
        told = label(text, "crash-text", wrap=True)
        told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        fold = button(
            _("Show details"),
            "crash-show",
            lambda: self.details.setVisible(not self.details.isVisible()),
        )
        copy = button(_("Copy details"), "crash-copy", self._copy)
        go_on = button(_("Continue"), "crash-continue", self.accept, look="primary")
        go_on.setDefault(True)
        self.setLayout(column(heading, told, self.details, row(fold, copy, 1, go_on), margin=16))
        self.setMinimumWidth(520)
        go_on.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
