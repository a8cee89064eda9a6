"""What the calendar shows, brought to paper or into a PDF: which day, whose, and what is told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.cards import AppointmentCard, DiaryView
from clinic_desk.views import unseen, words
from clinic_desk.views.messages import Tone
from clinic_desk.views.periods import Period
from clinic_desk.views.sheets import Sheet, day_sheet, week_sheet

if TYPE_CHECKING:
    from clinic_desk.views.main_window import MainWindow


class Paper:
    """Prints what a window's calendar shows."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def send(self, *, week: bool, pdf: Path | None, ask: bool) -> None:
        """Read the period again and print it; *ask* for a file, or write to *pdf*."""
        from clinic_desk.services import diary, journal

        window, calendar = self._window, self._window.calendar
        several = week and calendar.days > 1
        first = calendar.first_day if several else self.day()
        days = min(calendar.days, 7) if several else 7 if week else 1
        if ask:
            pdf = self._file(f"{'week' if week else 'day'}-{first.isoformat()}.pdf")
            if pdf is None:
                return
        period = Period(
            first, first + timedelta(days=days - 1), calendar.location_id, not week,
            window.desk.zone,
        )  # fmt: skip

        def print_it(view: DiaryView) -> None:
            known = unseen.shown(view)
            window.desk.ask(
                journal.mark,
                view.seq,
                done=lambda mark: self._print(self.sheet(known, period, mark, week=week), pdf),
                what=_("reading the day to print"),
            )

        window.desk.ask(
            diary.view,
            period.span(),
            location_id=period.location_id,
            with_cancelled=period.with_cancelled,
            done=print_it,
            what=_("reading the day to print"),
        )

    def day(self) -> date:
        """The day that somebody means who looks at the calendar: of the selected visit, else
        today if it is shown, else the first that is.
        """
        calendar, desk = self._window.calendar, self._window.desk
        period = calendar.period()
        card = calendar.board.selection
        if isinstance(card, AppointmentCard):
            day = words.wall(card.span.starts_at, desk.zone).date()
            if period.first <= day <= period.last:
                return day
        today = desk.today()
        return today if period.first <= today <= period.last else period.first

    def _file(self, name: str) -> Path | None:
        """Where the PDF goes, asked in the folder of the last one; always a .pdf."""
        memory = self._window.memory
        documents = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        folder = Path(memory.text("paper/folder", documents))
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, _("Save as PDF"), str(folder / name), "PDF (*.pdf)"
        )
        if not chosen:
            return None
        file = Path(chosen)
        memory.put("paper/folder", str(file.parent))
        return file if file.suffix.lower() == ".pdf" else file.with_name(f"{file.name}.pdf")

    def sheet(self, view: DiaryView, period: Period, mark: str, *, week: bool) -> Sheet:
        """What is printed of *view*; it says which place and how many providers it leaves out."""
        desk, chosen = self._window.desk, self._window.calendar.provider_ids
        catalogue = desk.catalogue
        location = catalogue.locations.get(period.location_id or 0)
        place = [catalogue.organisation.name, *([location.name] if location else [])]
        if chosen and len(chosen) < len(catalogue.providers):
            text = _("{some} of {all} providers")
            place.append(text.format(some=len(chosen), all=len(catalogue.providers)))
        head, told = f"{view.seq} {mark}", " · ".join(place)
        names = {number: one.name for number, one in catalogue.providers.items()}
        names |= {number: one.name for number, one in catalogue.operatories.items()}
        if week:
            return week_sheet(
                view, period.first, period.days, desk.zone,
                provider_ids=chosen, place=told, head=head, names=names,
            )  # fmt: skip
        return day_sheet(
            view, catalogue, period.first, desk.zone, provider_ids=chosen, place=told, head=head
        )

    def _print(self, sheet: Sheet, pdf: Path | None) -> None:
        from clinic_desk.views import printing

        desk = self._window.desk
        if pdf is None:
            pages = printing.to_printer(sheet, self._window, desk.actor.name)
            if pages:
                text = ngettext(
                    "Sent to the printer: {pages} page", "Sent to the printer: {pages} pages", pages
                )
                desk.say(text.format(pages=pages), Tone.GOOD)
            return
        try:
            pages = printing.to_pdf(sheet, pdf, desk.actor.name)
        except OSError as error:
            text = _("The file could not be written: {reason}. Choose another folder.")
            desk.say(text.format(reason=error.strerror), Tone.ERROR)
            return
        text = ngettext("Saved {file}, {pages} page", "Saved {file}, {pages} pages", pages)
        desk.say(text.format(file=pdf.name, pages=pages), Tone.GOOD)
