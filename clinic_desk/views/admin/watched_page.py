"""Pages that somebody watches: what they list also changes without anything done at this desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from clinic_desk.services.cards import Done
from clinic_desk.views.admin.pages import Page
from clinic_desk.views.desk import Desk, is_there
from clinic_desk.views.messages import EVERYTHING, Change, Tone
from clinic_desk.views.widgets import named


class WatchedPage(Page):
    """A page that ``load``s what it lists anew as long as it is seen: when a deed at any desk is
    about one of its ``kinds``, and every ``again_ms`` for what stands in no history. It switches
    its buttons by ``_allow``, which heeds ``_acting``: a deed of the page is under way.
    """

    again_ms: int
    kinds: frozenset[str]

    def __init__(self, desk: Desk, name: str, title: str) -> None:
        super().__init__(desk)
        named(self, f"{name}-page", title)
        self._acting = self._read_once = False
        self._again = QTimer(self)
        self._again.setInterval(self.again_ms)
        self._again.timeout.connect(self.load)
        desk.deeds_happened.connect(self._happened)

    def load(self) -> None:
        """Read what is listed anew."""
        raise NotImplementedError

    def _allow(self) -> None:
        """Switch on what may be done now; the rest says why not."""
        raise NotImplementedError

    def _act_on(
        self,
        command: Callable[..., Done[Any]],
        what: Any,
        text: str,
        *,
        said: str | None = None,
        tone: Tone = Tone.GOOD,
    ) -> None:
        """Do a deed called *text*, without an offer to undo it: another button does that, or
        nothing can. *said* (else *text*) tells that it is done; its *tone* is a plain one where
        that is only the beginning.
        """
        told = text if said is None else said
        self._acting = True
        self._allow()
        self.desk.do(
            command,
            what,
            label=text,
            said="",
            done=lambda answer: self._acted(answer, told, tone),
            failed=self._refused,
        )

    def _acted(self, _answer: Done[Any], said: str, tone: Tone) -> None:
        if said:
            self.desk.say(said, tone)
        if is_there(self._refused):
            self._over()

    def _refused(self, _error: BaseException) -> bool:
        self._over()
        return False

    def _over(self) -> None:
        """A deed of the page is answered."""
        self._acting = False
        self.load()

    def _happened(self, changed: frozenset[Change]) -> None:
        kinds = {kind for kind, _number in changed}
        if self.isVisible() and (kinds & self.kinds or EVERYTHING in changed):
            self._news()

    def _news(self) -> None:
        """Something of what is listed is another."""
        self.load()

    def _seen(self) -> None:
        """Somebody looks at the page (again)."""
        if self._read_once:
            self.load()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._again.start()
        self._seen()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()
