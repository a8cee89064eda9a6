"""What the import wizard asks of a file, on a reader's thread, and how it says what it found."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules import clinic_time, column_words, written_dates
from clinic_desk.rules.errors import ClinicError
from clinic_desk.views import words
from clinic_desk.views.patients import texts

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.patient_import import Outcome, RowResult
    from clinic_desk.services.patient_table import TableForm

SOUGHT = 200
"""Rows in which an example of each column is looked for; a file may have very many."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file seems to hold. ``headings`` are its first row, ``sample`` the first value in
    each column, empty where none is found soon;
    ``refusal`` is why nothing would come in as it is read now; ``today`` is the organisation's.
    """

    form: TableForm
    headings: tuple[str, ...]
    sample: tuple[str, ...]
    results: tuple[RowResult, ...]
    refusal: ClinicError | None
    today: date

    def understood(self, place: int, text: str) -> str:
        """*text* of the column *place* for the eye: a day also as it is taken over."""
        if place >= len(self.form.columns) or self.form.columns[place] != "date_of_birth":
            return words.isolated(text)
        day = written_dates.day(text, self.form.dates, self.today)
        if day is None:
            return words.isolated(text)
        return f"{words.isolated(text)} = {words.isolated(i18n.date_text(day, 'long'))}"

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields that the preview shows: a whole name as first and last name."""
        out: dict[str, None] = {}
        for name in filter(None, self.form.columns):
            out |= dict.fromkeys(("last_name", "first_name") if name == "name" else (name,))
        return tuple(out)

    def becomes(self, result: RowResult, name: str) -> str:
        """What would be stored as the field *name*; of a refused row what stands in the file."""
        if name in result.stored and name != "date_of_birth":
            return words.isolated(texts.value(name, result.stored[name]))
        columns, cells = self.form.columns, result.row.cells
        place = columns.index(name) if name in columns else len(cells)
        return self.understood(place, cells[place]) if place < len(cells) else ""


def look(
    actor: Actor,
    path: Path,
    form: TableForm | None = None,
    *,
    match: bool = False,
    dates: bool = True,
) -> Look:
    """Read the beginning of *path*; without a *form* as it is recognised. *match* names the
    columns anew, *dates* tells the order of the dates anew.

    Raises ``Refused`` or ``Unavailable`` for what is no such file.
    """
    from clinic_desk.services import patient_import, patient_table

    organisation = actor.store.catalogue(actor.organisation_id).organisation
    country, zone = organisation.country, clinic_time.zone(organisation.time_zone)
    if form is None:
        form = patient_table.recognised(path, country)
    headings = patient_table.headings(path, form)
    if match:
        columns = column_words.matched(headings) if form.headings else ("",) * len(headings)
        form = replace(form, columns=columns)
    if dates:
        form = patient_table.with_dates(path, form, country)
    results: tuple[RowResult, ...] = ()
    refusal: ClinicError | None = None
    try:
        results = patient_import.preview(actor, path, form)
    except ClinicError as error:
        refusal = error
    today = datetime.now(UTC).astimezone(zone).date()
    return Look(form, headings, _examples(path, form), results, refusal, today)


def _examples(path: Path, form: TableForm) -> tuple[str, ...]:
    """The first value in each column among the first :data:`SOUGHT` rows."""
    from clinic_desk.services import patient_table

    found: list[str] = []
    for row in itertools.islice(patient_table.rows(path, form), SOUGHT):
        found += [""] * (len(row.cells) - len(found))
        for place, cell in enumerate(row.cells):
            found[place] = found[place] if found[place].strip() else cell
    return tuple(found)


def rows_in(path: Path, form: TableForm) -> int:
    """The number of the last row."""
    from clinic_desk.services import patient_table

    last = 0
    for row in patient_table.rows(path, form):
        last = row.number
    return last


def result_file(path: Path) -> Path:
    """Where the result of importing *path* goes by default: beside it, under a name that is
    not taken.
    """
    for number in itertools.count(1):
        name = _("{file} (result)") if number == 1 else _("{file} (result {number})")
        found = path.with_name(f"{name.format(file=path.stem, number=number)}.csv")
        if not found.exists():
            return found
    raise AssertionError


def fields() -> dict[str, str]:
    """What a column may become; the first entry leaves it out."""
    captions = texts.captions()
    own = {"": _("– leave out –"), "number": _("Patient number"), "name": _("Whole name")}
    return own | {name: captions[name] for name in column_words.FIELDS if name in captions}


def outcome(found: Outcome) -> str:
    """What became of a row, or would."""
    from clinic_desk.services.patient_import import Outcome

    return {
        Outcome.CREATED: _("created"),
        Outcome.DUPLICATE: _("known already"),
        Outcome.CONSENT: _("needs consent"),
        Outcome.ERROR: _("error"),
        Outcome.NOT_DONE: _("not done"),
    }[found]


def titles() -> tuple[str, ...]:
    """The headings of what is told of a row."""
    return (_("Row"), _("Result"), _("Patient number"), _("Reason"))


def told(result: RowResult) -> tuple[str, ...]:
    """What is told of a row, under :func:`titles`."""
    reason = words.explained(result.reason) if result.reason is not None else ""
    return (str(result.row.number), outcome(result.outcome), result.number, plain(reason))


def plain(text: str) -> str:
    """Without the signs that keep names apart on a screen; a file is read by programs."""
    return text.replace("\u2068", "").replace("\u2069", "")


def previewed(result: RowResult) -> tuple[str, str, str]:
    """The row, what would become of it, and why, for the table of the preview."""
    from clinic_desk.services.patient_import import Outcome

    signs = {Outcome.CREATED: "✓", Outcome.DUPLICATE: "=", Outcome.CONSENT: "⇄"}
    said = {
        Outcome.CREATED: _("will be created"),
        Outcome.DUPLICATE: _("known already"),
        Outcome.CONSENT: _("needs consent"),
        Outcome.ERROR: _("error"),
        Outcome.NOT_DONE: "",
    }[result.outcome]
    why = words.explained(result.reason) if result.reason is not None else ""
    if result.outcome is Outcome.DUPLICATE and not result.repeats:
        why = _("It is patient no. {number}.").format(number=words.isolated(result.number))
    return str(result.row.number), f"{signs.get(result.outcome, '✗')} {said}", why
