"""Where a SQLite file must not lie: network shares and folders that something else copies.

SQLite's locks hold between programs of one computer only. On a share, or under a program
that uploads and replaces files, two desks damage the file without noticing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from clinic_desk.rules.errors import Unavailable
from clinic_desk.rules.words import N_

NETWORK_TYPES = frozenset({
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "ncp", "9p", "afpfs",
    "webdav", "davfs", "davfs2", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs",
    "gfs2", "coda", "orangefs", "vboxsf", "vmhgfs", "prl_fs",
})  # fmt: skip
FUSE_ON_NETWORK = ("sshfs", "davfs", "rclone", "gvfs", "s3fs", "google", "onedrive", "glusterfs")

SYNCED_NAMES = frozenset(
    {
        "dropbox",
        "onedrive",
        "google drive",
        "googledrive",
        "my drive",
        "icloud drive",
        "mobile documents",
        "cloudstorage",
        "nextcloud",
        "owncloud",
        "pclouddrive",
        "box sync",
        "megasync",
        "syncthing",
    }
)
SYNCED_STARTS = ("onedrive - ", "dropbox (", "icloud~")
SYNCED_MARKS = (".stfolder", ".dropbox", ".sync", ".owncloudsync.log", ".nextcloudsync.log")


class OnShare(Unavailable):
    """The file lies on a network share or in a synced folder."""

    message = N_("“{path}” lies {where}. There, two desks would damage the database.")
    way_out = N_(
        "Move the file to a folder of this computer’s own disk, or use a PostgreSQL server,"
        " which several desks may share."
    )


def refuse_share(path: str | Path) -> None:
    """Raise :class:`OnShare` where *path* is on a share or under a synced folder."""
    where = share_of(path)
    if where:
        raise OnShare(path=str(path), where=where)


def share_of(path: str | Path) -> str:
    """What kind of shared place *path* lies in, as part of a sentence; empty where in none."""
    text = str(path)
    if text.startswith(("\\\\", "//")) and not text.startswith(("\\\\?\\C", "\\\\.\\")):
        return N_("on a network share")
    full = Path(os.path.realpath(text))
    if is_network(full):
        return N_("on a network share")
    for folder in full.parents:
        name = folder.name.lower()
        if name in SYNCED_NAMES or name.startswith(SYNCED_STARTS):
            return N_("in a folder that another program synchronises")
        if any((folder / mark).exists() for mark in SYNCED_MARKS):
            return N_("in a folder that another program synchronises")
    return ""


def is_network(path: Path) -> bool:
    """Whether the file system that holds *path* is another computer's."""
    if sys.platform == "win32":
        return _is_remote_drive(path)
    if sys.platform == "darwin":
        return not _is_local_mount(path)
    return network_type(mount_type(path, Path("/proc/self/mountinfo")))


def network_type(name: str) -> bool:
    """Whether a file system of this type lies on a network."""
    kind = name.lower()
    return kind in NETWORK_TYPES or (
        kind.startswith("fuse.") and kind.removeprefix("fuse.").startswith(FUSE_ON_NETWORK)
    )


def mount_type(path: Path, table: Path) -> str:
    """The type of the file system that holds *path*, by Linux' table of mounts."""
    best, kind = "", ""
    try:
        lines = table.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = point == "/" or str(path) == point or str(path).startswith(point + "/")
        if inside and len(point) >= len(best):  # a later mount hides an earlier one
            best, kind = point, right.split(" ")[0]
    return kind


def _is_remote_drive(path: Path) -> bool:
    import ctypes

    remote = 4
    windll = getattr(ctypes, "windll")  # noqa: B009 - only there on Windows
    return bool(windll.kernel32.GetDriveTypeW(f"{path.drive}\\") == remote)


def _is_local_mount(path: Path) -> bool:
    """By ``statfs``: macOS marks what is on this computer's own disks as local."""
    import ctypes
    import ctypes.util

    local, flags_at, room = 0x1000, 64, 4096
    library = ctypes.CDLL(ctypes.util.find_library("c"))
    answer = ctypes.create_string_buffer(room)
    there = path
    while not there.exists() and there != there.parent:
        there = there.parent
    call = getattr(library, "statfs$INODE64", None) or library.statfs
    if call(os.fsencode(there), answer) != 0:
        return True
    return bool(int.from_bytes(answer.raw[flags_at : flags_at + 4], "little") & local)
