"""A real window on a real SQLite file, with its real threads; the window's own thread may not
touch the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.services import accounts
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.store import Store, open_store
from clinic_desk.views import theme
from clinic_desk.views.background import Background
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.desk import Desk
from clinic_desk.views.garbage import Garbage
from clinic_desk.views.live import Live
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.remember import Memory
from tests import builders, databases

T = TypeVar("T")
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in American English, left to right."""
    i18n.set_language("en_US")
    yield
    i18n.set_language("en_US")
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture(autouse=True)
def garbage(qapp: QApplication) -> Iterator[Garbage]:
    """As in the program: what is collected is collected on this thread."""
    made = Garbage()
    yield made
    made.collect()
    made.stop()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A fresh SQLite file with the present schema."""
    made, remove = databases.fresh("sqlite", tmp_path)
    yield made
    remove()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The open database."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def clinic(store: Store) -> builders.Clinic:
    """One location, provider, room, type and patient."""
    return builders.a_clinic(store)


@pytest.fixture
def actor(clinic: builders.Clinic) -> Actor:
    """Somebody who may do everything."""
    return builders.an_actor(clinic)


@pytest.fixture
def background(qtbot: QtBot, store: Store) -> Iterator[Background]:
    """The real threads."""
    made = Background(thread_ended=store.forget_connection)
    yield made
    assert made.close(), "a thread did not end"


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it to forbid the window's thread any touch of the database from then on."""

    def forbid() -> None:
        reach = Store.connection

        def connection(self: Store) -> Any:
            assert threading.current_thread() is not threading.main_thread(), (
                "the window's thread called the database"
            )
            return reach(self)

        monkeypatch.setattr(Store, "connection", connection)

    return forbid


@pytest.fixture
def desk(actor: Actor, background: Background) -> Desk:
    """A signed-in desk."""
    return Desk(actor, background, actor.store.catalogue(actor.organisation_id))


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path)


@pytest.fixture
def window(
    qtbot: QtBot, desk: Desk, memory: Memory, guarded: Callable[[], None]
) -> Iterator[MainWindow]:
    """The main window on the builders' week, with all of it read."""
    theme.apply(QApplication.instance(), "light")  # type: ignore[arg-type]
    guarded()
    live = Live(desk)
    opened = MainWindow(desk, memory, live)
    qtbot.addWidget(opened)
    opened.resize(1440, 900)
    opened.show()
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    opened.calendar.go_to(builders.TUESDAY)
    opened.calendar.set_view(View.WORKWEEK)
    live.start()
    quiet(qtbot, desk)
    yield opened
    live.close()


def quiet(qtbot: QtBot, desk: Desk) -> None:
    """Wait until the threads have nothing to do."""
    for _again in range(3):
        qtbot.waitUntil(lambda: desk.background.idle, timeout=10_000)
        qtbot.wait(30)


def elsewhere(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """What another desk does: on a thread (and connection) of its own."""
    answer: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        from clinic_desk.models.base import database

        try:
            answer.append(call(*args, **kwargs))
        except BaseException as error:
            errors.append(error)
        finally:
            database.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    if errors:
        raise errors[0]
    return answer[0]


def stored(actor: Actor, card_id: int) -> AppointmentCard:
    """The visit as the database has it."""
    from clinic_desk.services import diary

    return elsewhere(diary.appointment, actor, card_id)


def a_user_who_signs_in(clinic: builders.Clinic, name: str = "kim", **fields: Any) -> str:
    """Somebody with a password; gives the name."""
    hashed = accounts.hash_password(PASSWORD)
    number = builders.a_user(clinic, name=name, display_name="Kim Doe", **fields)
    from clinic_desk.models.people import User

    User.update(password_hash=hashed).where(User.id == number).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)
    return name
