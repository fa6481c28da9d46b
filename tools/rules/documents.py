"""Documents: links that lead somewhere, decisions and changes in their form."""

import posixpath
import re

from rules import Finding, line_of, rule

CHANGES = "changes/"
DECISIONS = "docs/decisions/"
DECISION_PARTS = ("Context", "Options", "Decision", "Consequences", "What would make us reconsider")
DECISION_LINES_MAX = 90

_LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_PATH = re.compile(
    r"(?<![\w/.-])((?:src|tools|tests|docs|cmake|bench|changes|packaging|examples|helpers|web)/"
    r"[\w./-]+)"
)
_TEST = re.compile(r"`([\w./-]+/[\w.-]+\.(?:cc|py))::([^`\n]+)`")
# A transcript, or the word that a security line without a test begins with.
_SHOWN = re.compile(r"`tests/[\w./-]+`|^\*\*(?:how|waits|differs|proxy|not applicable)\*\*: \S")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


def documents(tree):
    """(path, text without fenced code, the lines kept) of every Markdown file."""
    for path, text in tree.files.items():
        if path.endswith(".md"):
            yield path, _FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def paths_and_folders(tree):
    known = set(tree.files)
    for path in tree.files:
        parts = path.split("/")
        known |= {"/".join(parts[:count]) for count in range(1, len(parts))}
    return known


def slug(heading):
    """The anchor that a heading gets."""
    text = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text).strip())


def anchors(text):
    return {slug(heading) for heading in _HEADING.findall(text)}


@rule
def docs_links(tree):
    """A relative link in a document leads to a file, and to a heading that is there."""
    texts = dict(documents(tree))
    known = paths_and_folders(tree)
    for path, text in texts.items():
        without_code = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
        for match in _LINK.finditer(without_code):
            target, _, anchor = match[1].partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            folder = posixpath.dirname(path)
            full = posixpath.normpath(posixpath.join(folder, target)) if target else path
            line = line_of(text, match.start())
            if full not in known:
                yield Finding(path, line, f"{match[1]}: there is no {full}")
            elif anchor and full in texts and anchor not in anchors(texts[full]):
                yield Finding(path, line, f"{match[1]}: {full} has no such heading")


@rule
def docs_paths(tree):
    """A path in backticks names something that exists."""
    known = paths_and_folders(tree)
    for path, text in documents(tree):
        if path == "CHANGELOG.md" or path.startswith((CHANGES, DECISIONS)):
            continue  # what was true then
        for match in _CODE.finditer(text):
            found = _PATH.fullmatch(match[1])
            if found and found[1].rstrip("/") not in known:
                yield Finding(path, line_of(text, match.start()), f"`{match[1]}`: does not exist")


@rule
def named_tests(tree):
    """`path::name` in a document names a test that is there; a line of the security table has one,
    or says why not."""
    for path, text in documents(tree):
        for match in _TEST.finditer(text):
            if not has_test(tree.files.get(match[1]), match[1], match[2]):
                yield Finding(path, line_of(text, match.start()), f"there is no test {match[0]}")
    path = "docs/develop/security.md"
    for match in re.finditer(r"^\| \d+\.\d+\..*$", tree.files.get(path, ""), re.MULTILINE):
        shown = match[0].rstrip(" |").rsplit(" | ", 1)[-1]
        if not _TEST.search(shown) and not _SHOWN.search(shown):
            line = line_of(tree.files[path], match.start())
            yield Finding(path, line, "a line names its test, or says why there is none")


def has_test(text, path, name):
    """C++ tests are Suite.name; in a script a function, or the promise that a case prints."""
    if text is None:
        return False
    if path.endswith(".cc"):
        suite, _, test = name.partition(".")
        return re.search(r"^(?:TEST|TEST_F|TEST_P|RC_GTEST_\w+)\(\s*%s,\s*%s\b"
                         % (re.escape(suite), re.escape(test)), text, re.MULTILINE) is not None
    return re.search(r"(?<!\w)%s(?!\w)" % re.escape(name), text) is not None


