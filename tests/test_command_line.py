"""The command line as a shell sees it: what is printed, and the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from clinic_desk import __version__
from clinic_desk.services.store import open_store
from tests import builders, databases

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def desk(tmp_path: Path) -> Run:
    """Run ``clinic-desk`` as somebody who has never used it, speaking English."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CLINIC_DESK_", "LC_", "LANG"))
    }
    environment |= {
        "CLINIC_DESK_HOME": str(tmp_path / "home"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONUTF8": "1",
    }

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "clinic_desk", *arguments],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env=environment | more,
            timeout=120,
        )

    return run


@pytest.fixture
def empty_url(dialect: str, tmp_path: Path) -> Iterator[str]:
    """A place for a database, without even a schema."""
    if dialect == "sqlite":
        yield f"sqlite:///{(tmp_path / 'new' / 'clinic.db').as_posix()}"
        return
    url, remove = databases.fresh(dialect, tmp_path)
    name = url.rpartition("/")[2]
    databases.administer(f"DROP DATABASE {name}")
    databases.administer(f"CREATE DATABASE {name}")
    yield url
    remove()


def test_it_says_its_version_and_its_commands(desk):
    assert __version__ in desk("--version").stdout
    said = desk("--help")

    assert said.returncode == 0
    for command in ("demo", "tour", "migrate", "check", "backup", "restore", "fill"):
        assert f"\n  {command} " in said.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("dance",),
        ("--database", "mysql://host/name", "check"),
        ("check", "--database", "sqlite:///"),
        ("--language", "german!", "migrate"),
        ("--language", "xx", "check"),
        ("backup",),
        ("demo", "--json"),
        ("fill", "--patients", "many"),
        ("tour",),
    ],
)
def test_wrong_usage_is_exit_code_2(desk, arguments):
    done = desk(*arguments)

    assert done.returncode == 2
    assert done.stderr.startswith("Usage:")


def test_a_server_that_is_not_there_is_exit_code_3_and_a_sentence(desk):
    done = desk("check", "--database", "postgresql://clinic@127.0.0.1:9/none")

    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "cannot be reached" in done.stderr


def test_a_file_of_another_kind_is_exit_code_3_and_left_alone(desk, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear colleague,\n" * 100)

    done = desk("migrate", "--database", f"sqlite:///{file.as_posix()}")

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert file.read_text() == "Dear colleague,\n" * 100


def test_an_empty_database_is_made_ready_once(desk, empty_url):
    first = desk("migrate", "--database", empty_url)
    second = desk("--database", empty_url, "migrate")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "done" in first.stdout
    assert "up to date" in second.stdout


def test_the_role_of_the_desks_is_made_and_may_not_change_the_history(desk, tmp_path):
    url, remove = databases.fresh("postgresql", tmp_path)
    done = desk("migrate", "--grant", "--database", url)

    assert (done.returncode, "clinic_desk_app" in done.stdout) == (0, True), done.stderr
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("SET ROLE clinic_desk_app")
        assert line.execute("SELECT count(*) FROM deed").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            line.execute("DELETE FROM deed")
    remove()


def test_whoever_may_not_make_roles_is_told_so(desk, tmp_path):
    url, remove = databases.fresh("postgresql", tmp_path)
    databases.administer("DROP ROLE IF EXISTS nobody_special")
    databases.administer("CREATE ROLE nobody_special LOGIN")
    done = desk("migrate", "--grant", "--database", url.replace("clinic@", "nobody_special@"))

    assert done.returncode == 3, done.stderr
    assert "may not do this" in done.stderr
    assert "Traceback" not in done.stderr
    remove()
    databases.administer("DROP ROLE nobody_special")


def test_a_file_has_no_roles(desk, tmp_path):
    done = desk("migrate", "--grant", "--database", f"sqlite:///{tmp_path / 'c.db'}")

    assert done.returncode == 1
    assert "no roles" in done.stderr


def test_the_database_may_stand_in_the_environment(desk, tmp_path):
    file = tmp_path / "named.db"

    done = desk("migrate", CLINIC_DESK_DATABASE=f"sqlite:///{file.as_posix()}")

    assert done.returncode == 0
    assert file.exists()


def test_the_demo_clinic_tells_how_to_sign_in_and_stays_the_same(desk, empty_url):
    first = desk("demo", "--no-window", "--json", "--database", empty_url)
    assert first.returncode == 0, first.stderr
    second = desk("demo", "--no-window", "--json", "--database", empty_url)

    told = json.loads(first.stdout)
    assert json.loads(second.stdout) == told
    assert told["url"] == empty_url
    assert len(told["organisations"]) == 2
    assert [len(o["locations"]) for o in told["organisations"]] == [3, 1]
    users = told["organisations"][0]["users"]
    assert {"name", "password", "role", "display_name"} <= set(users[0])


def test_without_a_named_database_the_demo_has_its_own(desk, tmp_path):
    done = desk("demo", "--no-window")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "demo.db").exists()
    assert not (tmp_path / "home" / "clinic.db").exists()


