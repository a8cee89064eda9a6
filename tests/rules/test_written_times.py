"""Times as people type them, in languages with and without two halves of the day."""

from __future__ import annotations

import pytest

from clinic_desk.rules.written_times import may_become, minute_typed

ENGLISH = ("AM", "PM")


def said(
    text: str, *, twelve: bool, former: str = "13:00", marks: tuple[str, str] = ENGLISH
) -> str:
    """The time as four digits, or nothing."""
    hour, minute = former.split(":")
    found = minute_typed(text, int(hour) * 60 + int(minute), twelve=twelve, marks=marks)
    return "" if found is None else "{:02}:{:02}".format(*divmod(found, 60))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("9", "09:00"),
        ("9:", "09:00"),
        ("930", "09:30"),
        ("0930", "09:30"),
        ("9:30", "09:30"),
        ("9.30", "09:30"),
        ("9h30", "09:30"),
        (" 21.30 ", "21:30"),
        ("2130", "21:30"),
        ("0", "00:00"),
        ("9:30 pm", "21:30"),
        ("٩:٣٠", "09:30"),
    ],
)
def test_a_time_is_read_however_it_is_written(text: str, time: str) -> None:
    assert said(text, twelve=False) == time


@pytest.mark.parametrize(
    "text", ["", "93", "9:3", "24:00", "9:60", "x", "9x", "12345", "13 pm", "-9"]
)
@pytest.mark.parametrize("twelve", [True, False])
def test_what_is_no_time_says_none(text: str, twelve: bool) -> None:
    assert said(text, twelve=twelve) == ""


@pytest.mark.parametrize(
    ("text", "former", "time"),
    [
        ("12:45 PM", "13:00", "12:45"),
        ("12:45am", "13:00", "00:45"),
        ("9:30 p.m.", "13:00", "21:30"),
        ("9:30\u202fPM", "13:00", "21:30"),
        ("9p", "13:00", "21:00"),
        ("2:30", "13:00", "14:30"),
        ("2:30", "09:00", "14:30"),
        ("12", "09:00", "12:00"),
        ("9:30", "13:00", "09:30"),
        ("14:30", "09:00", "14:30"),
        ("10", "21:00", "22:00"),
        ("5", "06:00", "05:00"),
    ],
)
def test_an_hour_without_a_mark_is_one_of_the_working_day(
    text: str, former: str, time: str
) -> None:
    assert said(text, twelve=True, former=former) == time


@pytest.mark.parametrize(("text", "time"), [("9:30 م", "21:30"), ("9:30 ص", "09:30")])
def test_the_words_of_the_language_count(text: str, time: str) -> None:
    assert said(text, twelve=True, marks=("ص", "م")) == time


@pytest.mark.parametrize(
    ("text", "possible"),
    [("9:3", True), ("93", True), ("9:", True), ("9:30 p", True), ("9:7", False), ("99", False)],
)
def test_what_may_still_become_a_time_is_no_mistake_yet(text: str, possible: bool) -> None:
    assert may_become(text, 780, twelve=True, marks=ENGLISH) is possible
