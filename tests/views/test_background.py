"""The threads between the window and the database."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from clinic_desk.views import background as module
from clinic_desk.views.background import Background


@pytest.fixture
def threads(qtbot: QtBot) -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


def test_answers_come_back_on_the_threads_of_the_window(qtbot: QtBot, threads: Background) -> None:
    seen: list[tuple[bool, bool]] = []

    def work() -> bool:
        return threading.current_thread() is threading.main_thread()

    def done(on_main: bool) -> None:
        seen.append((on_main, threading.current_thread() is threading.main_thread()))

    threads.read(work, done=done)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(False, True)]


def test_what_is_written_keeps_its_order(qtbot: QtBot, threads: Background) -> None:
    order: list[int] = []
    for number in range(50):
        threads.write(order.append, number)
    qtbot.waitUntil(lambda: threads.idle)
    assert order == list(range(50))


def test_an_outdated_answer_is_dropped_and_what_waits_is_never_asked(
    qtbot: QtBot, threads: Background
) -> None:
    gate = threading.Event()
    answers: list[int] = []
    asked: list[int] = []

    def slow(number: int) -> int:
        asked.append(number)
        gate.wait(5)
        return number

    for _reader in range(2):
        threads.read(gate.wait, 5)
    for number in range(4):
        threads.read(slow, number, done=answers.append, ticket="week")
    gate.set()
    qtbot.waitUntil(lambda: threads.idle)
    assert (answers, asked) == ([3], [3])


def test_a_forgotten_question_is_not_answered(qtbot: QtBot, threads: Background) -> None:
    answers: list[int] = []
    threads.read(lambda: 1, done=answers.append, ticket="search")
    threads.forget("search")
    qtbot.waitUntil(lambda: threads.idle)
    assert answers == []


def test_an_error_goes_to_whoever_asked_else_to_everybody(
    qtbot: QtBot, threads: Background
) -> None:
    errors: list[BaseException] = []

    def fail() -> None:
        raise ValueError("no")

    threads.read(fail, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    with qtbot.waitSignal(threads.broke) as told:
        threads.write(fail)
    assert isinstance(errors[0], ValueError)
    assert isinstance(told.args[0], ValueError)


def test_nobody_is_told_whose_window_is_gone(qtbot: QtBot, threads: Background) -> None:
    class Screen(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.told = 0

        def done(self, _answer: object) -> None:
            self.told += 1

    import shiboken6

    screen = Screen()
    threads.read(time.sleep, 0.05, done=screen.done)
    shiboken6.delete(screen)
    qtbot.waitUntil(lambda: threads.idle)
    assert screen.told == 0


def test_it_says_what_is_late_then_stuck_and_when_all_is_well(
    qtbot: QtBot, threads: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(module, "STUCK_SECONDS", 0.6)
    gate = threading.Event()
    told: list[str] = []
    threads.slow.connect(lambda what: told.append(f"slow: {what}"))
    threads.stuck.connect(lambda what: told.append(f"stuck: {what}"))
    threads.relieved.connect(lambda: told.append("relieved"))
    threads.write(gate.wait, 10, what="saving the visit")
    qtbot.waitUntil(lambda: len(told) == 2, timeout=5000)
    gate.set()
    qtbot.waitUntil(lambda: len(told) == 3)
    assert told == ["slow: saving the visit", "stuck: saving the visit", "relieved"]


def test_a_call_that_never_ends_does_not_keep_the_program(qtbot: QtBot) -> None:
    threads = Background()
    gate = threading.Event()
    threads.read(gate.wait, 30)
    begin = time.monotonic()
    assert not threads.close(0.2)
    assert time.monotonic() - begin < 2
    gate.set()


def test_one_that_hangs_is_never_destroyed_by_its_own_thread(qtbot: QtBot) -> None:
    threads = Background()
    ended: list[str] = []
    weakref.finalize(threads, lambda: ended.append(threading.current_thread().name))
    running = list(threads._threads)
    gate = threading.Event()
    threads.read(gate.wait, 30)
    assert not threads.close(0.1)
    del threads
    gate.set()
    for thread in running:
        thread.join(5)
    gc.collect()
    assert ended in ([], [threading.main_thread().name])


def test_each_thread_lets_go_of_its_connection_at_the_end(qtbot: QtBot) -> None:
    ended: list[str] = []
    threads = Background(thread_ended=lambda: ended.append(threading.current_thread().name))
    assert threads.close()
    assert sorted(ended) == ["clinic-desk-reader-1", "clinic-desk-reader-2", "clinic-desk-writer"]
