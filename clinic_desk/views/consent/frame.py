"""What the window of a consent is made of: its words, its steps, its foot, one deed at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import Done
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.consent import texts
from clinic_desk.views.consent.steps import Progress, Step
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, error_line, label, named, row, scrolled

PAPER = "Consent Paper Form"
WIDTH, LEAST_HEIGHT = 580, 420
"""Of the window, in logical pixels."""


class ConsentFrame(QDialog):
    """Shows ``steps`` below each other and what went wrong under them."""

    steps: tuple[Step, ...] = ()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "consent", _("Permission needed"))
        self.setWindowTitle(_("Permission needed"))
        self._desk = desk
        self._busy = False
        self._then: Callable[[Any], object] | None = None

    def _build(self, *steps: Step, take_on_paper: Callable[[], object]) -> None:
        self.steps = steps
        self.heading = label(_("Permission needed"), "consent-title", role="title")
        self.text = label(
            _(
                "These details belong to a record that another clinic manages. We cannot show it"
                " or add it here until the person agrees."
            ),
            "consent-text",
            wrap=True,
        )
        self.told = error_line("consent-told")
        self.promise = label(
            _("Nothing is shared before step 3. Both clinics get a record of it."),
            "consent-promise",
            role="hint",
            wrap=True,
        )
        for part in (self.heading, self.text, self.told, self.promise):
            texts.leading(part)
        self.leave = button(_("Cancel, keep my draft"), "consent-leave", self.reject, tip=_("Esc"))
        self.on_paper = button(_("Signed paper form instead…"), "consent-on-paper", take_on_paper)
        allow(self._desk, self.on_paper, PAPER)
        self.who_may = label(
            texts.who_takes_paper(self._desk.catalogue.roles.values(), PAPER),
            "consent-who-may",
            role="hint",
            wrap=True,
        )
        texts.leading(self.who_may)
        self.go_on = button(_("Go on"), "consent-go-on", self.accept, look="primary")
        self.go_on.hide()
        self.there = button(_("Open patient"), "consent-there", self._open_there, look="primary")
        self.there.hide()
        self.content = column(
            self.heading, self.text, *steps, self.who_may, self.promise, 1, margin=16
        )
        self.inside = QWidget()
        self.inside.setLayout(self.content)
        self.inside.setMinimumHeight(1)  # its height goes by its width, not by its narrowest
        self.area = scrolled(self.inside, "consent-area")
        foot = row(self.leave, 1, self.on_paper, self.there, self.go_on, margin=16)
        foot.setContentsMargins(16, 0, 16, 12)
        told = row(self.told, grow=0)
        told.setContentsMargins(16, 0, 16, 0)
        self.setLayout(column(self.area, told, foot, grow=0))
        self.resize(WIDTH, LEAST_HEIGHT)

    def _offer_paper(self, offered: bool) -> None:
        """The form stands for the code; who may not take it reads who may."""
        self.on_paper.setVisible(offered)
        self.who_may.setVisible(offered and not self._desk.may(PAPER))

    def _fit(self) -> None:
        """Grow with what is shown, as far as the screen goes; it never shrinks under a hand."""
        screen = self.screen().availableGeometry().height() - 60
        layout = self.inside.layout()
        assert layout is not None
        layout.activate()
        content = layout.heightForWidth(self.area.viewport().width())
        rest = self.height() - self.area.viewport().height()
        self.resize(self.width(), max(self.height(), min(content + rest, screen)))

    def _bring_into_sight(self) -> None:
        """Whatever has the focus now stands where it can be seen."""

        def show() -> None:
            self._fit()
            focused = self.focusWidget()
            if self.inside.isAncestorOf(focused):
                self.area.ensureWidgetVisible(focused, 20, 40)

        QTimer.singleShot(0, self, show)

    def _do(
        self,
        command: Callable[..., Done[Any]],
        *args: Any,
        label: str,
        done: Callable[[Any], object],
        **kwargs: Any,
    ) -> None:
        """Send a deed away, once at a time; none of them can be taken back by Ctrl+Z."""
        if self._busy:
            return
        self._set_busy(True)
        self._then = done
        self._desk.do(
            command,
            *args,
            label=label,
            said="",
            done=self._answered,
            failed=self._refused,
            **kwargs,
        )

    def _answered(self, answer: Done[Any]) -> None:
        self._set_busy(False)
        self.told.hide()
        self.there.hide()
        if self._then is not None:
            self._then(answer)

    def _refused(self, error: BaseException) -> bool:
        """Whether it was said at its place why the deed was refused."""
        raise NotImplementedError

    def _open_there(self) -> None:
        """Go on with the patient who is registered here already."""
        raise NotImplementedError

    def _set_busy(self, busy: bool) -> None:
        """One deed at a time; the fields stay as they are, so that nobody loses their place."""
        self._busy = busy
        for step in self.steps:
            if step.progress is Progress.NOW:
                step.state.setText(_("One moment…") if busy else "")

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()
        QTimer.singleShot(0, self, self._fit)
