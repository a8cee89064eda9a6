"""The page of visits that their place refuses today: somebody is away, something is closed.

Time off and shorter hours may be saved over booked visits. Here they stand until each of them
is moved or called off.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.impact import Impact
from clinic_desk.views.admin.pages import Page
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.operational.impact_panel import ImpactModel
from clinic_desk.views.widgets import OnEnter, button, column, label, named, row, select_row

KINDS = frozenset(
    {"appointment", "location", "operatory", "provider", "appointment_type", "clinic_hours"}
    | {"closed_day", "work_hours", "work_exception", "provider_qualification"}
    | {"type_qualification"}
)
SETTLE_MS = 300
"""After the last of several changes, before all is reckoned anew."""


class MisplacedPage(Page):
    """Signals:
    visit_wanted(int): show this visit in the calendar.
    """

    visit_wanted = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        named(self, "misplaced-page", _("To be placed anew"), role="panel")
        self.text = label("", "misplaced-text", role="hint", wrap=True)
        self.model = ImpactModel(self)
        self.table = visit_table("misplaced-table", _("Appointments to be placed anew"))
        self.table.setModel(self.model)
        self.table.doubleClicked.connect(lambda index: self._open(index.row()))
        OnEnter(self.table, self._open_current)
        self.table.selectionModel().currentRowChanged.connect(lambda _a, _b: self._allow())
        self.open = button(_("Show in the calendar"), "misplaced-open", self._open_current)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(SETTLE_MS)
        self._again.timeout.connect(self.load)
        self.rest = QWidget()  # keeps title and text together at the top
        self.rest.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.rest.hide()
        title = label(_("To be placed anew"), "misplaced-title", role="title")
        self.setLayout(
            column(
                title,
                self.text,
                self.table,
                row(self.open, 1),
                self.rest,
                margin=16,
                gap=12,
                grow=2,
            )
        )
        self.setFocusProxy(self.table)
        desk.deeds_happened.connect(self._happened)
        self.text.setText(_("Looking…"))
        self._allow()
        self.load()

    def load(self) -> None:
        """Reckon the list anew."""
        from clinic_desk.services import clinic_hours

        self.desk.ask(
            clinic_hours.to_be_replaced,
            done=self._found,
            ticket=("misplaced", id(self)),
            what=_("To be placed anew"),
        )

    def _found(self, impact: Impact) -> None:
        place = max(0, self.table.currentIndex().row())
        self.model.set_lines(impact.lines)
        self.text.setText(_told(impact))
        self.table.setVisible(bool(impact.lines))
        self.open.setVisible(bool(impact.lines))
        self.rest.setVisible(not impact.lines)
        if impact.lines:
            fit_columns(self.table, 1, 2, 4)
            select_row(self.table, min(place, len(impact.lines) - 1))
        self._allow()

    def _allow(self) -> None:
        self.open.setEnabled(self.table.currentIndex().isValid())

    def _open_current(self) -> None:
        self._open(self.table.currentIndex().row())

    def _open(self, place: int) -> None:
        if 0 <= place < len(self.model.lines):
            self.visit_wanted.emit(self.model.lines[place].id)

    def _happened(self, changed: frozenset[Change]) -> None:
        if EVERYTHING in changed or any(kind in KINDS for kind, _number in changed):
            self._again.start()


def _told(impact: Impact) -> str:
    if not impact.count:
        return _("Every future appointment stands where it can take place.")
    told = ngettext(
        "{count} future appointment stands where it cannot take place. Move it or call it off.",
        "{count} future appointments stand where they cannot take place. Move them or call"
        " them off.",
        impact.count,
    ).format(count=impact.count)
    left_out = impact.count - len(impact.lines)
    if not left_out:
        return told
    first = _("The first {count} are listed.").format(count=len(impact.lines))
    return f"{told}\n{first}"
