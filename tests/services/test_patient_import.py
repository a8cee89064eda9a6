"""Another program's patients come in: looked at, written once, each row with its result."""

from __future__ import annotations

import csv
import random
import tracemalloc
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import ClinicError, Invalid, NotAllowed, Refused
from clinic_desk.rules.written_dates import Order
from clinic_desk.services import import_results, patient_import, patient_table, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.patient_import import Outcome, RowResult
from tests import builders
from tests.builders import Clinic

LIST = """Nachname;Vorname;Geboren;Telefon;E-Mail
Müller;Jörg;12.4.1986;0664 1234567;joerg@example.com
Öztürk;Ayşe;1.2.1990;;
"""


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "patients.csv"
    file.write_bytes(text.encode(encoding))
    return file


def outcomes_of(actor: Actor, file: Path) -> list[RowResult]:
    form = patient_table.recognised(file, "AT")
    return list(patient_import.run(actor, file, form))


def outcomes(actor: Actor, file: Path) -> list[str]:
    return [str(result.outcome) for result in outcomes_of(actor, file)]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1254"],
)
def test_the_encoding_is_recognised(tmp_path, encoding):
    file = written(tmp_path, LIST, encoding)

    form = patient_table.recognised(file, "AT")
    if encoding == "windows-1254":  # one byte of it differs from the western one
        form = replace(form, encoding="windows-1254")

    first = next(patient_table.rows(file, form))
    assert first.cells[:2] == ("Müller", "Jörg")
    assert form.columns == ("last_name", "first_name", "date_of_birth", "phone", "email")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_recognised(tmp_path, delimiter, end):
    text = LIST.replace(";", delimiter).replace("\n", end)

    form = patient_table.recognised(written(tmp_path, text), "AT")

    assert form.delimiter == delimiter
    assert len(list(patient_table.rows(tmp_path / "patients.csv", form))) == 2


def test_western_letters_of_one_byte_are_recognised(tmp_path):
    file = written(tmp_path, "Name;Ort\nJörg Müßig;Köln\nAndré;Besançon\n" * 20, "windows-1252")

    form = patient_table.recognised(file, "DE")

    assert next(patient_table.rows(file, form)).cells == ("Jörg Müßig", "Köln")


@pytest.mark.parametrize(
    ("encoding", "country", "name"),
    [
        ("shift_jis", "JP", "山田"),
        ("gbk", "CN", "王小明"),
        ("big5", "TW", "陳志明"),
        ("euc-kr", "KR", "김민준"),
        ("windows-1252", "JP", "Müller"),
    ],
)
def test_east_asian_names_keep_their_signs(tmp_path, encoding, country, name):
    file = written(tmp_path, f"last name,first name\n{name},A\n" * 3, encoding)

    form = patient_table.recognised(file, country)

    assert next(patient_table.rows(file, form)).cells == (name, "A")


@pytest.mark.parametrize("encoding", patient_table.ENCODINGS)
def test_each_encoding_on_offer_can_be_read(tmp_path, encoding):
    file = written(tmp_path, "last name;first name\nSmith;Ann\n", encoding)
    form = replace(patient_table.recognised(file, "AT"), encoding=encoding)

    assert next(patient_table.rows(file, form)).cells == ("Smith", "Ann")


@pytest.mark.parametrize("country", ["AT", "US", "BR", "FR"])
@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("windows-1252", ["Muñoz", "Núñez", "Íñigo", "Sánchez"]),
        ("windows-1252", ["João", "Conceição", "Simões", "Inês"]),
        ("windows-1252", ["Hélène", "François", "Benoît", "Lefèvre"]),
        ("windows-1252", ["Müller", "Weiß", "Jörg", "Schäfer"]),
        ("windows-1250", ["Őrsi", "Gyűrűs", "Árpád", "Kövér"]),
        ("windows-1250", ["Wałęsa", "Grażyna", "Śliwiński", "Żak"]),
    ],
)
def test_names_of_a_long_list_keep_their_letters(tmp_path, encoding, names, country):
    text = "last name;first name\n" + "".join(
        f"{names[n % 4]};Person {n}\n" for n in range(300)
    )  # fmt: skip
    file = written(tmp_path, text, encoding)

    form = patient_table.recognised(file, country)

    assert [row.cells[0] for row in patient_table.rows(file, form)] == names * 75


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", Refused), (b"  \n", Refused), (b"PK\x03\x04....", Refused), (None, ClinicError)],
)
def test_what_is_no_list_is_refused(tmp_path, content, error):
    file = tmp_path / "x.csv"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(error):
        patient_table.recognised(file, "AT")