def test_the_demo_never_overwrites_real_records(desk, database_url):
    store = open_store(database_url)
    builders.a_clinic(store)
    store.close()

    done = desk("demo", "--fresh", "--no-window", "--database", database_url)

    assert done.returncode == 1
    assert "no demo clinic is put into it" in done.stderr


def test_a_mistyped_path_is_told_and_becomes_no_file(desk, tmp_path):
    file = tmp_path / "clnic.db"
    for command in (("check",), ("backup", str(tmp_path / "b.zip"))):
        done = desk(*command, "--database", f"sqlite:///{file.as_posix()}")
        assert (done.returncode, "no database at" in done.stderr) == (3, True), done.stderr
    assert not file.exists()


def test_a_mistyped_folder_does_not_become_a_tree_of_folders(desk, tmp_path):
    done = desk("migrate", "--database", f"sqlite:///{tmp_path / 'a' / 'b' / 'c.db'}")

    assert done.returncode == 3
    assert not (tmp_path / "a").exists()


def test_a_folder_is_no_database_and_needs_no_backup_restored(desk, tmp_path):
    done = desk("check", "--database", f"sqlite:///{tmp_path.as_posix()}")

    assert done.returncode == 3
    assert "is a folder" in done.stderr
    assert "backup" not in done.stderr


def test_an_older_backup_is_replaced_only_on_purpose(desk, tmp_path):
    url, remove = databases.fresh("sqlite", tmp_path)
    file = tmp_path / "b.zip"
    first, again, forced = (
        desk("backup", str(file), "--database", url, *more) for more in ((), (), ("--force",))
    )

    assert (first.returncode, again.returncode, forced.returncode) == (0, 1, 0)
    assert "--force" in again.stderr
    remove()


@pytest.mark.skipif(os.name == "nt", reason="Windows has rights of another kind")
def test_records_are_for_the_eyes_of_their_user(desk, tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'c.db'}"
    assert desk("migrate", "--database", url).returncode == 0
    assert desk("backup", str(tmp_path / "b.zip"), "--database", url).returncode == 0

    for file in (tmp_path / "new" / "c.db", tmp_path / "b.zip"):
        assert file.stat().st_mode & 0o077 == 0


def test_invented_people_come_beside_real_ones_only_on_purpose(desk, database_url):
    store = open_store(database_url)
    builders.a_clinic(store)
    store.close()
    few = ("--patients", "5", "--providers", "1", "--appointments", "5")

    assert desk("fill", *few, "--database", database_url).returncode == 1
    assert desk("fill", *few, "--yes", "--database", database_url).returncode == 0


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="always a screen there")
@pytest.mark.parametrize("display", ["", ":4711", "nonsense"])
def test_no_screen_is_a_sentence_and_exit_code_3(desk, tmp_path, display):
    more = {"QT_QPA_PLATFORM": "", "DISPLAY": display, "WAYLAND_DISPLAY": ""}
    done = desk("--database", f"sqlite:///{tmp_path / 'c.db'}", **more)

    assert done.returncode == 3, done.stderr
    assert "no screen" in done.stderr
    assert not (tmp_path / "c.db").exists()


