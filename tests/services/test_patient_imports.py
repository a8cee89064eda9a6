"""The list of imports: who took over which file when, and what became of its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_desk.rules.errors import NotAllowed
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import import_results, patient_imports, patient_table
from clinic_desk.services.actor import Actor
from clinic_desk.services.patient_import import Outcome
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

LIST = """Last name;First name;Born;E-mail
Fox;Ann;12.4.1986;ann@example.com
Fox;Ann;12.4.1986;ann@example.com
Wolf;Ben;31.12.1990;no address
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "old patients.csv"
    made.write_text(LIST, encoding="utf-8")
    return made


def run(actor: Actor, file: Path, **more: object) -> list[Outcome]:
    form = patient_table.recognised(file, "AT")
    return [one.outcome for one in patient_imports.run(actor, file, form, **more)]  # type: ignore[arg-type]


def test_an_import_is_kept_with_what_became_of_its_rows(actor: Actor, file: Path) -> None:
    result = file.with_name("result.csv")

    run(actor, file, result=result)

    (card,) = patient_imports.imports(actor)
    assert (card.file_name, card.who) == ("old patients.csv", "Test User")
    assert card.counts == ((Outcome.CREATED, 1), (Outcome.DUPLICATE, 1), (Outcome.ERROR, 1))
    assert (card.taken, card.refused) == (1, 2)
    assert card.result_place == str(result)
    assert card.ended_at is not None
    assert card.began_at <= card.ended_at


def test_the_newest_import_comes_first(actor: Actor, file: Path) -> None:
    run(actor, file)
    other = file.with_name("newer.csv")
    other.write_text(LIST, encoding="utf-8")
    run(actor, other)

    assert [card.file_name for card in patient_imports.imports(actor)] == [
        "newer.csv",
        "old patients.csv",
    ]


def test_a_stopped_import_tells_what_was_not_done(actor: Actor, file: Path) -> None:
    run(actor, file, cancelled=lambda: True)

    (card,) = patient_imports.imports(actor)
    assert card.counts == ((Outcome.NOT_DONE, 3),)


def test_an_import_whose_reader_went_away_ends_with_what_was_done(actor: Actor, file: Path) -> None:
    results = patient_imports.run(actor, file, patient_table.recognised(file, "AT"))
    next(results)
    results.close()  # type: ignore[attr-defined]

    (card,) = patient_imports.imports(actor)
    assert card.counts == ((Outcome.CREATED, 1),)
    assert card.ended_at is not None


def test_an_import_whose_result_cannot_be_written_stands_in_the_list(
    actor: Actor, file: Path
) -> None:
    form = patient_table.recognised(file, "AT")
    results = patient_imports.run(actor, file, form)

    with pytest.raises(Exception, match="could not be written"):
        import_results.write(file.parent, (), (), results, lambda _result: ())
    assert patient_imports.imports(actor) == ()


def test_the_list_is_one_query_and_of_one_organisation(actor: Actor, file: Path) -> None:
    for _again in range(3):
        run(actor, file)
    elsewhere = builders.an_actor(builders.a_clinic(actor.store, name="Other"))

    assert patient_imports.imports(elsewhere) == ()
    with statements(actor.store) as seen:
        assert len(patient_imports.imports(actor)) == 3
    assert len([text for text in seen if "patient_import" in text]) == 1


def test_the_list_has_a_permission_of_its_own(clinic: Clinic, file: Path) -> None:
    uploader = builders.an_actor(clinic, frozenset(ALL) - {patient_imports.LIST})
    run(uploader, file)

    with pytest.raises(NotAllowed, match=patient_imports.LIST):
        patient_imports.imports(uploader)


def test_a_name_of_a_file_that_is_no_text_is_kept_as_it_can_be(actor: Actor) -> None:
    assert patient_imports._kept("a\udcffb\n.csv", 255) == "a?b?.csv"
    assert patient_imports._kept("x" * 300, 255) == "x" * 255
