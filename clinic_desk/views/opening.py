"""What happens in the background before anybody can sign in: the database is opened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from clinic_desk import config, i18n
from clinic_desk.rules.errors import ClinicError, WrongSchema

if TYPE_CHECKING:
    from clinic_desk.services.founding import Founding
    from clinic_desk.services.store import Store


ORGANISATIONS_AHEAD = 3


class Found(StrEnum):
    """What the database turned out to be."""

    READY = "ready"
    EMPTY = "empty"
    OLD = "old"
    ASKS = "asks for a password"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer: a store that can be signed in to, or why not. ``demo`` maps the sign-in
    names of a demo clinic to what is said about them; ``password`` is theirs.
    """

    found: Found
    store: Store | None = None
    error: ClinicError | None = None
    demo: tuple[tuple[str, str], ...] = ()
    password: str = ""


def look(url: str) -> Opened:
    """Open the database at *url* and see what it is. Runs on a background thread."""
    from clinic_desk.services import demo_mark
    from clinic_desk.services.store import open_store

    path = config.sqlite_path(url)
    if path is not None and not path.exists():
        return Opened(Found.EMPTY)
    try:
        url = with_secret(url)
        store = open_store(url)
        if not store.rows("SELECT 1 FROM user_account LIMIT 1"):
            store.close()
            return Opened(Found.EMPTY)
        users = demo_mark.users(store)
        password = demo_mark.PASSWORD if users else ""
        return Opened(Found.READY, store, demo=users, password=password)
    except WrongSchema as error:
        found = error.params.get("found")
        known = error.params.get("known")
        if not found:
            return Opened(Found.EMPTY, error=error)
        old = isinstance(known, int) and found < known and path is not None
        return Opened(Found.OLD if old else Found.PROBLEM, error=error)
    except ClinicError as error:
        return Opened(Found.PROBLEM, error=error) if path is not None else _why(url, error)


def with_secret(url: str) -> str:
    """*url* with the password that this computer keeps for it; as it is where there is none.

    Raises ``Refused`` for a file of passwords that others may read.
    """
    from clinic_desk.services import safe

    if config.sqlite_path(url) is not None or config.without_password(url) != url:
        return url
    secret = safe.recall(config.password_name(url))
    return url if secret is None else config.with_password(url, secret)


def _why(url: str, error: ClinicError) -> Opened:
    """A server that cannot be opened: the exact cause, and whether a password would help."""
    from clinic_desk.services import server_check

    try:
        server_check.try_out(url)
    except server_check.ServerTrouble as trouble:
        asks = trouble.field == "password"
        return Opened(Found.ASKS if asks else Found.PROBLEM, error=trouble)
    except ClinicError as better:
        return Opened(Found.PROBLEM, error=better)
    return Opened(Found.PROBLEM, error=error)


def warm_up(store: Store) -> None:
    """Load what the main window needs, while somebody types a password.

    The set-up of the clinics is read too; after the sign-in one small question says whether it
    was changed since.
    """
    import clinic_desk.services.accounts
    import clinic_desk.services.diary
    import clinic_desk.services.doorbell
    import clinic_desk.services.elsewhere
    import clinic_desk.services.feed
    import clinic_desk.services.occupancy
    import clinic_desk.services.open_time
    import clinic_desk.services.requests
    import clinic_desk.services.sessions
    import clinic_desk.services.snapshot
    import clinic_desk.services.traces
    import clinic_desk.views.booking.held_times
    import clinic_desk.views.extra_actions
    import clinic_desk.views.live
    import clinic_desk.views.lock
    import clinic_desk.views.main_window  # noqa: F401 - only loaded

    i18n.warm_up()
    for (organisation,) in store.rows(
        "SELECT id FROM organisation ORDER BY id LIMIT ?", (ORGANISATIONS_AHEAD,)
    ):
        store.catalogue(organisation)


def make_demo(url: str) -> Opened:
    """Put the demo clinic into the database at *url* and open it."""
    from clinic_desk.services import demo

    path = config.sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    demo.prepare(with_secret(url))
    return look(url)


def found(url: str, wish: Founding) -> Opened:
    """Set a clinic up in the empty database at *url* and open it."""
    from clinic_desk.services import founding

    path = config.sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    founding.found(with_secret(url), wish)
    return look(url)


def upgrade(url: str) -> Opened:
    """Bring an older file up to date, with a copy beside it, and open it."""
    from clinic_desk.services import upkeep

    upkeep.migrate(url)
    return look(url)


def receptionist(users: tuple[tuple[str, str], ...]) -> str:
    """Who the demo suggests: somebody who books, moves and approves."""
    for name, _about in users:
        if name == "scheduler":
            return name
    return users[0][0]
