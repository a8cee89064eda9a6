"""Which files are opened, and which are left exactly as they are."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import peewee as pw
import pytest

from clinic_desk.models import base, files, schema, shares
from clinic_desk.rules.errors import ClinicError, Damaged, Refused, Unavailable
from tests import databases
from tests.models.sample import NINE, Practice


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A sound database of ours."""
    url, _ = databases.fresh("sqlite", tmp_path)
    return Path(url.removeprefix("sqlite:///"))


def _opened(file: Path) -> pw.Database:
    db = base.connect(f"sqlite:///{file}")
    db.connect()
    return db


def _refused(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(Damaged):
        _opened(file)
    assert file.read_bytes() == before
    assert not file.with_name(file.name + "-wal").exists()


def test_a_connection_is_set_up_for_never_losing_what_was_saved(ours: Path) -> None:
    db = _opened(ours)
    asked = {
        pragma: db.execute_sql(f"PRAGMA {pragma}").fetchone()[0]
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
    }
    assert asked == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 0,
    }
    assert db.execute_sql("PRAGMA mmap_size").fetchone() in {None, (0,)}
    db.close()


def test_an_unsound_sqlite_gets_no_wal(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WAL_IS_SOUND_FROM", (99, 0, 0))
    db = _opened(ours)
    assert db.execute_sql("PRAGMA journal_mode").fetchone() == ("delete",)
    db.close()


def test_a_new_file_is_marked_as_ours_before_anything_else(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    db = _opened(file)
    assert file.read_bytes()[68:72] == b"CLND"
    db.close()
    schema.create(_opened(file))
    base.database.obj.close()


def test_an_empty_file_is_a_database_yet_to_be_made(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    file.touch()
    db = _opened(file)
    schema.create(db)
    schema.require_current(db)
    db.close()


def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "photos.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE photo (id INTEGER)")
    other.close()
    _refused(file)


@pytest.mark.parametrize("content", [b"Dear diary", b"\0" * 4096, b"SQLite format 3\0", b"x"])
def test_what_is_no_database_is_not_touched(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.db"
    file.write_bytes(content)
    _refused(file)


@pytest.mark.parametrize("part", [0.05, 0.3, 0.5, 0.9, 0.999])
def test_a_file_that_lost_its_end_is_not_touched(ours: Path, part: float) -> None:
    whole = ours.read_bytes()
    ours.write_bytes(whole[: int(len(whole) * part)])
    _refused(ours)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="folder"):
        _opened(tmp_path)


def test_a_copy_is_whole_and_checked(ours: Path, tmp_path: Path) -> None:
    db = _opened(ours)
    assert isinstance(db, files.FileDatabase)
    target = schema.copy(db, tmp_path / "copy.db")
    with pytest.raises(FileExistsError):
        schema.copy(db, target)
    db.close()
    copied = _opened(target)
    schema.require_current(copied)
    copied.close()


def test_a_copy_of_a_damaged_database_is_not_kept(ours: Path, tmp_path: Path) -> None:
    db = _opened(ours)
    assert isinstance(db, files.FileDatabase)
    practice = Practice()
    for hour in range(200):
        practice.book(NINE + timedelta(hours=hour))
    db.close()
    whole = bytearray(ours.read_bytes())
    last = len(whole) - 4096
    whole[last : last + 40] = b"\xa5" * 40
    ours.write_bytes(whole)
    with pytest.raises(Exception, match=r"malformed|not a sound"):
        schema.copy(db, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    db.close()


@pytest.mark.parametrize("url", ["mysql://root@host/x", "clinic.db", "", "sqlite://x"])
def test_an_address_that_is_none_is_a_sentence(url: str) -> None:
    with pytest.raises(ClinicError, match="does not name a database"):
        base.connect(url)


def test_a_refused_address_keeps_its_password_to_itself() -> None:
    with pytest.raises(ClinicError) as refusal:
        base.connect("mysql://root:secret@host/x")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "path",
    [
        r"\\server\share\clinic.db",
        "//server/share/clinic.db",
        "{tmp}/Dropbox/clinic.db",
        "{tmp}/OneDrive - Praxis Chen/data/clinic.db",
        "{tmp}/Google Drive/clinic.db",
        "{tmp}/nextcloud/clinic.db",
    ],
)
def test_a_shared_place_is_refused_with_both_ways_out(path: str, tmp_path: Path) -> None:
    with pytest.raises(shares.OnShare) as refusal:
        base.connect("sqlite:///" + path.format(tmp=tmp_path))
    said = str(refusal.value)
    assert "Move the file" in said
    assert "PostgreSQL" in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_syncthing_watches_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".stfolder").mkdir()
    with pytest.raises(shares.OnShare):
        base.connect(f"sqlite:///{tmp_path / 'deep' / 'clinic.db'}")


def test_a_link_into_a_shared_folder_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "mine").symlink_to(tmp_path / "Dropbox")
    with pytest.raises(shares.OnShare):
        base.connect(f"sqlite:///{tmp_path / 'mine' / 'clinic.db'}")