def test_a_list_becomes_patients(actor: Actor, tmp_path: Path):
    file = written(tmp_path, LIST)

    assert outcomes(actor, file) == ["created", "created"]

    (card,) = patients.search(actor, "muller jorg")
    assert (card.phone, str(card.date_of_birth)) == ("+43 664 1234567", "1986-04-12")
    assert [c.name for c in patients.search(actor, "ozturk")] == ["Öztürk, Ayşe"]


def test_nothing_is_written_by_looking(actor: Actor, tmp_path: Path):
    file = written(tmp_path, LIST + LIST.splitlines()[1] + "\n")
    form = patient_table.recognised(file, "AT")

    seen = [str(result.outcome) for result in patient_import.preview(actor, file, form)]
    dry = [str(result.outcome) for result in patient_import.dry_run(actor, file, form)]

    assert seen == dry == ["created", "created", "duplicate"]
    assert Patient.select().count() == 1


def test_every_row_says_what_became_of_it(actor: Actor, tmp_path: Path):
    other = builders.an_actor(builders.a_clinic(actor.store, name="Elsewhere"))
    patients.create(other, first_name="X", last_name="Y", email="taken@example.com")
    known = patients.create(actor, first_name="Jane", last_name="Known", phone="0664 7654321")
    text = (
        "number,last name,first name,dob,phone,email\n"
        "A1,New,Ann,1990-01-01,,\n"
        ",Known,Jane,,+43 664 7654321,\n"
        ",Elsewhere,Max,,,taken@example.com\n"
        ",Wrong,Date,31.02.1990,,\n"
        ",Wrong,Phone,,call me,\n"
        "A1,Wrong,Number,1990-02-02,,\n"
        ",,,1990-02-02,,\n"
        "\n"
        ",New,Ann,1990-01-01,,\n"
    )
    file = written(tmp_path, text)
    form = patient_table.recognised(file, "AT")

    results = list(patient_import.run(actor, file, form))

    assert [str(x.outcome) for x in results] == [
        "created", "duplicate", "needs consent", "error", "error", "error", "error", "duplicate",
    ]  # fmt: skip
    assert results[1].number == known.value.number
    assert [str(x.reason) for x in results[3:7]] == [
        "“31.02.1990” is no date.",
        "This is no telephone number of any country.",
        "The number A1 belongs to another patient.",
        "A patient needs a first or last name.",
    ]
    assert "Y" not in str(results[2].reason)
    assert results[7].row.line == 10


@pytest.mark.parametrize(
    ("columns", "cells", "names"),
    [
        (("name", "first_name"), "van der Zwick;Ursula", ("van der Zwick", "Ursula")),
        (("name", "first_name"), "Ursula van der Zwick;Ursula", ("van der Zwick", "Ursula")),
        (("name", "first_name"), "Zwick, Ursula;Ursula", ("Zwick", "Ursula")),
        (("name", "first_name"), "Ursula van der Zwick;", ("Zwick", "Ursula van der")),
        (("name", "first_name"), ";Ursula", ("", "Ursula")),
        (("last_name", "name"), "van der Zwick;Ursula", ("van der Zwick", "Ursula")),
        (("last_name", "name"), "van der Zwick;Ursula van der Zwick", ("van der Zwick", "Ursula")),
        (("last_name", "name"), "Zwick;Zwick", ("Zwick", "Zwick")),
        (("last_name", "first_name", "name"), "Zwick;Ursula;Else", ("Zwick", "Ursula")),
    ],
)
def test_a_name_of_its_own_is_never_lost_to_a_whole_name(
    actor: Actor, tmp_path: Path, columns: tuple[str, ...], cells: str, names: tuple[str, str]
):
    form = patient_table.TableForm("utf-8", ";", headings=False, columns=columns)

    (seen,) = patient_import.preview(actor, written(tmp_path, cells), form)

    assert (seen.stored["last_name"], seen.stored["first_name"]) == names


