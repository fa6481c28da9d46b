"""What people do to a folder, at random from a seed: create, edit, rename, move, delete.

The names are the ones that have broken synchronisation somewhere: accents in both Unicode forms,
emoji, percent signs that look like encodings, names that differ by case only, dots, long ones.
Left out are names that the desktop client never uploads (its list of exclusions, names that begin
or end with a space).
"""

import os
import shutil
import unicodedata

STEMS = (
    "notes", "Notes", "NOTES", "compte rendu", "été", "Été à la mer", "Œuvre", "ﬁche", "straße",
    "İstanbul", "日本語", "한국어", "العربية", "עברית", "ελληνικά", "привет", "😀", "fête 🎉🎈", "👩‍👩‍👧",
    "100%", "%41", "a%20b", "%2F", "%", "#1", "a#b", "Q&A", "1+1=2", "a b", "a  b", "l'été", "[x]",
    "a;b", "a,b", "(c)", "{d}", "tilde~1", "$HOME", "bang!", "me@home", "x=y", "`tick`", "^hat",
    ".hidden", "dots...dots", "v1.2.3", "-dash", "_under", "quote''", "«guillemets»", "a—b", "CON1",
    "?query", "a:b", "a*b", "a|b", "<tag>", 'say "hi"', "n" * 180, "é" * 90, "null", "0",
    "index.php",
)
ENDINGS = ("", ".txt", ".TXT", ".odt", ".tar.gz", ".jpg", ".md")
# Decomposed forms: the server composes them. No replica may make the same name in another form at
# the same time, so each has a mark of its own in these.
DECOMPOSED = ("café", "Ångström", "naïve", "한글", "ñandú")

ENTRIES_MANY = 90  # beyond: rather delete than create
DEPTH_MAX = 9
SECONDS_APART = 2  # the client takes a change within the same second for none


class Clock:
    """Modification times that differ by what the client can tell apart, all in the past."""

    def __init__(self, first):
        self.now = first

    def tick(self):
        self.now += SECONDS_APART
        return self.now


class RandomEdits:
    """Edits the folder `top` on the disk. `mark` tells replicas apart in contents and names."""

    def __init__(self, top, rng, clock, mark, hidden):
        self.top = os.fspath(top)
        self.rng = rng
        self.clock = clock
        self.mark = mark
        self.hidden = hidden  # a compiled pattern of names that are not a person's
        self.count = 0
        self.movable = []  # what this step may rename or move
        self.deeds = {
            self.create_file: 28, self.create_folder: 9, self.edit: 22, self.rename: 11,
            self.change_case: 4, self.move: 13, self.delete_file: 10, self.delete_folder: 3,
        }  # fmt: skip

    # --- what there is

    def entries(self):
        """Relative paths of folders (the top one is "") and of files."""
        folders, files = [], []
        for folder, below, names in os.walk(self.top):
            below[:] = [name for name in below if not self.hidden.match(name)]
            inside = os.path.relpath(folder, self.top)
            inside = "" if inside == "." else inside
            folders.append(inside)
            files += [os.path.join(inside, name) for name in names if not self.hidden.match(name)]
        return sorted(folders), sorted(files)

    def _full(self, path):
        return os.path.join(self.top, path)

    def _pick(self, paths):
        return self.rng.choice(paths) if paths else None

    # --- names and contents

    def _name(self, folder, ending=True):
        """A name that is free in `folder`, in any Unicode form."""
        taken = {unicodedata.normalize("NFC", name) for name in os.listdir(self._full(folder))}
        while True:
            if self.rng.random() < 0.08:
                stem = unicodedata.normalize("NFD", self.rng.choice(DECOMPOSED)) + self.mark
            else:
                stem = self.rng.choice(STEMS)
            if self.rng.random() < 0.4:
                stem += f" {self.rng.randrange(100)}"
            name = stem + (self.rng.choice(ENDINGS) if ending else "")
            if unicodedata.normalize("NFC", name) not in taken:
                return name

    def _content(self):
        self.count += 1
        kind = self.rng.random()
        if kind < 0.08:
            return b""
        head = f"{self.mark} {self.count} {self.rng.random()}\n".encode()
        if kind < 0.85:
            return head * self.rng.randrange(1, 40)
        return head + self.rng.randbytes(self.rng.randrange(16_000, 120_000))

    def _write(self, path, data):
        with open(self._full(path), "wb") as file:
            file.write(data)
        now = self.clock.tick()
        os.utime(self._full(path), (now, now))

    # --- one deed

    def step(self, folders_stay=False):
        """Does one thing and returns what, as words; always finds something to do.
        `folders_stay`: no folder is moved, renamed or deleted."""
        while True:
            folders, files = self.entries()
            many = len(folders) + len(files) > ENTRIES_MANY
            deeds = dict(self.deeds)
            if many:
                deeds[self.create_file] //= 3
                deeds[self.delete_folder] *= 3
            if folders_stay:
                deeds[self.delete_folder] = 0
            deed = self.rng.choices(list(deeds), list(deeds.values()))[0]
            self.movable = files if folders_stay else files + [each for each in folders if each]
            done = deed(folders, files)
            if done:
                return done

    def create_file(self, folders, _files):
        folder = self._pick(folders)
        path = os.path.join(folder, self._name(folder))
        self._write(path, self._content())
        return f"create {path}"

    def create_folder(self, folders, _files):
        deep = [each for each in folders if each.count("/") < DEPTH_MAX]
        path = self._pick(deep)
        for _ in range(self.rng.choice((1, 1, 1, 3))):
            path = os.path.join(path, self._name(path, ending=False))
            os.mkdir(self._full(path))
        return f"mkdir {path}"

    def edit(self, _folders, files):
        path = self._pick(files)
        if path is None:
            return None
        self._write(path, self._content())
        return f"edit {path}"

    def rename(self, _folders, _files):
        path = self._pick(self.movable)
        if path is None:
            return None
        folder = os.path.dirname(path)
        return self._rename(path, os.path.join(folder, self._name(folder, ending="." in path)))

    def change_case(self, _folders, _files):
        path = self._pick(self.movable)
        if path is None:
            return None
        folder, name = os.path.split(path)
        other = os.path.join(folder, unicodedata.normalize("NFC", name).swapcase())
        same = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", path)
        if same or os.path.lexists(self._full(other)) or len(other.encode()) > 250:
            return None
        return self._rename(path, other)

    def move(self, folders, _files):
        path = self._pick(self.movable)
        if path is None:
            return None
        outside = [each for each in folders if not (each + "/").startswith(path + "/")]
        folder = self._pick(outside)
        if folder == os.path.dirname(path) or folder.count("/") > DEPTH_MAX:
            return None
        name = os.path.basename(path)
        taken = {unicodedata.normalize("NFC", each) for each in os.listdir(self._full(folder))}
        if unicodedata.normalize("NFC", name) in taken:
            name = self._name(folder)
        return self._rename(path, os.path.join(folder, name))

    def _rename(self, path, to):
        os.rename(self._full(path), self._full(to))
        return f"rename {path} -> {to}"

    def delete_file(self, _folders, files):
        path = self._pick(files)
        if path is None:
            return None
        os.unlink(self._full(path))
        return f"delete {path}"

    def delete_folder(self, folders, _files):
        path = self._pick([each for each in folders if each])
        if path is None:
            return None
        shutil.rmtree(self._full(path))
        return f"rmtree {path}"
