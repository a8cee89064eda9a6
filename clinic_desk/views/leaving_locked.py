"""Somebody else wants the desk while it is locked: what becomes of what is not saved in it.

Nothing of what is unsaved is shown or named, and nothing is saved: whoever answers may be
anybody, and what is saved is saved in the name of the one who locked the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.leaving import Question

if TYPE_CHECKING:
    from clinic_desk.views.admin.pages import Page
    from clinic_desk.views.lock_window import LockWindow
    from clinic_desk.views.main_window import MainWindow


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


class LockedQuestion(Question):
    """Whether what *user* has not saved is kept, so that the desk stays locked, or given up."""

    def __init__(self, user: str, parent: QWidget) -> None:
        said = _("{user} has not saved something here. Switching discards it.")
        user = words.isolated(user)
        super().__init__(_("Not saved"), said.format(user=user), _("Keep it"), "", parent)


class LeavingLocked(QObject):
    """Asks, and calls *then* once what is unsaved has been given up."""

    def __init__(
        self,
        windows: list[MainWindow],
        lock: LockWindow,
        name: str,
        then: Callable[[], object],
    ) -> None:
        super().__init__(lock)
        self._windows, self._then = windows, then
        if not has_unsaved(windows):
            then()
            return
        asked = LockedQuestion(name, lock)
        asked.discard_wanted.connect(self._discard)
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _discard(self) -> None:
        for window in self._windows:
            for editor in window.begun:
                editor.discard()
            tried: list[Page] = []
            while (page := _page(window)) is not None and page not in tried:
                tried.append(page)
                page.discard()
        self._then()
