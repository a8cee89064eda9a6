from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Łukasz Ørsted-Straße", "lukasz orsted strasse"),
        ("Đorđe Þór Æsir", "dorde thor aesir"),
        ("İbrahim IŞIK", "ibrahim isik"),
        ("Işık", "isik"),
        ("Zoë O’Brien", "zoe obrien"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("ÅSA ÖZİL", "asa ozil"),
        ("Ёлкина", "елкина"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
        ("Jürgen\u00a0 Müller", "jurgen muller"),
        ("+43 (1) 234-567", "43 1 234 567"),
        ("٠١٢٣", "0123"),
        ("Ｆｕｌｌ", "full"),
        ("محمّد", "محمد"),
    ],
)
def test_a_name_is_found_as_people_type_it(name, typed):
    assert fold.key(name) == typed


def test_marks_of_direction_do_not_hide_a_name():
    assert fold.key("\u2068Lee\u2069, \u200fAnna") == "lee anna"


def test_a_query_is_its_words():
    assert fold.words("  Lee,ANNA ") == ["lee", "anna"]


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\ud800b", "a\nb"])
def test_control_characters_are_refused_in_a_name(text):
    with pytest.raises(Invalid) as caught:
        fold.clean("first_name", text)
    assert caught.value.field == "first_name"


def test_notes_may_have_lines_and_still_no_nul():
    assert fold.clean("notes", " one\n\ttwo ", lines=True) == "one\n\ttwo"
    with pytest.raises(Invalid):
        fold.clean("notes", "one\0", lines=True)


def test_a_text_that_is_too_long_says_how_long_it_may_be():
    with pytest.raises(Invalid, match="longer than 3 characters"):
        fold.clean("code", "ABCD", longest=3)


def test_a_text_is_stored_composed():
    assert fold.clean("name", "Zoe\u0308") == "Zoë"


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold.key(fold.key(text)) == fold.key(text)


@given(st.text())
def test_a_key_has_single_blanks_and_nothing_that_cannot_be_stored(text):
    found = fold.key(text)

    assert found == " ".join(found.split())
    assert not fold.has_control(found)


@given(st.text(st.characters(codec="utf-8")))
def test_case_does_not_matter(text):
    assert fold.key(text.casefold()) == fold.key(text)
