"""Where things lie, and which database is opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clinic_desk import config
from clinic_desk.rules.errors import Invalid, Unavailable


@pytest.fixture
def home(tmp_path):
    return {config.HOME_VARIABLE: str(tmp_path / "home")}


def test_without_any_word_the_database_is_a_file_in_the_users_folder(home, tmp_path):
    found = config.load(environ=home)

    assert found.database == f"sqlite:///{(tmp_path / 'home' / 'clinic.db').as_posix()}"
    assert config.sqlite_path(found.database) == tmp_path / "home" / "clinic.db"
    assert found.language == ""


def test_the_command_line_wins_over_the_environment_and_that_over_what_was_saved(home):
    config.save_settings(database="sqlite:///saved.db", language="fr", environ=home)
    named = {**home, config.DATABASE_VARIABLE: "sqlite:///named.db"}

    assert config.load(environ=home).database == "sqlite:///saved.db"
    assert config.load(environ=named).database == "sqlite:///named.db"
    assert config.load("sqlite:///said.db", environ=named).database == "sqlite:///said.db"
    assert config.load(environ=named).language == "fr"
    assert config.load(language="pt-br", environ=named).language == "pt_BR"


def test_saving_one_thing_keeps_the_others(home):
    config.save_settings(database="sqlite:///a.db", environ=home)
    config.save_settings(language="de", environ=home)

    assert config.saved_settings(home) == {"database": "sqlite:///a.db", "language": "de"}


def test_a_password_is_never_saved_and_never_shown(home):
    url = "postgresql://desk:s3cret@db.example:5432/clinic?sslmode=verify-full"

    config.save_settings(database=url, environ=home)

    text = Path(home[config.HOME_VARIABLE], "settings.json").read_text("utf-8")
    assert "s3cret" not in text
    assert json.loads(text)["database"] == url.replace(":s3cret", "")
    assert "s3cret" not in config.shown(url)
    assert config.shown("sqlite:///a.db") == "sqlite:///a.db"


@pytest.mark.parametrize("broken", ["", "{", "[1]", '"x"', "\x00"])
def test_damaged_settings_do_not_stop_the_program(home, broken):
    file = Path(home[config.HOME_VARIABLE], "settings.json")
    file.parent.mkdir()
    file.write_text(broken)

    assert config.load(environ=home).database.endswith("/clinic.db")


def test_a_folder_that_cannot_be_written_is_told_with_a_way_out(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")

    with pytest.raises(Unavailable, match=config.HOME_VARIABLE):
        config.save_settings(language="de", environ={config.HOME_VARIABLE: str(in_the_way)})


@pytest.mark.parametrize(
    "url",
    [
        "mysql://host/name",
        "clinic.db",
        "sqlite://clinic.db",
        "sqlite:///",
        "postgresql://host",
        "postgresql://host/",
        "",
    ],
)
def test_a_url_that_names_no_database_is_refused(url):
    with pytest.raises(Invalid) as refused:
        config.checked_url(url)

    assert refused.value.field == "database"


def test_the_short_name_of_postgresql_is_understood():
    assert config.checked_url(" postgres://u@h/n ") == "postgresql://u@h/n"
    assert config.sqlite_path("postgresql://u@h/n") is None


def test_a_refused_url_does_not_give_its_password_away():
    with pytest.raises(Invalid) as refused:
        config.checked_url("oracle://scott:tiger@host/db")

    assert "tiger" not in str(refused.value)


@pytest.mark.parametrize(
    ("tag", "ours"),
    [
        ("de", "de"),
        ("pt-br", "pt_BR"),
        ("de_DE.UTF-8", "de_DE"),
        ("C", ""),
        ("POSIX", ""),
        ("", ""),
    ],
)
def test_language_tags_are_taken_as_systems_write_them(tag, ours):
    assert config.checked_language(tag) == ours


def test_a_word_is_no_language():
    with pytest.raises(Invalid):
        config.checked_language("german!")


def test_the_programs_own_files_are_where_it_says():
    assert config.resources_folder().joinpath("locale").is_dir()
    assert not config.is_frozen()
