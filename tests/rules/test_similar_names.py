"""Whose names may be one person's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.similar_names import alike, close

NAMES = st.text(alphabet="abcdeéßø -", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Jane", "Smith"), ("Jane", "Smith")),
        (("Jane", "Smith"), ("JANE", "SMYTH")),
        (("Jane", "Smith"), ("Smith", "Jane")),
        (("Jane", "Smith"), ("Jane Mary", "Smith")),
        (("Jörg", "Müller"), ("Jorg", "Muller")),
        (("Hans", "Müller"), ("Hnas", "Müller")),
        (("Łukasz", "Ørsted"), ("Lukas", "Orsted")),
        (("", "Madonna"), ("", "Madona")),
    ],
)
def test_these_may_be_one_person(one, other):
    assert alike(*one, *other)
    assert alike(*other, *one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Jane", "Smith"), ("John", "Smith")),
        (("Jane", "Smith"), ("Jane", "Schmidt")),
        (("Bo", "Li"), ("Bo", "Lu")),
        (("", "Smith"), ("Jane", "Smith")),
        (("", ""), ("", "")),
        (("", ""), ("Jane", "Smith")),
    ],
)
def test_these_are_two(one, other):
    assert not alike(*one, *other)
    assert not alike(*other, *one)


@given(NAMES, NAMES, NAMES, NAMES)
def test_likeness_has_no_direction(a, b, c, d):
    assert alike(a, b, c, d) == alike(c, d, a, b)


@given(st.text(alphabet="abcdef", min_size=4, max_size=10), st.data())
def test_one_slip_is_close(word, data):
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("abcdefx"))

    assert close(word, word[:place] + letter + word[place + 1 :])
    assert close(word, word[:place] + letter + word[place:])
    assert close(word, word[:place] + word[place + 1] + word[place] + word[place + 2 :])