FAMILY = """Name;Vorname;Geburtsdatum;E-Mail
van der Zwick;Ursula;03.02.1977;
Senior;Hans;01.01.1950;hans@senior.example
Senior;Hans;01.01.1985;hans@senior.example
Senior;Hans;1.1.1985;
Senior;;;hans@senior.example
Bennett;Beth;09.09.2001;beth@example.com
Bennett;Beth;;beth@example.com
"""


def test_father_and_son_share_a_name_and_an_address_and_both_come_in(actor: Actor, tmp_path: Path):
    mine: dict[str, Any] = {
        "first_name": "Beth",
        "last_name": "Bennett",
        "email": "beth@example.com",
    }
    patients.create(actor, **mine, date_of_birth=date(1971, 5, 13))
    patients.create(actor, first_name="Beth Ann", last_name="Bennett", email="beth@example.com")
    file = written(tmp_path, FAMILY)
    form = patient_table.recognised(file, "AT")

    seen = [str(result.outcome) for result in patient_import.preview(actor, file, form)]
    results = list(patient_import.run(actor, file, form))

    assert [str(result.outcome) for result in results] == seen
    assert seen == ["created", "created", "created", "duplicate", "created", "created", "duplicate"]
    father, son, double, nameless = results[1:5]
    assert "" != father.number != son.number != ""
    assert (double.number, double.repeats) == (son.number, 3)
    assert str(double.reason) == "It is the same person as in row 3."
    assert nameless.reason is None
    names = sorted(card.name for card in patients.search(actor, "senior"))
    assert names == ["Senior", "Senior, Hans", "Senior, Hans"]
    # Begun again, or with the rows of one person far apart, it says the same.
    again = list(patient_import.run(actor, file, form))
    assert [(x.outcome, x.number) for x in again] == [(x.outcome, x.number) for x in results]
    assert str(again[3].reason) == str(double.reason)


def test_of_several_who_may_be_meant_the_likeliest_is_named(actor: Actor, tmp_path: Path):
    hans: dict[str, Any] = {"first_name": "Hans", "last_name": "Senior"}
    patients.create(actor, **hans, email="h@example.com")
    old = patients.create(actor, **hans, email="h@example.com", date_of_birth=date(1950, 1, 1))
    patients.create(actor, **hans, email="h@example.com", date_of_birth=date(1985, 1, 1))
    both = patients.create(actor, **hans, email="h@example.com", phone="0664 1234567")
    text = (
        "last name,first name,dob,email,phone\n"
        "Senior,Hans,1950-01-01,h@example.com,0664 1234567\n"
        "Senior,Hans,,h@example.com,0664 1234567\n"
        ",Solo,1960-02-02,,\n"
    )

    found = outcomes_of(actor, written(tmp_path, text))

    assert [one.number for one in found[:2]] == [old.value.number, both.value.number]
    assert (str(found[2].outcome), str(found[2].reason)) == ("created", "It has no last name.")


def test_rows_of_one_person_in_different_chunks_name_each_other(actor: Actor, tmp_path: Path):
    between = "".join(f"Person{n},Ann,1990-01-01\n" for n in range(patient_import.AT_ONCE))
    row = "Twice,Tom,1980-03-04\n"
    file = written(tmp_path, f"last name,first name,dob\n{row}{between}{row}")

    first, *_others, last = outcomes_of(actor, file)

    assert (str(last.outcome), last.number, last.repeats) == ("duplicate", first.number, 1)


