"""The further tabs of the appointment editor: which there are, each made when it is first seen.

A tab stands there only for those who hold its permission.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QTabWidget, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.words import N_
from clinic_desk.services.cards import AppointmentCard, Origin
from clinic_desk.views.desk import Desk
from clinic_desk.views.icons import icon
from clinic_desk.views.widgets import column, named

if TYPE_CHECKING:
    from clinic_desk.views.remember import Memory


SPARE = 90
"""Pixels for dots that appear on tabs later."""


class Part(QWidget):
    """A tab about one visit. One with fields says whether it holds something ``unsaved`` and
    how to ``save`` it.

    Signals:
        edited(): what is unsaved may be another.
        refused(): saving did not succeed; why is shown in the tab.
        unread(int): so many things here have not been seen yet.
    """

    edited = Signal()
    refused = Signal()
    unread = Signal(int)

    def __init__(self, desk: Desk, card: AppointmentCard, memory: Memory | None = None) -> None:
        super().__init__()
        self.desk, self.card, self.memory = desk, card, memory

    def unread_text(self, count: int) -> str:
        """What the dot on the tab means, where *count* is not 0."""
        return ngettext("{count} new", "{count} new", count).format(count=count)

    @property
    def unsaved(self) -> bool:
        """Whether something typed here is not saved."""
        return False

    def save(self, then: Callable[[], object] = lambda: None) -> None:
        """Save what is unsaved, and call *then* when that has succeeded."""
        then()

    def show_card(self, card: AppointmentCard) -> None:
        """The visit is another version now."""
        self.card = card


def _chat(desk: Desk, card: AppointmentCard, memory: Memory | None) -> Part:
    from clinic_desk.views.appointment.chat import Chat

    return Chat(desk, card, memory)


def _payment(desk: Desk, card: AppointmentCard, memory: Memory | None) -> Part:
    from clinic_desk.views.appointment.payment import PaymentPart

    return PaymentPart(desk, card, memory)


def _referral(desk: Desk, card: AppointmentCard, memory: Memory | None) -> Part:
    from clinic_desk.views.appointment.referral import ReferralPart

    return ReferralPart(desk, card, memory)


def _report(desk: Desk, card: AppointmentCard, memory: Memory | None) -> Part:
    from clinic_desk.views.appointment.report import ReportPart

    return ReportPart(desk, card, memory)


def _series(desk: Desk, card: AppointmentCard, memory: Memory | None) -> Part:
    from clinic_desk.views.appointment.series import SeriesPart

    return SeriesPart(desk, card, memory)


def _triage(desk: Desk, card: AppointmentCard, memory: Memory | None) -> Part:
    from clinic_desk.views.appointment.triage import TriagePart

    return TriagePart(desk, card)


def _approval(desk: Desk, card: AppointmentCard, memory: Memory | None) -> Part:
    from clinic_desk.views.appointment.triage import ApprovalPart

    return ApprovalPart(desk, card)


class Entry(NamedTuple):
    """A tab: its heading for translation, who may see it (by either permission), how it is
    made; *early* for one that has to know what is new before anybody opens it, *on_requests*
    for one about what is or was a request.
    """

    name: str
    text: str
    permission: str
    make: Callable[[Desk, AppointmentCard, Memory | None], Part]
    early: bool = False
    or_permission: str = ""
    on_requests: bool = False

    def is_for(self, desk: Desk, card: AppointmentCard) -> bool:
        """Whether the signed-in user sees it on this visit."""
        if self.on_requests and card.status is not Status.REQUESTED and card.origin is Origin.DESK:
            return False
        return desk.may(self.permission) or bool(
            self.or_permission and desk.may(self.or_permission)
        )


ENTRIES = (
    Entry("series", N_("Series"), "Appointment Get All", _series),
    Entry("chat", N_("Chat"), "Appointment Chat", _chat, early=True),
    Entry(
        "approval",
        N_("Approval"),
        "Appointment Request Approve",
        _approval,
        early=True,
        on_requests=True,
    ),
    Entry("triage", N_("Triage"), "Triage Form Show", _triage, early=True),
    Entry("payment", N_("Payment"), "Payment Show", _payment),
    Entry("referral", N_("Referrals"), "Appointment Referral Get All", _referral),
    Entry(
        "report",
        N_("Report"),
        "Appointment Download Report",
        _report,
        or_permission="Appointment Email Report",
    ),
)


class Parts(QObject):
    """The further tabs of one editor, at the end of *tabs*.

    Signals:
        edited(): what is unsaved may be another.
        refused(): one of them could not be saved; it is shown.
    """

    edited = Signal()
    refused = Signal()

    def __init__(
        self, desk: Desk, card: AppointmentCard, tabs: QTabWidget, memory: Memory | None
    ) -> None:
        super().__init__(tabs)
        self._desk, self._card, self._tabs, self._memory = desk, card, tabs, memory
        self._holders: dict[str, QWidget] = {}
        self.made: dict[str, Part] = {}
        tabs.setIconSize(QSize(10, 10))
        for entry in ENTRIES:
            if entry.is_for(desk, card):
                holder = named(QWidget(), f"editor-{entry.name}", _(entry.text))
                self._holders[entry.name] = holder
                tabs.addTab(holder, _(entry.text))
                if entry.early:
                    QTimer.singleShot(0, self, lambda name=entry.name: self.part(name))
        tabs.currentChanged.connect(self._chosen)
        QTimer.singleShot(0, self, self._make_room)

    def _make_room(self) -> None:
        """Let all tabs be seen where the screen is wide enough; else arrows lead to the rest."""
        window, bar = self._tabs.window(), self._tabs.tabBar()
        beside = window.width() - self._tabs.width()
        screen = window.screen().availableGeometry().width()
        wanted = min(bar.sizeHint().width() + beside + SPARE, screen)
        if wanted > window.width():
            window.resize(wanted, window.height())

    def part(self, name: str) -> Part:
        """The tab called *name*, made when it is first wanted."""
        part = self.made.get(name)
        if part is None:
            entry = next(one for one in ENTRIES if one.name == name)
            part = self.made[name] = entry.make(self._desk, self._card, self._memory)
            part.edited.connect(self.edited)
            part.refused.connect(lambda: self._refused(name))
            part.unread.connect(lambda count: self._mark(name, count))
            self._holders[name].setLayout(column(part))
        return part

    def show_part(self, name: str) -> Part:
        """Bring the tab called *name* to the front."""
        self._tabs.setCurrentWidget(self._holders[name])
        return self.part(name)

    @property
    def unsaved(self) -> bool:
        """Whether one of them holds something that is not saved."""
        return any(part.unsaved for part in self.made.values())

    def save(self, then: Callable[[], object]) -> None:
        """Save one after another what is unsaved, and call *then* when all of it is."""
        waits = next((part for part in self.made.values() if part.unsaved), None)
        if waits is None:
            then()
        else:
            waits.save(lambda: self.save(then))

    def show_card(self, card: AppointmentCard) -> None:
        """The visit is another version now."""
        self._card = card
        for part in self.made.values():
            part.show_card(card)

    def _chosen(self, index: int) -> None:
        shown = self._tabs.widget(index)
        name = next((name for name, one in self._holders.items() if one is shown), "")
        if name:
            self.part(name).setFocus(Qt.FocusReason.OtherFocusReason)

    def _refused(self, name: str) -> None:
        self.show_part(name)
        self.refused.emit()

    def _mark(self, name: str, count: int) -> None:
        """A dot for the eye, the number for tip and screen reader."""
        index = self._tabs.indexOf(self._holders[name])
        text = self._tabs.tabText(index)
        new = self.made[name].unread_text(count) if count else ""
        self._tabs.setTabIcon(index, icon("dot", "state.error") if count else QIcon())
        self._tabs.setTabToolTip(index, new)
        spoken = _("{tab}, {new}").format(tab=text, new=new) if count else text
        self._tabs.tabBar().setAccessibleTabName(index, spoken)
