"""The rules of ./dev tidy: functions from a Tree to Findings, each in the file of its subject."""

import dataclasses
import functools
import re

from rules import cpp

RULES = []  # (name, function), in the order of declaration


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int  # 1-based; 0: the whole file
    text: str


def rule(function):
    """Registers a rule under its own name, with dashes."""
    RULES.append((function.__name__.replace("_", "-"), function))
    return function


@dataclasses.dataclass(frozen=True)
class Module:
    layer: str
    name: str
    depends: tuple
    test_depends: tuple = ()


class Tree:
    """The text of every file of the project, by path; binary files are left out."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def load(cls, root, names):
        files = {}
        for name in names:
            try:
                files[name] = (root / name).read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError):
                continue
        return cls(files)

    def under(self, start, *endings):
        """(path, text) of the files that start with `start` and end with one of `endings`."""
        return [
            (path, text)
            for path, text in self.files.items()
            if path.startswith(start) and (not endings or path.endswith(endings))
        ]

    def sources(self):
        """(path, Source) of the C++ files under src/."""
        return [(path, self.source(path)) for path, _ in self.under("src/", ".cc", ".h")]

    @functools.lru_cache(maxsize=None)
    def source(self, path):
        return cpp.Source(self.files[path])

    @functools.cached_property
    def modules(self):
        """Module by name, as CMakeLists.txt declares them."""
        text = re.sub(r"#[^\n]*", "", self.files.get("CMakeLists.txt", ""))
        found = {}
        for call in re.findall(r"\bessaim_module\(([^)]*)\)", text):
            words = call.split()
            lists, into = {"DEPENDS": [], "LIBS": [], "TEST_DEPENDS": []}, None
            for word in words[2:]:
                if word in lists:
                    into = word
                elif into:
                    lists[into].append(word)
            depends, more = tuple(lists["DEPENDS"]), tuple(lists["TEST_DEPENDS"])
            found[words[1]] = Module(words[0], words[1], depends, more)
        return found


def module_of(path):
    """(layer, module) of a path under src/, or (None, None)."""
    parts = path.split("/")
    return (parts[1], parts[2]) if len(parts) > 3 and parts[0] == "src" else (None, None)


def is_test(path):
    """Tests, benches, fuzzers, and the headers that only they use."""
    return path.endswith(("_test.cc", "_bench.cc", "_fuzz.cc", "testing.h", "fixture.h"))


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def matches(pattern, path, text, message):
    """A Finding for every match of `pattern` in `text`."""
    return [Finding(path, line_of(text, m.start()), message) for m in pattern.finditer(text)]
