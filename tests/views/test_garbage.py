"""Who destroys what nobody holds any more."""

from __future__ import annotations

import threading
import weakref

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.views import garbage as module
from clinic_desk.views.garbage import Garbage


def left_behind(ends: list[str]) -> None:
    """A widget in a cycle, which only a collection can destroy."""
    widget = QWidget()
    widget.itself = widget  # type: ignore[attr-defined]
    weakref.finalize(widget, lambda: ends.append(threading.current_thread().name))


def allocate_much() -> list[list[int]]:
    return [[n] for n in range(200_000)]


def test_another_thread_never_destroys_a_widget(qtbot: QtBot, garbage: Garbage) -> None:
    ends: list[str] = []
    left_behind(ends)
    thread = threading.Thread(target=allocate_much, name="reader")
    thread.start()
    thread.join()
    assert ends == []

    kept = allocate_much()
    garbage.collect()

    assert kept
    assert ends == [threading.main_thread().name]


def test_it_is_collected_without_being_asked(
    qtbot: QtBot, garbage: Garbage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INTERVAL_MS", 20)
    monkeypatch.setattr(module, "PATIENCE", 1)  # whatever an earlier test left pressed
    other = Garbage()
    ends: list[str] = []
    left_behind(ends)
    kept = [[n] for n in range(20_000)]
    qtbot.waitUntil(lambda: bool(ends))
    assert kept
    other.stop()
