from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.colour import (
    BLACK,
    TEXT_CONTRAST,
    WHITE,
    contrast,
    mixed,
    parse,
    readable,
    text_of,
    text_on,
)
from clinic_desk.rules.errors import Invalid

colours = st.tuples(*[st.integers(0, 255)] * 3)


def test_black_on_white_has_the_greatest_contrast():
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1


def test_known_ratios_are_those_of_the_guideline():
    assert contrast(parse("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast(parse("#0b57d0"), WHITE) == pytest.approx(6.4, abs=0.1)


@pytest.mark.parametrize("text", ["", "red", "#fff", "#12345g", "#1234567", "#12345६", " #123456"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert caught.value.field == "colour"


def test_the_preferred_text_colour_is_taken_where_it_can_be_read():
    navy, pale = parse("#102a5c"), parse("#dce8ff")

    assert text_on(pale, navy) == navy
    assert text_on(navy, navy) == WHITE


@given(colours)
def test_some_text_can_be_read_on_any_colour(background):
    assert contrast(text_on(background), background) >= TEXT_CONTRAST


@given(colours, colours)
def test_any_colour_can_be_made_readable_on_any_other(colour, background):
    assert contrast(readable(colour, background), background) >= TEXT_CONTRAST


@given(colours, colours)
def test_contrast_is_the_same_from_both_sides(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.0001


@given(colours)
def test_reading_and_writing_changes_nothing(colour):
    assert parse(text_of(colour)) == colour
    assert parse(text_of(colour).upper()) == colour


@given(colours, colours)
def test_mixing_goes_from_one_to_the_other(one, other):
    assert mixed(one, other, 0) == one
    assert mixed(one, other, 1) == other
