"""The first week of a fresh process: ``python -m tests.benchmarks.first_week URL``.

Prints how many milliseconds it took from a calendar's making to its painting, with all
modules loaded, as they are while somebody types a password, but nothing ever laid out.
"""

from __future__ import annotations

import sys
import time

from clinic_desk.services.store import open_store
from clinic_desk.views import opening
from tests.benchmarks.screen import Paints, offscreen
from tests.benchmarks.world import actor_of


def main(url: str) -> None:
    """Open one week, once."""
    store = open_store(url)
    opening.warm_up(store)
    with offscreen(actor_of(store)) as desk:
        began = time.perf_counter()
        screen = desk.calendar()
        paints = Paints(screen.board.viewport())
        desk.until(lambda: screen.data is not None)
        before = paints.count
        desk.until(lambda: paints.count > before or not screen.board.canvas._dirty)
        print((time.perf_counter() - began) * 1000)
        desk.drop(screen)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1])
