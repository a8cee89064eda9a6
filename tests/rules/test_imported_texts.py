"""Columns, dates and cells of other programs' lists."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.column_words import FIELDS, matched
from clinic_desk.rules.harmless_cells import harmless, plain
from clinic_desk.rules.written_dates import Order, day, order_in, order_of, order_shown

TODAY = date(2031, 5, 20)


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (("Last Name", "First Name", "DOB", "E-Mail"),
         ("last_name", "first_name", "date_of_birth", "email")),
        (("Nachname", "Vorname", "Geb.-Datum", "Handy", "PLZ", "Ort"),
         ("last_name", "first_name", "date_of_birth", "phone", "postcode", "city")),
        (("Nom", "Prénom", "Né(e)", "Téléphone"), ("last_name", "first_name", "", "phone")),
        (("Apellidos", "Nombre", "Fecha de nacimiento", "Correo electrónico"),
         ("last_name", "first_name", "date_of_birth", "email")),
        (("Sobrenome", "Nome", "Data de nascimento", "CPF"),
         ("last_name", "first_name", "date_of_birth", "national_id")),
        (("Vezetéknév", "Keresztnév", "Születési dátum", "TAJ-szám"),
         ("last_name", "first_name", "date_of_birth", "national_id")),
        (("اسم العائلة", "الاسم الأول", "تاريخ الميلاد", "رقم الهاتف"),
         ("last_name", "first_name", "date_of_birth", "phone")),
        (("patient_name", "phone_number"), ("name", "phone")),
        (("Név", "Telefon"), ("name", "phone")),
        (("Nome", "Telefone"), ("name", "phone")),
        (("Name", "Vorname", "Telefon"), ("last_name", "first_name", "phone")),
        (("First name", "Name"), ("first_name", "last_name")),
        (("Nom", "Prénom"), ("last_name", "first_name")),
        (("Nombre", "Nombre de pila"), ("last_name", "first_name")),
        (("Nome", "Primeiro nome"), ("last_name", "first_name")),
        (("Név", "Keresztnév"), ("last_name", "first_name")),
        (("الاسم", "الاسم الأول"), ("last_name", "first_name")),
        (("Name", "Last name", "First name"), ("", "last_name", "first_name")),
        (("Name", "Nachname"), ("name", "last_name")),
        (("Full name", "First name"), ("name", "first_name")),
        (("email", "E-mail", "x"), ("email", "", "")),
        ((), ()),
    ],
)  # fmt: skip
def test_columns_are_known_in_seven_languages(header, fields):
    assert matched(header) == fields
    assert set(fields) <= {*FIELDS, ""}


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("1986-04-12", Order.MONTH, date(1986, 4, 12)),
        ("12.4.1986", Order.DAY, date(1986, 4, 12)),
        ("4/12/1986", Order.MONTH, date(1986, 4, 12)),
        ("12/04/86", Order.DAY, date(1986, 4, 12)),
        ("12/04/30", Order.DAY, date(2030, 4, 12)),
        ("19860412", Order.DAY, date(1986, 4, 12)),
        ("1986. 04. 12.", Order.DAY, date(1986, 4, 12)),
        ("1986-04-12T00:00:00", Order.DAY, date(1986, 4, 12)),
        ("12.04.1986 00:00", Order.DAY, date(1986, 4, 12)),
        ("١٢/٠٤/١٩٨٦", Order.DAY, date(1986, 4, 12)),
        ("1986年4月12日", Order.DAY, date(1986, 4, 12)),
        ("29.02.2000", Order.DAY, date(2000, 2, 29)),
        ("29.02.2001", Order.DAY, None),
        ("13/13/2000", Order.DAY, None),
        ("yesterday", Order.DAY, None),
        ("", Order.DAY, None),
        ("12.4", Order.DAY, None),
        ("0000-00-00", Order.DAY, None),
    ],
)
def test_a_date_is_read_however_it_is_written(text, order, found):
    assert day(text, order, TODAY) == found


@pytest.mark.parametrize(
    ("texts", "country", "order"),
    [
        (["01/02/1990", "13/02/1990"], "US", Order.DAY),
        (["01/02/1990", "02/13/1990"], "AT", Order.MONTH),
        (["01/02/1990"], "US", Order.MONTH),
        (["01/02/1990", "x", ""], "GB", Order.DAY),
        (["04.12.1986"], "US", Order.DAY),
        (["04.25.1986"], "US", Order.MONTH),
        (["04/12/1986", "04.12.1986"], "US", Order.MONTH),
    ],
)
def test_the_order_is_that_of_the_first_clear_date(texts, country, order):
    assert order_of(texts, order_in(country)) == order


@pytest.mark.parametrize(
    ("pattern", "order"),
    [
        ("M/d/yy", Order.MONTH),
        ("dd.MM.yy", Order.DAY),
        ("d\u200f/M\u200f/y", Order.DAY),
        ("d 'M' M 'y' y", Order.DAY),
        ("y. MM. dd.", None),
        ("MMM y", None),
    ],
)
def test_the_order_is_that_of_the_pattern_shown(pattern, order):
    assert order_shown(pattern) == order


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_none(text):
    found = day(text, Order.DAY, TODAY)
    assert found is None or isinstance(found, date)


CELLS = st.text(st.one_of(st.sampled_from("=+-@;'\", \n\r\u200b"), st.characters(codec="utf-8")))


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_harmless_cells_come_back_as_they_were(cells):
    shown = [harmless(cell) for cell in cells]

    assert [plain(cell) for cell in shown] == cells
    out = io.StringIO(newline="")
    csv.writer(out).writerow(shown)
    out.seek(0)
    assert next(csv.reader(out)) == shown


@pytest.mark.parametrize(
    "text", ["=1+1", " =1+1", "\u200b@sum", "x;=A1", "x; +A1", "x\n-A1", "＝1"]
)
def test_no_program_finds_a_formula_in_a_cell_whatever_separates_its_own(text):
    line = f'"{harmless(text)}"'  # quotation marks hold nothing for a program of semicolons

    for cell in re.split("[;\n]", line):
        assert cell.strip('" \u200b')[0] not in "=+-@＝"
    assert plain(harmless(text)) == text
