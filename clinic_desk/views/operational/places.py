"""The pages of locations and operatories."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Invalid
from clinic_desk.services.cards import LocationCard, OperatoryCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.clinic_cards import LocationDraft, LocationFile, OperatoryDraft
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book import Book, Form, Step
from clinic_desk.views.operational.fields import (
    BookFields,
    day_field,
    day_of,
    line_of,
    offer,
    set_day,
    tick,
)
from clinic_desk.views.operational.impact_panel import no_longer_fit, outside_hours
from clinic_desk.views.operational.lines import Line
from clinic_desk.views.operational.week_editor import WeekEditor
from clinic_desk.views.widgets import button, column, label, named, row

DAY = Qt.ItemDataRole.UserRole


class ClosedDays(QWidget):
    """A list of days with names, and fields to add one."""

    def __init__(self, edited: Callable[[], object]) -> None:
        super().__init__()
        named(self, "locations-closed", _("Closed days"))
        self._edited = edited
        self._days: dict[date, str] = {}
        self.list = named(QListWidget(), "locations-closed-list", _("Closed days"))
        self.list.setFixedHeight(4 * 26 + 6)
        self.day = day_field("locations-closed-day", _("Day"))
        self.text = named(QLineEdit(), "locations-closed-name", _("Name of the closed day"))
        self.text.setPlaceholderText(_("Christmas, inventory…"))
        self.text.returnPressed.connect(self._add)
        self.add = button(_("Add closed day"), "locations-closed-add", self._add)
        self.remove = button(_("Remove"), "locations-closed-remove", self._remove)
        self.setLayout(
            column(self.list, row(self.day, self.text, grow=1), row(self.add, self.remove, 1))
        )
        self.setFocusProxy(self.list)

    def set_today(self, today: date) -> None:
        """The day that is offered first."""
        set_day(self.day, today)

    def set_days(self, days: tuple[tuple[date, str], ...]) -> None:
        """Show these days."""
        self._days = dict(days)
        self._show()

    def days(self) -> tuple[tuple[date, str], ...]:
        """The days as they stand, in order."""
        return tuple(sorted(self._days.items()))

    def _show(self) -> None:
        self.list.clear()
        for day, name in self.days():
            item = QListWidgetItem(f"{words.day_long(day)}  {words.isolated(name)}")
            item.setData(DAY, day)
            self.list.addItem(item)
        self.remove.setEnabled(bool(self._days))

    def _add(self) -> None:
        self._days[day_of(self.day)] = self.text.text().strip()
        self.text.clear()
        self._show()
        self._edited()

    def _remove(self) -> None:
        if self._days:
            place = max(0, self.list.currentRow())
            del self._days[self.list.item(place).data(DAY)]
            self._show()
            self._edited()


class LocationForm(Form):
    """Name, address, zone, phone, default room, in use; opening hours and closed days."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "locations-form", _("Location"))
        self._desk, self._number = desk, 0
        edited = self.edited.emit
        self.name = line_of("locations-name", _("Name"), edited)
        self.address = named(QPlainTextEdit(), "locations-address", _("Address"))
        self.address.setFixedHeight(64)
        self.address.setTabChangesFocus(True)
        self.address.textChanged.connect(edited)
        self.zone = choice("locations-zone", _("Time zone"), edited)
        self.zone.setEditable(True)
        self.zone.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.zone.addItems(sorted(zoneinfo.available_timezones()))
        finder = QCompleter(self.zone.model(), self.zone)  # "vienna" finds Europe/Vienna
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        finder.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        self.zone.setCompleter(finder)
        self.zone.editTextChanged.connect(lambda _text: edited())
        self.phone = line_of("locations-phone", _("Phone"), edited, 260)
        self.room = choice("locations-room", _("Default operatory"), edited)
        self.active = tick("locations-active", _("In use"), edited)
        self.week = WeekEditor("locations-hours", _("Opening hours"), alternating=False)
        self.week.edited.connect(self.edited)
        self.closed = ClosedDays(edited)
        self.closed.set_today(desk.today())
        always = label(
            _("Without any hours the location is always open."), "locations-always", role="hint"
        )
        self.fields = BookFields("locations-fields", _("Location"))
        add = self.fields.add
        add("name", _("Name"), self.name)
        add("address", _("Address"), self.address)
        add("time_zone", _("Time zone"), self.zone)
        add("phone", _("Phone"), self.phone)
        add("default_operatory_id", _("Default operatory"), self.room)
        add("active", "", self.active)
        heading = label(_("Opening hours"), "locations-hours-heading", role="heading")
        days = label(_("Closed days"), "locations-closed-heading", role="heading")
        self.setLayout(column(self.fields, heading, always, self.week, days, self.closed, gap=12))
        self.setFocusProxy(self.name)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer what the catalogue knows now; what is chosen stays."""
        rooms = catalogue.operatories.values()
        here = [(c.id, c.name) for c in rooms if c.location_id == self._number and c.active]
        offer(self.room, _("None"), here)

    def fill(self, shown: LocationFile | None) -> None:
        """Show an entry, or empty fields."""
        zone = self._desk.catalogue.organisation.time_zone
        draft = LocationDraft("", time_zone=zone) if shown is None else shown.draft
        self._number = 0 if shown is None else shown.card.id
        self.blockSignals(True)
        self.set_catalogue(self._desk.catalogue)
        self.name.setText(draft.name)
        self.address.setPlainText(draft.address)
        self.zone.setCurrentText(draft.time_zone)
        self.phone.setText(draft.phone)
        choose(self.room, draft.default_operatory_id, _("A room that is gone"))
        self.active.setChecked(draft.active)
        self.week.set_pieces(draft.hours)
        self.week.tell("")
        self.closed.set_days(draft.closed)
        self.blockSignals(False)

    def draft(self) -> LocationDraft:
        """What stands in the fields."""
        return LocationDraft(
            self.name.text(),
            self.address.toPlainText(),
            self.zone.currentText(),
            self.phone.text(),
            self.room.currentData(),
            self.active.isChecked(),
            self.week.pieces,
            self.closed.days(),
        )

    def lock(self, why: str) -> None:
        """Lock the fields, saying why; empty: unlock them."""
        super().lock(why)
        hours = why or ("" if self._desk.may("Hours Update") else _no_hours())
        self.week.lock(hours)
        self.closed.setEnabled(not hours)
        self.closed.setToolTip(hours)

    def tell(self, error: BaseException) -> bool:
        """Show a refusal beside its field; False where it is about none."""
        if isinstance(error, Invalid) and error.field == "hours":
            self.week.tell(words.explained(error))
            return True
        return super().tell(error)


def _no_hours() -> str:
    from clinic_desk.rules.errors import NotAllowed

    return words.explained(NotAllowed("Hours Update"))


class Locations(Book):
    """Where the clinic is and when it is open."""

    name = "locations"
    kinds = frozenset({"location", "clinic_hours", "closed_day", "operatory"})

    def __init__(self) -> None:
        self.title = _("Locations")
        self.one = _("Location")
        self.new_text = _("New location")
        self.choose_text = _("Choose a location on the left, or add one.")
        self.headings = (_("Name"), _("Address"))
        self._hours = False

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return LocationForm(desk)

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import clinic

        return clinic.locations

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import clinic

        return clinic.location

    def lines(self, desk: Desk, cards: tuple[LocationCard, ...]) -> Iterator[Line]:
        """One line of the list for each card."""
        for card in cards:
            yield Line(card.id, card.name, card.address.replace("\n", ", "), card.active)

    def number(self, shown: LocationFile) -> int:
        """Its number."""
        return shown.card.id

    def heading(self, shown: LocationFile) -> str:
        """What stands above the form."""
        return shown.card.name

    def steps(self, shown: LocationFile | None, draft: LocationDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import clinic

        if shown is None:
            return [("add", clinic.add_location, (draft,), {})]
        same = replace(draft, hours=shown.hours, closed=shown.closed) == shown.draft
        self._hours = same  # then only hours differ
        if draft == shown.draft:
            return []
        return [("change", clinic.change_location, (shown, draft), {"accept": frozenset()})]

    def told(self, step: str) -> Callable[[int], str]:
        """How many visits would break, as a sentence."""
        return outside_hours if self._hours else no_longer_fit


class OperatoryForm(Form):
    """Name, location, in use."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "operatories-form", _("Operatory"))
        self._desk, self._new = desk, True
        edited = self.edited.emit
        self.name = line_of("operatories-name", _("Name"), edited)
        self.place = choice("operatories-place", _("Location"), edited)
        self.active = tick("operatories-active", _("In use"), edited)
        self.fields = BookFields("operatories-fields", _("Operatory"))
        self.fields.add("name", _("Name"), self.name)
        hint = label(_("A room stays where it is."), "operatories-stays", role="hint", wrap=True)
        self.fields.add("location_id", _("Location"), self.place, hint)
        self.fields.add("active", "", self.active)
        self.setLayout(column(self.fields))
        self.setFocusProxy(self.name)
        self.set_catalogue(desk.catalogue)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer what the catalogue knows now; what is chosen stays."""
        places = catalogue.locations.values()
        offer(self.place, "", [(c.id, c.name) for c in places if c.active])

    def fill(self, shown: OperatoryCard | None) -> None:
        """Show an entry, or empty fields."""
        self._new = shown is None
        self.name.setText(shown.name if shown else "")
        if shown is not None:
            place = self._desk.catalogue.locations.get(shown.location_id)
            choose(self.place, shown.location_id, place.name if place else _("Gone"))
        self.active.setChecked(shown.active if shown else True)

    def draft(self) -> OperatoryDraft:
        """What stands in the fields."""
        return OperatoryDraft(
            self.name.text(), self.place.currentData() or 0, self.active.isChecked()
        )

    def lock(self, why: str) -> None:
        """Lock the fields, saying why; empty: unlock them."""
        super().lock(why)
        self.place.setEnabled(not why and self._new)


class Operatories(Book):
    """The rooms and chairs."""

    name = "operatories"
    kinds = frozenset({"operatory", "location"})

    def __init__(self) -> None:
        self.title = _("Operatories")
        self.one = _("Operatory")
        self.new_text = _("New operatory")
        self.choose_text = _("Choose an operatory on the left, or add one.")
        self.headings = (_("Name"), _("Location"))

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return OperatoryForm(desk)

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import clinic

        return clinic.operatories

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import clinic

        return clinic.operatory

    def lines(self, desk: Desk, cards: tuple[OperatoryCard, ...]) -> Iterator[Line]:
        """One line of the list for each card."""
        places = desk.catalogue.locations
        for card in cards:
            place = places.get(card.location_id)
            yield Line(card.id, card.name, place.name if place else "", card.active)

    def number(self, shown: OperatoryCard) -> int:
        """Its number."""
        return shown.id

    def heading(self, shown: OperatoryCard) -> str:
        """What stands above the form."""
        return shown.name

    def steps(self, shown: OperatoryCard | None, draft: OperatoryDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import clinic

        if shown is None:
            return [("add", clinic.add_operatory, (draft,), {})]
        if (shown.name, shown.active) == (draft.name, draft.active):
            return []
        return [("change", clinic.change_operatory, (shown, draft), {"accept": frozenset()})]
