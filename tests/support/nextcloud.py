"""Nextcloud's desktop client, unmodified, as its command line program: one local folder synced."""

import dataclasses
import hashlib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

import report

SYNC_SECONDS_MAX = 120
# "name (conflicted copy 2024-01-31 120000).txt"; the number is added by hand after a second one.
CONFLICT = re.compile(r" \(conflicted copy [^)]*\)")
# What the client keeps for itself in the folder.
OWN_FILES = re.compile(r"^(\.sync_|\._sync_|\.nextcloudsync\.log|\.owncloudsync\.log)")


def need():
    """Raises Skip when the client is not installed."""
    if shutil.which("nextcloudcmd") is None:
        raise report.Skip("nextcloudcmd is not installed")


@dataclasses.dataclass
class Synced:
    """How a run ended, and what it said."""

    code: int
    said: str


class Folder:
    """One folder on one machine: it has a home directory, and so a configuration, of its own."""

    def __init__(self, scratch, name, member, secret=None):
        self.name = name
        self.member = member
        self.secret = secret or member.token
        self.home = pathlib.Path(scratch) / f"{name}.home"
        self.path = pathlib.Path(scratch) / name
        self.home.mkdir()
        self.path.mkdir()
        self.hashes = {}  # (path, size, mtime) -> hash: files are read once

    def command(self, *options):
        return [
            "nextcloudcmd", "--non-interactive", "-h", *options, "-u", self.member.uid,
            "-p", self.secret, "--path", "/", str(self.path), self.member.space.url,
        ]

    def environment(self):
        return {
            **os.environ,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_DATA_HOME": str(self.home / ".local"),
            "QT_QPA_PLATFORM": "offscreen",
            "LC_ALL": "C.UTF-8",
        }

    def sync(self, *options):
        """One run, as a person starts it."""
        try:
            done = subprocess.run(
                self.command(*options),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=SYNC_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired as slow:
            said = (slow.output or b"").decode("utf-8", "replace").splitlines()[-20:]
            text = "\n".join(said)
            raise AssertionError(f"the client did not end; it said last:\n{text}") from slow
        return Synced(done.returncode, done.stdout.decode("utf-8", "replace"))

    def forget_failures(self):
        """What failed is tried again by the next run, and not after 25 seconds; the desktop does
        the same when a person asks for a sync."""
        self._journal("DELETE FROM blacklist")

    def noted_etag(self, folder):
        """The etag under which the client believes to know all of a folder; None: it does not."""
        rows = self._journal("SELECT md5 FROM metadata WHERE path = ?", folder)
        return f'"{rows[0][0]}"' if rows else None

    def _journal(self, statement, *values):
        """Runs a statement on the client's own database; it must not be running."""
        rows = []
        for file in self.path.glob(".sync_*.db"):
            journal = sqlite3.connect(file)
            with journal:
                rows += journal.execute(statement, values).fetchall()
            journal.close()
        return rows

    def start(self, *options):
        """A run that is not waited for."""
        return subprocess.Popen(
            self.command(*options),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def tree(self):
        """What a person sees: path -> None for a folder, the content's SHA-256 for a file."""
        found = {}
        top = os.fspath(self.path)
        for folder, folders, files in os.walk(top):
            inside = os.path.relpath(folder, top)
            inside = "" if inside == "." else inside + "/"
            found.update({inside + name: None for name in folders})
            for name in files:
                if not OWN_FILES.match(name):
                    found[inside + name] = self._hash(os.path.join(folder, name))
        return found

    def _hash(self, path):
        state = os.stat(path)
        key = (path, state.st_size, state.st_mtime_ns, state.st_ino)
        if key not in self.hashes:
            with open(path, "rb") as file:
                self.hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self.hashes[key]

    def conflicts(self):
        """Paths of the copies the client made of what both sides had changed."""
        return sorted(path for path in self.tree() if CONFLICT.search(os.path.basename(path)))

    def write(self, path, data, mtime=None):
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        if mtime is not None:
            os.utime(file, (mtime, mtime))

    def read(self, path):
        return (self.path / path).read_bytes()
