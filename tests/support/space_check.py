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
            " UNION ALL SELECT blob FROM upload_part UNION ALL SELECT blob FROM version)"
            " GROUP BY hash"
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
    """Sizes, numbers of files and bytes of versions, of folders and of places, against their
    children. A place counts with its bin, the folder "bin-<id of the place>"."""
    rows = database.execute("SELECT id, parent_id, kind, size, files, kept, name FROM node")
    rows = rows.fetchall()
    children = {}
    for row in rows:
        if row[0] != row[1]:
            children.setdefault(row[1], []).append(row)
    versions = dict(database.execute("SELECT node_id, sum(size) FROM version GROUP BY node_id"))
    for node, parent, kind, size, files, kept, _ in rows:
        if 2 in (node, parent):  # waits to be purged, and counts no more
            continue
        if kind == 2:
            if kept != versions.get(node, 0):
                yield f"file {node} says {kept} bytes of versions, has {versions.get(node, 0)}"
            continue
        below = [each for each in children.get(node, []) if each[0] != 2]
        real = (
            sum(each[3] for each in below),
            sum(1 if each[2] == 2 else each[4] for each in below),
            sum(each[5] for each in below),
        )
        if (size, files, kept) != real:
            yield f"folder {node} says {(size, files, kept)} (bytes, files, kept), has {real}"
    by_id = {row[0]: row for row in rows}
    bins = {row[6]: row for row in children.get(1, []) if row[6].startswith("bin-")}
    for place, size, files in database.execute("SELECT place, bytes, files FROM usage"):
        tops = [by_id[place], *filter(None, [bins.get(f"bin-{place}")])]
        real = (sum(top[3] + top[5] for top in tops), sum(top[4] for top in tops))
        if (size, files) != real:
            yield f"place {place} says {size} bytes in {files} files, has {real}"
    binned = {row[0] for each in bins.values() for row in children.get(each[0], [])}
    listed = {
        node
        for node, folder in database.execute("SELECT node_id, bin FROM trash")
        if folder in {each[0] for each in bins.values()}
    }
    for node in binned ^ listed:
        yield f"node {node} is {'not ' if node not in binned else ''}in a bin and its row says else"
    latest = database.execute("SELECT max(seq) FROM node").fetchone()[0]
    counter = int(database.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()[0])
    if latest > counter:
        yield f"a node has change number {latest}, the counter says {counter}"
