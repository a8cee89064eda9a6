"""A desk whose clinic can send to a real mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import config
from clinic_desk.services import safe
from clinic_desk.views import theme
from clinic_desk.views.admin.pages import PAGES
from clinic_desk.views.desk import Desk
from clinic_desk.views.mail.post import Post
from tests import smtp_server
from tests.views.conftest import quiet


@pytest.fixture(autouse=True)
def own_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This computer keeps no passwords yet, and has no keyring."""
    monkeypatch.setattr(config, "data_folder", lambda: tmp_path / "home")
    monkeypatch.setattr(safe, "has_keyring", lambda: False)
    monkeypatch.setattr(safe, "_memory", {})


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[smtp_server.Smtp]:
    """A mail server that asks for nothing."""
    with smtp_server.running(tmp_path) as running:
        yield running


@pytest.fixture
def post(desk: Desk) -> Iterator[Post]:
    """The sender of this desk, not yet begun."""
    made = Post(desk)
    yield made
    assert made.stop(10), "the sender did not end"


Opened = Callable[[str], QWidget]


@pytest.fixture
def opened(qtbot: QtBot, desk: Desk, guarded: Callable[[], None]) -> Opened:
    """Opens a page of Admin by its name."""

    def show(name: str) -> QWidget:
        theme.apply(QApplication.instance(), "light")  # type: ignore[arg-type]
        guarded()
        (entry,) = (page for page in PAGES if page.name == name)
        page = entry.make(desk)
        qtbot.addWidget(page)
        page.resize(1000, 800)
        page.show()
        page.activateWindow()
        quiet(qtbot, desk)
        return page

    return show
