"""What became of each row of an import, as a table that people can open, mend and send again."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from clinic_desk.rules.errors import Unavailable
from clinic_desk.rules.harmless_cells import harmless
from clinic_desk.rules.words import N_
from clinic_desk.services.patient_import import Outcome, RowResult

NOT_WRITTEN = N_("“{file}” could not be written ({detail}).")
OTHER_PLACE = N_("Choose another file or folder.")


def write(
    path: Path,
    titles: Sequence[str],
    headings: Sequence[str],
    results: Iterable[RowResult],
    told: Callable[[RowResult], Sequence[str]],
) -> Mapping[Outcome, int]:
    """Go through *results* and write a line for each to *path*: what *told* says of it (one text
    for each of *titles*), then the row as it was, under *headings*. Gives how many had which
    outcome. Cells that a program would reckon are made harmless.

    What was done until the results end, or raise, stands in the file. Raises ``Unavailable``
    where it cannot be written.
    """
    counts: Counter[Outcome] = Counter()
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(map(harmless, (*titles, *headings)))
            for result in results:
                table.writerow(map(harmless, (*told(result), *result.row.cells)))
                counts[result.outcome] += 1
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise Unavailable(
            NOT_WRITTEN, way_out=OTHER_PLACE, file=path.name, detail=detail
        ) from error
    return counts