def test_a_filled_database_passes_the_check(desk, empty_url):
    filled = desk(
        *("fill", "--patients", "60", "--providers", "2", "--appointments", "200"),
        *("--seed", "7", "--database", empty_url),
    )
    assert filled.returncode == 0, filled.stderr
    assert "200 appointments of 60 patients" in filled.stdout

    checked = desk("check", "--database", empty_url)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_was_backed_up_can_be_restored_on_the_other_database(desk, dialect, tmp_path):
    source, remove_source = databases.fresh(dialect, tmp_path)
    other = "postgresql" if dialect == "sqlite" else "sqlite"
    target, remove_target = databases.fresh(other, tmp_path)
    store = open_store(source)
    clinic = builders.a_clinic(store)
    name = store.catalogue(clinic.organisation_id).organisation.name
    store.close()
    file = tmp_path / "clinic.backup"

    saved = desk("backup", str(file), "--database", source)
    restored = desk("restore", str(file), "--database", target)
    again = desk("restore", str(file), "--database", target)

    assert saved.returncode == 0, saved.stderr
    assert restored.returncode == 0, restored.stderr
    store = open_store(target)
    assert store.rows("SELECT name FROM organisation") == [(name,)]
    store.close()
    assert desk("check", "--database", target).returncode == 0
    assert again.returncode == 1
    remove_source()
    remove_target()


def test_a_tampered_history_does_not_pass_the_check(desk, tmp_path):
    url, _remove = databases.fresh("sqlite", tmp_path)
    assert desk("demo", "--no-window", "--database", url).returncode == 0
    assert desk("check", "--database", url).returncode == 0
    store = open_store(url)
    connection = store.connection()
    kept = [
        (name, text)
        for name, text in store.rows(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'deed'"
        )
    ]
    for name, _text in kept:
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute("UPDATE deed SET at = at - 60 WHERE seq = 1")
    for _name, text in kept:  # whoever tampers puts the guards back
        connection.execute(text)
    store.close()

    done = desk("check", "--database", url)

    assert done.returncode == 1
    assert "deed 1 " in done.stdout


def test_a_guard_that_was_taken_away_does_not_pass_the_check(desk, database_url, dialect):
    store = open_store(database_url)
    trigger = store.rows(
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'claim'"
        if dialect == "sqlite"
        else "SELECT tgname, 'claim' FROM pg_trigger"
        " WHERE tgrelid = 'claim'::regclass AND NOT tgisinternal"
    )[0]
    on = f" ON {trigger[1]}" if dialect == "postgresql" else ""
    store.connection().execute(f'DROP TRIGGER "{trigger[0]}"{on}')
    store.close()

    done = desk("check", "--database", database_url)

    assert done.returncode == 1
    assert trigger[0] in done.stdout


def test_a_sealed_backup_needs_its_passphrase(desk, tmp_path):
    source, _remove = databases.fresh("sqlite", tmp_path)
    target, _remove = databases.fresh("sqlite", tmp_path)
    file = tmp_path / "clinic.backup"
    right = {"CLINIC_DESK_PASSPHRASE": "correct horse"}

    assert desk("backup", str(file), "--encrypt", "--database", source, **right).returncode == 0
    wrong = desk(
        *("restore", str(file), "--database", target), CLINIC_DESK_PASSPHRASE="battery staple"
    )
    restored = desk("restore", str(file), "--database", target, **right)
    checked = desk("check", "--against", str(file), "--database", target, **right)

    assert wrong.returncode == 1
    assert "passphrase" in wrong.stderr
    assert (restored.returncode, checked.returncode) == (0, 0), restored.stderr + checked.stderr


def test_the_start_is_lean():
    """Whatever a command does not need is not loaded before it is asked for."""
    story = (
        "import sys, clinic_desk.__main__;"
        "print([name for name in"
        " ('PySide6', 'peewee', 'psycopg', 'sqlcipher3', 'babel', 'argon2', 'fastapi')"
        " if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_tour_walks_through_the_real_windows_and_leaves_pictures(desk, tmp_path):
    done = desk("tour", "--out", str(tmp_path / "tour"), "--lang", "ar", "--dark")

    assert done.returncode == 0, done.stdout + done.stderr
    assert " ok" in done.stdout
    assert len(list((tmp_path / "tour").glob("*.png"))) >= 20