MOUNTS = """\
22 1 254:1 / / rw,relatime - ext4 /dev/root rw
40 22 0:35 / /mnt/office rw - cifs //server/office rw
41 22 0:36 / /mnt/office/local rw shared:2 - ext4 /dev/sdb rw
42 22 0:37 / /media/two\\040words rw - fuse.sshfs me@host: rw
43 22 0:38 / /mnt/box rw - fuse.ntfs-3g /dev/sdc rw
44 22 0:39 / /mnt/over rw - ext4 /dev/sdd rw
45 22 0:40 / /mnt/over rw - nfs4 host:/ rw
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/var/lib/clinic.db", False),
        ("/mnt/office/clinic.db", True),
        ("/mnt/office/local/clinic.db", False),
        ("/mnt/officer/clinic.db", False),
        ("/media/two words/clinic.db", True),
        ("/mnt/box/clinic.db", False),
        ("/mnt/over/clinic.db", True),
    ],
)
def test_the_kind_of_a_mount_decides(path: str, network: bool, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert shares.network_type(shares.mount_type(Path(path), table)) is network


def test_a_desk_with_a_file_does_not_pay_for_the_server() -> None:
    program = (
        "import sys; from clinic_desk.services import store; from clinic_desk.models import schema;"
        " print({'psycopg', 'playhouse.migrations'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "set()"


HOLDER = """
import sys
from clinic_desk.models import base
first = base.connect(sys.argv[1])
first.connect()
first.execute_sql("CREATE TABLE IF NOT EXISTS mine (x)")
second = base.connect(sys.argv[1])  # as whoever signs out and in again
second.connect()
first.close()
second.execute_sql("INSERT INTO mine VALUES (1)")
print("ready", flush=True)
sys.stdin.readline()
print(second.execute_sql("SELECT count(*) FROM mine").fetchone()[0], flush=True)
second.execute_sql("INSERT INTO mine VALUES (2)")
print(second.execute_sql("SELECT count(*) FROM mine").fetchone()[0], flush=True)
"""


def test_a_second_opening_leaves_the_locks_of_the_first(ours: Path) -> None:
    """Else the next reader to leave would clear the log away, with all that is in it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"sqlite:///{ours}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None and holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"
    reader = sqlite3.connect(ours)
    reader.execute("SELECT count(*) FROM mine").fetchone()
    reader.close()

    assert ours.with_name(ours.name + "-wal").exists()
    told, _ = holder.communicate("\n", timeout=30)
    assert told.split() == ["1", "2"]


def test_a_database_that_stands_open_is_read_as_nothing_else(ours: Path, tmp_path: Path) -> None:
    db = _opened(ours)
    assert files.stands_open(ours)
    with pytest.raises(Refused, match="working with"):
        files.refuse_open(ours)
    other = tmp_path / "list.csv"
    other.write_text("a")
    files.refuse_open(other)
    db.close()
    assert not files.stands_open(ours)
    files.refuse_open(ours)