@rule
def decisions_form(tree):
    """docs/decisions/NNNN-title.md: a number of its own, and its five parts on one page."""
    numbers = {}
    for path, text in tree.under(DECISIONS, ".md"):
        name = path[len(DECISIONS) :]
        match = re.fullmatch(r"(\d{4})-[a-z0-9-]+\.md", name)
        if not match:
            yield Finding(path, 0, "a decision is NNNN-title-in-words.md")
            continue
        if match[1] in numbers:
            yield Finding(path, 0, f"the number {match[1]} is taken by {numbers[match[1]]}")
        numbers[match[1]] = name
        parts = [heading for heading in _HEADING.findall(text)][1:]
        if tuple(parts) != DECISION_PARTS:
            yield Finding(path, 0, f"its parts are: {', '.join(DECISION_PARTS)}")
        if not text.startswith("# "):
            yield Finding(path, 1, "it opens with its title")
        if text.count("\n") > DECISION_LINES_MAX:
            yield Finding(path, 0, f"one page: at most {DECISION_LINES_MAX} lines")


@rule
def changes_form(tree):
    """changes/<branch>.md: one sentence for people, one for operators."""
    for path, text in tree.under(CHANGES):
        lines = [line for line in re.split(r"\n\s*\n", text.strip())]
        good = (
            len(lines) == 2
            and re.match(r"People: \S.*[.!]$", lines[0], re.DOTALL)
            and re.match(r"Operators: \S.*[.!]$", lines[1], re.DOTALL)
        )
        if not good:
            yield Finding(path, 0, "two paragraphs: `People: ….` and `Operators: ….`")


@rule
def changelog_form(tree):
    """CHANGELOG.md: a title, then releases `## 1.2.0, 2026-03-01`, newest first."""
    path = "CHANGELOG.md"
    text = tree.files.get(path)
    if text is None:
        yield Finding(path, 0, "is missing")
        return
    if not text.startswith("# Changelog\n"):
        yield Finding(path, 1, "opens with `# Changelog`")
    before = None
    for match in re.finditer(r"^## (.*)$", text, re.MULTILINE):
        line = line_of(text, match.start())
        release = re.fullmatch(r"(\d+)\.(\d+)\.(\d+), \d{4}-\d{2}-\d{2}", match[1])
        if not release:
            yield Finding(path, line, "a release is `## 1.2.0, 2026-03-01`")
            continue
        version = tuple(int(part) for part in release.groups())
        if before is not None and version >= before:
            yield Finding(path, line, "the newest release comes first")
        before = version


@rule
def architecture_modules(tree):
    """The layers drawn in ARCHITECTURE.md name the modules of CMakeLists.txt, no others."""
    path = "ARCHITECTURE.md"
    drawn = set()
    drawing = re.compile(r"^(\w+ +\w+(?: · \w+)*)(?:  |$)", re.MULTILINE)
    for line in drawing.findall(tree.files.get(path, "")):
        layer, *names = re.findall(r"\w+", line)
        drawn |= {(layer, name) for name in names}
    real = {(module.layer, module.name) for module in tree.modules.values()}
    layers = {layer for layer, _ in real}
    for layer, name in sorted(real - drawn):
        yield Finding(path, 0, f"the drawing of the layers lacks {layer}/{name}")
    for layer, name in sorted(drawn - real):
        if layer in layers:
            yield Finding(path, 0, f"the drawing of the layers has {layer}/{name}, which is gone")


@rule
def settings_documented(tree):
    """docs/operate/configuration.md has a row for each setting of server/config, and no others."""
    path = "docs/operate/configuration.md"
    source = tree.files.get("src/server/config/config.cc")
    if source is None:
        return
    real = set(re.findall(r"\{\{\"([a-z_]+)\",", source))
    told = set(re.findall(r"^\| `([a-z_]+)` \|", tree.files.get(path, ""), re.MULTILINE))
    for name in sorted(real - told):
        yield Finding(path, 0, f"the setting {name} has no row")
    for name in sorted(told - real):
        yield Finding(path, 0, f"there is no setting {name}")


@rule
def quoted_transcripts(tree):
    """A transcript quoted in a document is word for word one that is played."""
    played = {text.strip() for path, text in tree.under("tests/transcripts/", ".http")}
    for path, text in tree.under("docs/", ".md"):
        for match in re.finditer(r"^```http\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            if match[1].strip() not in played:
                yield Finding(path, line_of(text, match.start()), "no transcript says exactly this")
