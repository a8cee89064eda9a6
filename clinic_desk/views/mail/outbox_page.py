"""The outbox: what waits, what was sent, what failed and why; send again, withdraw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QPlainTextEdit,
    QSplitter,
    QWidget,
)

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services import outbox
from clinic_desk.services import settings as shared
from clinic_desk.services.cards import Done
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.outbox import LineCard, LineText, OutboxPage
from clinic_desk.views import words
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.admin.watched_page import WatchedPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.mail.outbox_table import (
    PATIENT,
    RECIPIENT,
    OutboxModel,
    state_text,
    trouble_text,
)
from clinic_desk.views.widgets import button, column, keep_room, label, named, restyle, row

PAGE_SIZE = 50
AGAIN_MS = 10_000
"""What other desks sent stands in no history, so it is asked for."""

FILTERS: Sequence[tuple[str, ...]] = (
    *((), ("waiting", "sending"), ("failed",), ("sent",), ("withdrawn",)),
)


class OutboxPageView(WatchedPage):
    """Attributes:
    page: which page is shown, from 1.
    shown: the page as it was read; None before.
    """

    again_ms = AGAIN_MS
    kinds = frozenset({"outbox", "setting"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "outbox", _("Outbox"))
        self.page = 1
        self.shown: OutboxPage | None = None
        self._patient: tuple[int, str] | None = None
        self._ready = True
        self._make_list()
        self._make_detail()
        self.splitter = named(QSplitter(Qt.Orientation.Vertical), "outbox-splitter")
        self.splitter.addWidget(self._list_side())
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        self.setLayout(column(self.splitter))
        self.setFocusProxy(self.table)
        desk.catalogue_changed.connect(self._chosen)
        self.model.follow(desk)
        if desk.post is not None:
            desk.post.changed.connect(self._round)
        self._chosen()
        self.load()

    def _make_list(self) -> None:
        self.filter = named(QComboBox(), "outbox-filter", _("Which messages"))
        for states in FILTERS:
            self.filter.addItem("", states)
        self._name_filters({})
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.filter.activated.connect(lambda _place: self._turn(1))
        self.of_patient = button("", "outbox-of-patient", self._toggle_patient, look="quiet")
        self.state = label("", "outbox-state", wrap=True)
        self.model = OutboxModel(self.desk.zone, self)
        self.table = keep_room(visit_table("outbox-table", _("Messages to patients")))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setModel(self.model)
        self.table.selectionModel().selectionChanged.connect(lambda *_ranges: self._chosen())
        self.none = label("", "outbox-none", role="hint", wrap=True)
        self.all = button(_("Show all messages"), "outbox-all", self._show_all)
        self.earlier = button(_("Earlier"), "outbox-earlier", lambda: self._turn(self.page + 1))
        self.later = button(_("Later"), "outbox-later", lambda: self._turn(self.page - 1))
        self.place = label("", "outbox-place", role="hint")

    def _list_side(self) -> QWidget:
        side = named(QWidget(), "outbox-side", role="panel")
        side.setLayout(
            column(
                label(_("Outbox"), "outbox-title", role="title"),
                self.state,
                row(self.filter, self.of_patient, 1),
                self.none,
                row(self.all, 1),
                self.table,
                row(self.later, self.earlier, self.place, 1),
                margin=16,
                grow=5,
            )
        )
        return side

    def _make_detail(self) -> None:
        self.subject = label("", "outbox-subject", role="heading", wrap=True)
        self.told = label("", "outbox-told", wrap=True)
        self.text = named(QPlainTextEdit(), "outbox-text", _("What the message says"))
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.retry = button(_("Send again"), "outbox-retry", self._retry, look="primary")
        self.withdraw = button(_("Withdraw"), "outbox-withdraw", self._withdraw)
        self.detail = named(QFrame(), "outbox-detail", _("Message"), role="panel")
        self.detail.setLayout(
            column(
                self.subject,
                self.told,
                self.text,
                row(self.retry, self.withdraw, 1),
                margin=16,
                grow=2,
            )
        )

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the page anew."""
        from clinic_desk.services import mail_settings

        self.desk.ask(
            outbox.lines,
            states=self.filter.currentData(),
            patient_id=self._patient[0] if self._patient else None,
            page=self.page,
            page_size=PAGE_SIZE,
            done=self._read,
            ticket=("outbox", id(self)),
            what=_("reading the outbox"),
        )
        self.desk.ask(
            mail_settings.get, done=self._settings_read, ticket=("outbox-settings", id(self))
        )

    def _settings_read(self, settings: MailSettings) -> None:
        self._ready = settings.ready
        self._tell_state()

    def _read(self, page: OutboxPage) -> None:
        last = max(1, ceil(page.total / PAGE_SIZE))
        if self.page > last:  # what stood on the last page is not there any more
            self._turn(last)
            return
        self.shown = page
        self._name_filters(page.counts)
        kept = {line.id for line in self.chosen}
        if self.model.set_lines(page.items):
            fit_columns(self.table, PATIENT, RECIPIENT)
            self._choose(kept)
        self._chosen()
        self._tell_place(last)

    def _choose(self, ids: set[int]) -> None:
        """Choose again what was chosen before; else the first one."""
        lines = self.model.lines
        places = [n for n, line in enumerate(lines) if line.id in ids] or [0] * bool(lines)
        chosen = QItemSelection()
        for place in places:
            index = self.model.index(place, 0)
            chosen.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        selection = self.table.selectionModel()
        if places:
            selection.setCurrentIndex(self.model.index(places[0], 0), flags.NoUpdate)
        selection.select(chosen, flags.ClearAndSelect | flags.Rows)

    def _name_filters(self, counts: Any) -> None:
        """Each filter with how many messages it shows."""
        for place, states in enumerate(FILTERS):
            number = sum(counts.get(state, 0) for state in states or counts)
            name = state_text(states[0]) if states else _("All messages")
            text = _("{name} ({count})").format(name=name, count=number) if counts else name
            self.filter.setItemText(place, text)

    def _tell_place(self, last: int) -> None:
        total = self.shown.total if self.shown else 0
        self.none.setText(self._nothing() if not total else "")
        self.none.setVisible(not total)
        self.all.setVisible(not total and bool(self.filter.currentData() or self._patient))
        self.table.setVisible(bool(total))
        self.detail.setVisible(bool(total))
        for part in (self.earlier, self.later, self.place):
            part.setVisible(last > 1)
        self.earlier.setEnabled(self.page < last)
        self.later.setEnabled(self.page > 1)
        text = _("Page {page} of {last}").format(page=self.page, last=last)
        self.place.setText(text)
        self._tell_state()

    def _nothing(self) -> str:
        if not self.filter.currentData() and self._patient is None:
            return _("No message yet. What is booked, moved or cancelled is told to the patient.")
        return _("There is no such message.")

    def _tell_state(self) -> None:
        """How the sender of this desk fares."""
        post = self.desk.post
        text = post.trouble if post is not None else ""
        tone = "error"
        if not self._ready:
            text = (
                _("No mail server is set up, so no message is written. Enter one under “Mail”.")
                if self.desk.may(shared.SHARING)
                else _("No mail server is set up, so no message is written. Ask an administrator.")
            )
            tone = "warning"
        self.state.setText(text)
        restyle(self.state, tone=tone)
        self.state.setVisible(bool(text))

    # Turning and sifting ----------------------------------------------------------------------

    def _turn(self, page: int) -> None:
        self.page = page
        self.load()

    def _show_all(self) -> None:
        self.filter.setCurrentIndex(0)
        self._patient = None
        self._turn(1)

    def _toggle_patient(self) -> None:
        """Only the messages to the chosen line's patient, or all again."""
        if self._patient is not None:
            self._patient = None
        else:
            line = next((one for one in self.chosen if one.patient_id), None)
            if line is None or line.patient_id is None:
                return
            self._patient = (line.patient_id, line.patient_name)
        self._turn(1)

    # One message ------------------------------------------------------------------------------

    @property
    def chosen(self) -> list[LineCard]:
        """The messages that are chosen, in the order of the list."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.model.lines[n] for n in rows if n < len(self.model.lines)]

    def _chosen(self) -> None:
        chosen = self.chosen
        self._allow()
        name = next((words.isolated(one.patient_name) for one in chosen if one.patient_id), "")
        if self._patient is not None:
            self.of_patient.setText(_("Messages to everybody"))
        else:
            self.of_patient.setText(_("Only {name}").format(name=name))
        self.of_patient.setVisible(bool(name or self._patient))
        self.told.setText(self._reasons(chosen))
        failed = any(one.state == "failed" for one in chosen)
        restyle(self.told, tone="error" if failed else "")
        self.told.setVisible(bool(self.told.text()))
        if len(chosen) != 1:
            count = len(chosen)
            text = ngettext("{count} message is chosen", "{count} messages are chosen", count)
            self.subject.setText(text.format(count=count) if count else "")
            self.text.setPlainText("")
            self.text.hide()
            self.desk.background.forget(("outbox-text", id(self)))
            return
        self.desk.ask(
            outbox.text,
            chosen[0].id,
            done=self._text_read,
            failed=self._no_text,
            ticket=("outbox-text", id(self)),
            what=_("reading the outbox"),
        )

    def _reasons(self, chosen: Sequence[LineCard]) -> str:
        if len(chosen) != 1:
            return ""
        (line,) = chosen
        told = [trouble_text(line, self.desk.zone)]
        if line.state == "waiting" and line.attempts:
            text = ngettext(
                "Tried {count} time; the next try is at {time}.",
                "Tried {count} times; the next try is at {time}.",
                line.attempts,
            )
            at = words.clock(line.due_at, self.desk.zone)
            told.append(text.format(count=line.attempts, time=at))
        return " ".join(filter(None, told))

    def _text_read(self, found: LineText) -> None:
        self.subject.setText(found.subject)
        if self.text.toPlainText() != found.text:
            self.text.setPlainText(found.text)
        self.text.show()

    def _no_text(self, error: BaseException) -> None:
        self.subject.setText(words.explained(error))
        self.text.setPlainText("")
        self.text.hide()
        if not isinstance(error, ClinicError):
            self.desk.complain(error)

    def _allow(self) -> None:
        chosen = self.chosen
        states = {one.state for one in chosen}
        few = 0 < len(chosen) <= outbox.MOST_AT_ONCE and not self._acting
        again = few and states <= {"failed", "withdrawn"}
        back = few and states <= {"failed", "waiting"}
        allow(self.desk, self.retry, outbox.ACT, on=again)
        allow(self.desk, self.withdraw, outbox.ACT, on=back)

    # Acting -----------------------------------------------------------------------------------

    def _retry(self) -> None:
        count = len(self.chosen)
        text = ngettext("Send {count} message again", "Send {count} messages again", count)
        said = ngettext("{count} message is sent again", "{count} messages are sent again", count)
        self._act(outbox.retry, text.format(count=count), said.format(count=count))

    def _withdraw(self) -> None:
        count = len(self.chosen)
        text = ngettext("Withdraw {count} message", "Withdraw {count} messages", count)
        said = ngettext("{count} message withdrawn", "{count} messages withdrawn", count)
        self._act(outbox.withdraw, text.format(count=count), said.format(count=count))

    def _act(self, command: Callable[..., Done[int]], text: str, said: str) -> None:
        numbers = [line.id for line in self.chosen]
        if numbers and not self._acting:
            self._act_on(command, numbers, text, said=said)

    # News -------------------------------------------------------------------------------------

    def _round(self) -> None:
        found = self.desk.post.condition if self.desk.post is not None else None
        if found is None or not self.isVisible():
            return
        done = found.done
        if done.sent or done.later or done.failed or done.withdrawn:
            self.load()
        else:
            self._tell_state()

    def _seen(self) -> None:
        self.load()
