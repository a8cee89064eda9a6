"""Is the database sound? Everything that must hold is looked at, whoever wrote the rows.

Nothing is changed and nobody is kept from working. What is found is told in sentences, the
first rows of each kind by name; silence means that it was looked at and holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from clinic_desk.models import schema
from clinic_desk.rules.errors import ClinicError, Unavailable
from clinic_desk.rules.words import N_
from clinic_desk.services import check_history, check_rows, check_structure
from clinic_desk.services.chain import Head
from clinic_desk.services.faults import translated
from clinic_desk.services.store import Store

MOST_OF_A_KIND = 20
"""So many findings of one step are told one by one."""

SOUND = N_(
    "The database is sound: {appointments} appointments, {claims} claims and {deeds} deeds in an"
    " unbroken history were looked at in {seconds} seconds."
)
SQUEEZED = N_(
    "Nobody is in two places. {squeezed} appointments share a provider or a room on purpose, each"
    " with somebody's reason (⚠ in the calendar)."
)
APART = N_("Nobody is in two places, and no appointment shares a provider or a room on purpose.")
UNSOUND = N_("The database is not sound: {count} findings in {seconds} seconds.")
KEEP_IT = N_("Keep the file as it is, make a copy of it, and restore the last good backup.")
MORE = N_("{step}: {count} more findings of this kind.")
UNREADABLE = N_("{step}: this could not be read ({detail}).")


class Line(NamedTuple):
    """A sentence with its values, to be translated where it is shown."""

    message: str
    params: Mapping[str, Any]

    def __str__(self) -> str:
        return self.message.format(**self.params)


@dataclass(frozen=True)
class Report:
    """What was found; ``counts`` says how much was looked at."""

    findings: tuple[Line, ...]
    counts: Mapping[str, int]
    seconds: float
    unnamed: int = field(default=0)
    """Findings beyond the first ones of each kind, which are only counted."""

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


Progress = Callable[[int, int, str], None]
"""Told the number of the step, of how many, and its name (to be translated)."""

_STEPS: tuple[tuple[str, Callable[[Store], Iterator[tuple[str, dict[str, Any]]]]], ...] = (
    (N_("Engine"), check_structure.engine),
    (N_("Schema and guards"), check_structure.guards),
    (N_("References within the organisation"), check_rows.references),
    (N_("Values"), check_rows.values),
    (N_("Claims"), check_rows.claims),
    (N_("Overlaps"), check_rows.overlaps),
    (N_("History"), check_history.history),
)


def check(
    store: Store,
    progress: Progress | None = None,
    *,
    heads: Mapping[str, Head] | None = None,
) -> Report:
    """Look at everything. *heads* are known ends of the history by organisation uuid (from a
    backup): a tail that was cut off since is found with them only.
    """
    began = time.perf_counter()
    findings: list[Line] = []
    unnamed = 0
    steps = list(_STEPS)
    if heads:
        steps.append((N_("Sealed ends of the history"), check_history.sealed(heads)))
    for number, (name, step) in enumerate(steps, 1):
        if progress is not None:
            progress(number, len(steps), name)
        found = 0
        try:
            for message, params in step(store):
                found += 1
                if found <= MOST_OF_A_KIND:
                    findings.append(Line(message, params))
        except Exception as error:
            findings.append(_unreadable(name, error))
        if found > MOST_OF_A_KIND:
            unnamed += found - MOST_OF_A_KIND
            findings.append(Line(MORE, {"step": name, "count": found - MOST_OF_A_KIND}))
    counts = {} if findings else _counts(store)
    return Report(tuple(findings), counts, time.perf_counter() - began, unnamed)


def _unreadable(name: str, error: Exception) -> Line:
    known = translated(error)
    if isinstance(known, ClinicError) and not isinstance(known, Unavailable):
        raise known from error
    return Line(UNREADABLE, {"step": name, "detail": str(error).splitlines()[0]})


def _counts(store: Store) -> dict[str, int]:
    return {
        name: int(store.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608
        for name, table in (("appointments", "appointment"), ("claims", "claim"), ("deeds", "deed"))
    } | {
        "schema": schema.VERSION,
        "squeezed": int(
            store.rows("SELECT count(*) FROM appointment WHERE permit_id IS NOT NULL")[0][0]
        ),
    }


def lines(report: Report) -> tuple[Line, ...]:
    """The report as sentences, one a line."""
    seconds = round(report.seconds, 1)
    if report.sound:
        shared = SQUEEZED if report.counts["squeezed"] else APART
        return (Line(SOUND, {**report.counts, "seconds": seconds}), Line(shared, report.counts))
    count = sum(finding.message is not MORE for finding in report.findings) + report.unnamed
    head = Line(UNSOUND, {"count": count, "seconds": seconds})
    return (head, *report.findings, Line(KEEP_IT, {}))
