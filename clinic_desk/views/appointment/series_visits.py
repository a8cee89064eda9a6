"""What is done to a visit of a series: to it alone, or to others of the series as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import Conflicted, Withdrawn
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.services.case_cards import Scope, SeriesPlan
from clinic_desk.views import words
from clinic_desk.views.appointment import series_deeds
from clinic_desk.views.appointment.series_question import SeriesQuestion
from clinic_desk.views.desk import Desk
from clinic_desk.views.reasons import ask_reason, cancel_reasons
from clinic_desk.views.slots import Slot

Finish = Callable[[Done[Any]], None]
Refusal = Callable[[BaseException], bool]
Wide = Callable[[Scope, frozenset[int], SeriesPlan], object]

PLACE = ("span", "provider_id", "operatory_id")
"""The fields of a visit that the others of its series can follow."""


def move(
    desk: Desk,
    window: QWidget,
    card: AppointmentCard,
    to: Slot,
    *,
    alone: Callable[[], object],
    done: Finish | None,
    failed: Refusal | None,
) -> None:
    """*card* was dropped on *to*: ask for which visits that is meant. *alone* moves it by itself;
    *failed* is called too where everything shall stay as it was.
    """
    from clinic_desk.services import diary

    fields = {
        "span": to.span,
        "provider_id": to.provider_id,
        "operatory_id": to.operatory_id,
    }

    def wide(scope: Scope, staying: frozenset[int], plan: SeriesPlan) -> None:
        _change(desk, card, scope, staying, plan.versions, fields, moved, refused)

    def moved(answer: Done[Any]) -> None:
        """Where it fell, it shall be shown as it stands now."""
        if done is not None:
            desk.ask(
                diary.appointment, card.id,
                done=lambda fresh: done(replace(answer, value=fresh)),
                failed=lambda _error: done(answer),
            )  # fmt: skip

    def refused(error: BaseException) -> bool:
        if isinstance(error, Conflicted):
            # Of one visit the reasons are shown where it fell; these are of several.
            desk.complain(error)
            kept()
            return True
        return failed is not None and failed(error)

    def kept() -> None:
        if failed is not None:
            failed(Withdrawn())

    _ask(desk, window, card, fields, alone, wide, kept)


def change(
    desk: Desk,
    window: QWidget,
    card: AppointmentCard,
    fields: dict[str, Any],
    *,
    alone: Callable[[], object],
    begin: Callable[[], object],
    done: Finish,
    failed: Refusal,
    kept: Callable[[], object],
) -> None:
    """*fields* of a visit were edited: ask for which visits its new place is meant. What others
    cannot follow (notes, type) is saved on this one alone. *begin* is called before anything is
    sent, *kept* where nothing is.
    """
    from clinic_desk.services import diary

    place = {name: value for name, value in fields.items() if name in PLACE}
    rest = {name: value for name, value in fields.items() if name not in PLACE}

    def wide(scope: Scope, staying: frozenset[int], plan: SeriesPlan) -> None:
        versions = plan.versions

        def go(answer: Done[AppointmentCard] | None = None) -> None:
            if answer is not None and answer.value is not None:  # changed, but by ourselves
                versions[card.id] = answer.value.version
            _change(desk, card, scope, staying, versions, place, done, failed)

        begin()
        if not rest:
            go()
            return
        desk.do(
            diary.change, card.id, version=card.version, label=_("Change appointment"), said="",
            done=go, failed=failed, **rest,
        )  # fmt: skip

    _ask(desk, window, card, place, alone, wide, kept)


def cancel(
    desk: Desk,
    window: QWidget,
    card: AppointmentCard,
    *,
    alone: Callable[[], object],
    done: Finish | None,
    failed: Refusal | None,
) -> None:
    """A visit of a series shall be cancelled: ask which of them, and why."""
    from clinic_desk.services import series

    patient = words.isolated(card.patient_name)

    def wide(scope: Scope, _staying: frozenset[int], plan: SeriesPlan) -> None:
        days, count = [one.day for one in plan.dates], len(plan.dates)
        text = ngettext(
            "{patient}: {count} visit, {days}", "{patient}: {count} visits, {days}", count
        )
        about = text.format(patient=patient, count=count, days=words.period(min(days), max(days)))
        reason = ask_reason(window, _("Cancel visits of a series"), cancel_reasons(), about)
        if reason is None:
            return

        def said(count: int) -> str:
            text = ngettext(
                "{patient}: {count} visit cancelled", "{patient}: {count} visits cancelled", count
            )
            return text.format(patient=patient, count=count)

        series_deeds.send(
            desk, series.cancel, card.id, scope, reason=reason, versions=plan.versions, said=said,
            failed=failed, done=_without_value(done),
            label=_("Cancel visits of a series: {patient}").format(patient=patient),
        )  # fmt: skip

    _ask(desk, window, card, {}, alone, wide, lambda: None)


def _change(
    desk: Desk,
    card: AppointmentCard,
    scope: Scope,
    staying: frozenset[int],
    versions: dict[int, int],
    fields: dict[str, Any],
    done: Finish | None,
    failed: Refusal | None,
) -> None:
    from clinic_desk.services import series

    patient = words.isolated(card.patient_name)

    def said(count: int) -> str:
        text = ngettext(
            "{patient}: {count} visit changed", "{patient}: {count} visits changed", count
        )
        return text.format(patient=patient, count=count)

    series_deeds.send(
        desk, series.change, card.id, scope, keep=staying, versions=versions, said=said,
        failed=failed, done=_without_value(done),
        label=_("Change visits of a series: {patient}").format(patient=patient), **fields,
    )  # fmt: skip


def _without_value(done: Finish | None) -> Finish | None:
    """Whoever asked about one visit gets no answer about many: it reads its own again."""
    if done is None:
        return None
    return lambda answer: done(replace(answer, value=None))


def _ask(
    desk: Desk,
    window: QWidget,
    card: AppointmentCard,
    fields: dict[str, Any],
    alone: Callable[[], object],
    wide: Wide,
    kept: Callable[[], object],
) -> None:
    asked = SeriesQuestion(desk, card, fields, window)
    asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def answered(scope: Scope, staying: frozenset[int], plan: SeriesPlan | None) -> None:
        if scope is Scope.THIS or plan is None:
            alone()
        else:
            wide(scope, staying, plan)

    asked.answered.connect(answered)
    asked.rejected.connect(kept)
    asked.open()
