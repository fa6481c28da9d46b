"""Looks at a space's directory as a stranger with sqlite3 would, while no server runs on it."""

import hashlib
import pathlib
import shutil
import sqlite3
import tempfile

INLINE_BYTES_MAX = 16 * 1024


def problems(folder, contents=True):
    """What is wrong with the database and the blobs of a space, as sentences.

    Works on a copy, so that the server still has to recover by itself. `contents`: hash every
    blob, instead of looking at its size only.
    """
    folder = pathlib.Path(folder)
    with tempfile.TemporaryDirectory() as copy:
        for name in ("main.db", "main.db-wal"):
            if (folder / name).exists():
                shutil.copy(folder / name, copy)
        database = sqlite3.connect(pathlib.Path(copy) / "main.db")
        try:
            return [
                *_database(database),
                *_references(database),
                *_blobs(database, folder / "blobs", contents),
                *_counts(database),
            ]
        finally:
            database.close()


def _database(database):
    for (line,) in database.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"integrity_check: {line}"
    for row in database.execute("PRAGMA foreign_key_check"):
        yield f"foreign key: {row}"


def _references(database):
    wanted = dict(
        database.execute(
            "SELECT hash, count(*) FROM (SELECT blob AS hash FROM node WHERE blob IS NOT NULL"
            " UNION ALL SELECT blob FROM upload_part) GROUP BY hash"
        )
    )
    kept = dict(database.execute("SELECT hash, refs FROM blob"))
    for hashed, count in wanted.items():
        if kept.get(hashed) != count:
            yield f"blob {hashed} has {kept.get(hashed)} references, counted {count}"
    for hashed, count in kept.items():
        if count != wanted.get(hashed, 0):
            yield f"blob {hashed} says {count} references, counted {wanted.get(hashed, 0)}"
    for hashed, refs, zero_at in database.execute("SELECT hash, refs, zero_at FROM blob"):
        if (refs == 0) != (zero_at is not None):
            yield f"blob {hashed} has {refs} references and zero_at {zero_at}"


def _blobs(database, folder, contents):
    rows = database.execute(
        "SELECT blob.hash, blob.size, blob.place, blob_inline.data FROM blob"
        " LEFT JOIN blob_inline ON blob_inline.blob_id = blob.id"
    )
    for hashed, size, place, inline in rows:
        data = inline
        if place == 1:
            path = folder / hashed[:2] / hashed
            data = path.read_bytes() if path.exists() else None
        if data is None:
            yield f"blob {hashed} has a row and no content"
        elif len(data) != size:
            yield f"blob {hashed} is {len(data)} bytes long, its row says {size}"
        elif contents and hashlib.sha256(data).hexdigest() != hashed:
            yield f"blob {hashed} has other content than its name says"
    for path in folder.glob("*/*"):
        if len(path.name) != 64:
            yield f"{path} is no blob"


def _counts(database):
    """Sizes and numbers of files, of folders and of places, against their children."""
    rows = database.execute("SELECT id, parent_id, kind, size, files FROM node").fetchall()
    children = {}
    for row in rows:
        if row[0] != row[1]:
            children.setdefault(row[1], []).append(row)
    for node, _, kind, size, files in rows:
        if kind != 1 or node == 2:
            continue
        below = [each for each in children.get(node, []) if each[0] != 2]
        real_size = sum(each[3] for each in below)
        real_files = sum(1 if each[2] == 2 else each[4] for each in below)
        if (size, files) != (real_size, real_files):
            said = f"{size} bytes in {files} files"
            yield f"folder {node} says {said}, has {real_size} in {real_files}"
    by_id = {row[0]: row for row in rows}
    for place, size, files in database.execute("SELECT place, bytes, files FROM usage"):
        if (size, files) != by_id[place][3:5]:
            yield f"place {place} says {size} bytes in {files} files, its root {by_id[place][3:5]}"
    latest = database.execute("SELECT max(seq) FROM node").fetchone()[0]
    counter = int(database.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()[0])
    if latest > counter:
        yield f"a node has change number {latest}, the counter says {counter}"
