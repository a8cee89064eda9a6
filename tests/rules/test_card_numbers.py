from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.card_numbers import holds_card_number


def _with_check_digit(digits: str) -> str:
    """By the table of doubled digits, which the rule does not use."""
    doubled = "0246813579"
    signs = (doubled[int(d)] if n % 2 == 0 else d for n, d in enumerate(reversed(digits)))
    return digits + str(-sum(map(int, signs)) % 10)


@given(
    first=st.sampled_from("23456"),
    rest=st.text("0123456789", min_size=11, max_size=17),
    between=st.sampled_from(["", " ", "-"]),
)
def test_every_number_with_its_check_digit_is_found_however_it_is_grouped(first, rest, between):
    number = _with_check_digit(first + rest)
    grouped = between.join(number[n : n + 4] for n in range(0, len(number), 4))

    assert holds_card_number(f"paid with {grouped}, thanks")


@given(st.text("0123456789", min_size=12, max_size=12), st.sampled_from("23456"))
def test_another_check_digit_makes_it_no_card(rest, first):
    number = _with_check_digit(first + rest)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)

    assert not holds_card_number(wrong)


@pytest.mark.parametrize(
    "text", ["", "Invoice 2031-0042", "+43 660 1234567", "AT61 1904 3002 3457 3201 1111 1111"]
)
def test_what_stands_on_bills_is_no_card(text):
    assert not holds_card_number(text)


def test_digits_of_another_script_are_digits():
    assert holds_card_number("٤١١١ ١١١١ ١١١١ ١١١١")