def test_who_begins_again_writes_nobody_twice(actor: Actor, tmp_path: Path):
    lines = "".join(f"Person{n};Ann;1.1.19{n % 90 + 10};;\n" for n in range(130))
    file = written(tmp_path, LIST.splitlines()[0] + "\n" + lines)
    form = patient_table.recognised(file, "AT")
    told: list[int] = []
    first = list(
        patient_import.run(actor, file, form, progress=told.append, cancelled=lambda: bool(told))
    )
    assert [x.outcome for x in first].count(Outcome.NOT_DONE) == 90
    assert told == [40]

    again = list(patient_import.run(actor, file, form))

    assert {x.outcome for x in again} == {Outcome.CREATED}
    assert [x.number for x in again[:40]] == [x.number for x in first[:40]]
    assert Patient.select().count() == 131


def test_a_row_that_cannot_be_read_does_not_stop_the_rest(actor: Actor, tmp_path: Path):
    text = f'last name,first name\nA,a\nB\0,b\n{"x" * 200_000},c\n"open\nC,c\n'

    assert "created" in outcomes(actor, written(tmp_path, text))


def test_formulas_are_harmless_in_the_result(actor: Actor, tmp_path: Path):
    file = written(tmp_path, "last name,first name\n\"=cmd|' /C calc'!A0\",@sum\n")
    form = patient_table.recognised(file, "AT")
    out = tmp_path / "result.csv"

    counts = import_results.write(
        out, ("Result",), patient_table.headings(file, form),
        patient_import.run(actor, file, form), lambda result: (str(result.outcome),),
    )  # fmt: skip

    with out.open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.reader(stream))
    assert table == [
        ["Result", "last name", "first name"],
        ["created", "'=cmd|' /C calc'!A0", "'@sum"],
    ]
    assert counts == {Outcome.CREATED: 1}


def test_the_import_needs_its_permission_and_a_name(clinic: Clinic, actor: Actor, tmp_path: Path):
    file = written(tmp_path, LIST)
    form = patient_table.recognised(file, "AT")
    clerk = builders.an_actor(clinic, frozenset({"Customer Create"}))

    with pytest.raises(NotAllowed):
        patient_import.preview(clerk, file, form)
    with pytest.raises(NotAllowed):
        list(patient_import.run(clerk, file, form))
    with pytest.raises(Invalid):
        patient_import.preview(actor, file, replace(form, columns=("phone",) * 5))


def test_american_dates_are_read_as_such(actor: Actor, tmp_path: Path):
    file = written(tmp_path, "name,dob\nJane Smith,04/25/1986\n")
    form = patient_table.recognised(file, "AT")

    assert form.dates is Order.MONTH
    list(patient_import.run(actor, file, form))
    (card,) = patients.search(actor, "jane smith 19860425")
    assert (card.first_name, card.last_name) == ("Jane", "Smith")


def test_a_long_list_takes_no_more_memory_than_a_short_one(tmp_path: Path):
    file = tmp_path / "long.csv"
    with file.open("w", encoding="utf-8") as stream:
        stream.write("last name,first name,dob\n")
        for number in range(200_000):
            stream.write(f"Person{number},Ann,1986-04-{number % 28 + 1:02}\n")
    form = patient_table.recognised(file, "AT")
    tracemalloc.start()
    count = sum(1 for _ in patient_table.rows(file, form))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 200_000
    assert most < 4 * 1024 * 1024


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400), seed=st.integers(0, 2**32))
def test_any_bytes_are_read_or_refused(tmp_path, content, seed):
    cells = [b"last name", b"first name", b"dob", b'"', b";", b",", b"\n", b"\r\n", content]
    chosen = random.Random(seed).choices(cells, k=12)
    file = tmp_path / "any.csv"
    file.write_bytes(b"".join(chosen))

    try:
        form = patient_table.recognised(file, "AT")
        for row in patient_table.rows(file, form):
            assert row.number > 0
    except ClinicError:
        pass
