"""Somebody else wants the desk while it is locked: what becomes of what is not saved in it.

Nothing of what is unsaved is shown or named: whoever answers may be anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.leaving import LeavingQuestion

if TYPE_CHECKING:
    from clinic_desk.views.admin.pages import Page
    from clinic_desk.views.lock_window import LockWindow
    from clinic_desk.views.main_window import MainWindow

LOOK_MS = 100
TRIES = 150
"""So often it is looked whether all is saved, before somebody has to look themselves."""


def has_unsaved(windows: Iterable[MainWindow]) -> bool:
    """Whether an editor or a page of these windows holds something unsaved."""
    return any(
        any(editor.is_edited for editor in window.begun) or _page(window) is not None
        for window in windows
    )


def _page(window: MainWindow) -> Page | None:
    """One page that holds something unsaved; there may be more behind it."""
    holder = window.screens.admin_made
    return holder.unsaved if holder is not None else None


class LeavingLocked(QObject):
    """Asks, does what is answered, and calls *then* once nothing is unsaved."""

    def __init__(
        self,
        windows: list[MainWindow],
        lock: LockWindow,
        name: str,
        then: Callable[[], object],
    ) -> None:
        super().__init__(lock)
        self._windows, self._lock, self._then = windows, lock, then
        self._left = TRIES
        self._tried: list[Page] = []
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        if not has_unsaved(windows):
            then()
            return
        about = _("{name} has begun something here.").format(name=words.isolated(name))
        asked = LeavingQuestion(about, lock)
        asked.save_wanted.connect(self._save)
        asked.discard_wanted.connect(self._discard)
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _save(self) -> None:
        for window in self._windows:
            for editor in window.begun:
                if editor.is_edited:
                    editor.save()
        self._save_pages()
        self._timer.start()

    def _save_pages(self) -> None:
        """Save one page of each window; the next is found once that one is saved."""
        for page in map(_page, self._windows):
            if page is not None and page not in self._tried:
                self._tried.append(page)
                page.save()

    def _discard(self) -> None:
        for window in self._windows:
            for editor in window.begun:
                editor.discard()
            tried: list[Page] = []
            while (page := _page(window)) is not None and page not in tried:
                tried.append(page)
                page.discard()
        self._then()

    def _look(self) -> None:
        if not has_unsaved(self._windows):
            self._timer.stop()
            self._then()
            return
        self._save_pages()
        self._left -= 1
        if not self._left:
            self._timer.stop()
            self._lock.tell(_("Not all of it could be saved. Its owner has to unlock and look."))
