"""Files and folders that only their owner can read: the database, evidence, uploads on their way, logs of the demo."""

import logging
import os
import stat
from pathlib import Path

log = logging.getLogger(__name__)
_OTHERS = 0o077
# What SQLite writes beside its database.
_BESIDE = ("", "-wal", "-shm", "-journal")


def for_owner_only() -> None:
    """Let this process, and those that it starts, make files and folders that nobody else can read."""
    os.umask(os.umask(_OTHERS) | _OTHERS)


def make_folder(path: Path) -> None:
    """Make a folder with the way to it, or close one that is there: 0700.

    A folder that is not ours alone (sticky like /tmp, somebody's home, the root, where we were started) stays as it is.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    shared = path.stat().st_mode & stat.S_ISVTX or path.resolve() in (Path("/"), Path.home(), Path.cwd())
    if not shared:
        close(path)


def close_database(file: Path) -> None:
    """Close an embedded database from an installation that made it readable for others."""
    for ending in _BESIDE:
        close(file.with_name(file.name + ending))


def close_tree(folder: Path) -> None:
    """Close a folder of ours and everything in it. Links are not followed."""
    close(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            close(Path(place, name))


def close(path: Path) -> None:
    """Take the rights of others from a file or folder; one that is not there, or a link, stays as it is."""
    try:
        mode = path.lstat().st_mode
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except FileNotFoundError:  # never made, or gone meanwhile
        return
    except PermissionError:
        log.warning("%s can be read by others, and is not ours to close: give it to the user who runs lti-mcred", path)
