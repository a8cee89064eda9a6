"""The tables and lists of the booking keep Qt's rules and say everything in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester

from clinic_desk.rules.conflicts import Conflict, Kind
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import CaseCounts, CaseLine
from clinic_desk.services.offer_cards import DayOffer, EmptyDay, Seat, TimeOffer
from clinic_desk.views.booking.cases_table import CasesModel
from clinic_desk.views.booking.month import BookableDays, MonthPicker
from clinic_desk.views.booking.times import TimesModel
from tests import builders

SPOKEN = Qt.ItemDataRole.AccessibleTextRole


def test_cases_are_rows(qtmodeltester: ModelTester) -> None:
    model = CasesModel()
    model.set_lines([CaseLine(1, 1, 7, "Doe, Jane", "Toothache", None, False, CaseCounts(3, 1, 2))])
    qtmodeltester.check(model)

    row = [model.index(0, n).data().strip("\u2068\u2069") for n in range(6)]
    assert row == ["Toothache", "Doe, Jane", "–", "1", "2", "Closed"]


def test_a_time_that_cannot_be_booked_says_every_reason(
    qtmodeltester: ModelTester, clinic: builders.Clinic, actor: Actor
) -> None:
    catalogue = actor.store.catalogue(actor.organisation_id)
    seat = Seat(clinic.type_id, clinic.span(10), clinic.provider_id, clinic.location_id, None)
    reasons = tuple(
        Conflict(Kind.PROVIDER, None, None, None, None, None, text, {}) for text in ("One.", "Two.")
    )
    offers = [
        TimeOffer(clinic.at(10), (seat,), (clinic.provider_id,)),
        TimeOffer(clinic.at(11), reasons=reasons),
    ]
    model = TimesModel()
    model.set_offers(offers, catalogue, clinic.time_zone, with_place=True)
    qtmodeltester.check(model)

    assert "Main Street" in model.index(0).data()
    assert model.index(1).data(SPOKEN).endswith("Unavailable. One. Two.")
    model.chosen = seat
    assert model.index(0).data().startswith("✓")


def test_a_month_tells_of_every_day_whether_it_can_be_booked(qtmodeltester: ModelTester) -> None:
    day = date(2031, 5, 20)
    model = BookableDays(day, day)
    model.bookable = frozenset({day})
    qtmodeltester.check(model)

    assert model.place(day).data(SPOKEN) == "Tuesday, May 20, 2031: can be booked"
    other = model.place(date(2031, 5, 21))
    assert other.data(SPOKEN).endswith("nothing free")
    assert not model.flags(other) & Qt.ItemFlag.ItemIsEnabled  # nothing is known of it yet


def test_a_month_says_of_every_empty_day_why_to_pointer_and_keys(qtbot) -> None:
    picker = MonthPicker(date(2031, 5, 19))
    qtbot.addWidget(picker)
    told = {
        19: (EmptyDay.FULL, "", "everything is taken"),
        20: (EmptyDay.CLOSED, "Fair", "closed (\u2068Fair\u2069)"),
        21: (EmptyDay.CLOSED, "", "closed"),
        22: (EmptyDay.AWAY, "Dr Chen", "\u2068Dr Chen\u2069 is away"),
        23: (EmptyDay.NOBODY, "", "nobody who may give it works"),
    }
    days = [DayOffer(date(2031, 5, n), None, why, name) for n, (why, name, _t) in told.items()]
    picker.set_days(days)
    picker.show()
    picker.table.setCurrentIndex(picker.place(date(2031, 5, 18)))
    chosen: list[date] = []
    picker.day_chosen.connect(chosen.append)

    for number, (_why, _name, sentence) in told.items():
        index = picker.place(date(2031, 5, number))
        assert index.data(Qt.ItemDataRole.ToolTipRole).endswith(sentence)
        if number == 19:
            picker.table.setCurrentIndex(index)
        else:
            QTest.keyClick(picker.table, Qt.Key.Key_Right)
        assert picker.why.text().endswith(sentence)
        QTest.keyClick(picker.table, Qt.Key.Key_Return)
    assert chosen == []


def test_the_months_before_this_one_are_not_offered(qtbot) -> None:
    picker = MonthPicker(date(2031, 5, 20))
    qtbot.addWidget(picker)
    picker.set_days([DayOffer(date(2031, 5, 21), datetime(2031, 5, 21, 8, tzinfo=UTC))])
    picker.show()
    assert not picker.before.isEnabled()
    with qtbot.waitSignal(picker.month_wanted):
        picker.after.click()
    assert picker.before.isEnabled()
    assert picker.model.bookable == frozenset()
