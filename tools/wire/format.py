"""Reads a transcript: the text of tests/transcripts/<protocol>/<promise>.http as values.

    # One sentence that says what this promises.
    # rfc: 4918 §9.1     space: fixtures/voile     as: lea
    > PROPFIND /remote.php/dav/files/lea/ HTTP/1.1      request line, headers, empty line, body
    > Depth: 0

    < 207                                               status, headers, empty line, body
    < Content-Type: application/xml; charset=utf-8

A line `$ essaim space suspend {slug}` is a step too: a command that must end with 0, or with n
after `# exit: n`. Comments before a step belong to it and may carry settings for it alone.
"""

import dataclasses
import re

FIXTURE_SETTINGS = ("members", "name")
HEAD_SETTINGS = (
    "rfc", "client", "space", "also", "as", "exact", "serve", "lines", *FIXTURE_SETTINGS
)  # fmt: skip
STEP_SETTINGS = ("as", "exact", "lines", "exit", "server", "connection")
SETTING = re.compile(r"^([a-z]+): (.*)$")
METHOD = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S")


class Malformed(Exception):
    """The file is not a transcript; the text says where and why."""


@dataclasses.dataclass
class Header:
    name: str
    value: str
    absent: bool = False  # written as `!Name`


@dataclasses.dataclass
class Request:
    line: str
    headers: list
    body: list | None  # lines, or None


@dataclasses.dataclass
class Answer:
    status: int
    headers: list
    body: list | None  # lines; [] means: must be empty; None: not looked at
    first: int = 0  # 0-based lines of the file, first to last (excluded)
    last: int = 0


@dataclasses.dataclass
class Step:
    line: int  # 0-based
    settings: dict
    request: Request | None = None
    answers: list = dataclasses.field(default_factory=list)
    command: str | None = None
    end: int = 0  # 0-based line after the request: where --update puts an answer


@dataclasses.dataclass
class Transcript:
    name: str
    sentence: str
    settings: dict
    steps: list
    lines: list


def _settings(text, allowed, where):
    """The settings in one comment line: {} when the line is prose."""
    parts = [part for part in re.split(r"\s{2,}", text.strip()) if part]
    if not parts:
        return {}
    first = SETTING.match(parts[0])
    if not first or first[1] not in HEAD_SETTINGS + STEP_SETTINGS:
        return {}
    found = {}
    for part in parts:
        pair = SETTING.match(part)
        if not pair or pair[1] not in allowed:
            raise Malformed(f"{where}: '{part}' is not one of: {', '.join(allowed)}")
        found[pair[1]] = pair[2].strip()
    return found


def _headers_and_body(lines, where):
    """Splits the lines after the first into headers and body lines (None without an empty line)."""
    headers = []
    for at, line in enumerate(lines):
        if line == "":
            return headers, lines[at + 1 :]
        name, colon, value = line.partition(":")
        if line.startswith("!"):
            headers.append(Header(line[1:].strip(), "", True))
        elif not colon or name != name.strip():
            raise Malformed(f"{where}: '{line}' is not a header")
        else:
            headers.append(Header(name, value.strip()))
    return headers, None


def _request(lines, where):
    if not METHOD.match(lines[0]):
        raise Malformed(f"{where}: '{lines[0]}' is not a request line")
    headers, body = _headers_and_body(lines[1:], where)
    return Request(lines[0], headers, body)


def _answer(lines, first, where):
    status = re.match(r"^(\d{3})( .*)?$", lines[0])
    if not status:
        raise Malformed(f"{where}: '{lines[0]}' is not a status")
    headers, body = _headers_and_body(lines[1:], where)
    return Answer(int(status[1]), headers, body, first, first + len(lines))


class _Reader:
    def __init__(self, name, text):
        self.name = name
        self.lines = text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()
        self.at = 0

    def where(self, line=None):
        return f"{self.name}:{(self.at if line is None else line) + 1}"

    def block(self, mark):
        """The lines that start with `mark`, without it."""
        found = []
        while self.at < len(self.lines) and self.lines[self.at][:1] == mark:
            line = self.lines[self.at]
            if line != mark and not line.startswith(mark + " "):
                raise Malformed(f"{self.where()}: a space is missing after '{mark}'")
            found.append(line[2:])
            self.at += 1
        return found

    def skip_empty(self):
        while self.at < len(self.lines) and self.lines[self.at] == "":
            self.at += 1


def _comments(reader, allowed):
    """One block of comment lines: (prose, settings)."""
    prose, settings = [], {}
    first = reader.at
    for offset, text in enumerate(reader.block("#")):
        found = _settings(text, allowed, reader.where(first + offset))
        settings.update(found)
        if not found:
            prose.append(text.strip())
    return prose, settings


def _step(reader):
    settings = {}
    while reader.at < len(reader.lines) and reader.lines[reader.at][:1] in ("#", ""):
        settings.update(_comments(reader, STEP_SETTINGS)[1])
        reader.skip_empty()
    if reader.at == len(reader.lines):
        return None
    step = Step(reader.at, settings)
    mark = reader.lines[reader.at][:1]
    if mark == "$":
        step.command = reader.lines[reader.at][2:]
        reader.at += 1
        return step
    if mark != ">":
        raise Malformed(f"{reader.where()}: a step starts with '> ' or '$ '")
    where = reader.where()
    step.request = _request(reader.block(">"), where)
    step.end = reader.at
    reader.skip_empty()
    while reader.at < len(reader.lines) and reader.lines[reader.at][:1] == "<":
        first, where = reader.at, reader.where()
        step.answers.append(_answer(reader.block("<"), first, where))
        reader.skip_empty()
    return step


def parse(name, text):
    """The Transcript in `text`; raises Malformed."""
    reader = _Reader(name, text)
    prose, settings = _comments(reader, HEAD_SETTINGS)
    if not prose:
        raise Malformed(f"{name}:1: the first line says in a sentence what this promises")
    if reader.at < len(reader.lines) and reader.lines[reader.at] == "":
        reader.skip_empty()
    steps = []
    while True:
        reader.skip_empty()
        step = _step(reader)
        if step is None:
            break
        steps.append(step)
    if not steps:
        raise Malformed(f"{name}: no request")
    return Transcript(name, " ".join(prose), settings, steps, reader.lines)


def rfc_sections(value, where):
    """`4918 §9.1, §9.1.2, 9110 §8.8.3` as [("4918", "9.1"), …]; a bare number cites the whole."""
    found, rfc = [], None
    for part in re.split(r"[,;]\s*", value):
        match = re.match(r"^(?:(\d+)\s*)?(?:§([0-9A-Z][0-9A-Za-z.]*))?$", part.strip())
        if not match or not (match[1] or match[2]) or not (match[1] or rfc):
            raise Malformed(f"{where}: '{part.strip()}' is not '4918 §9.1' or '§9.1'")
        rfc = match[1] or rfc
        found.append((rfc, match[2] or ""))
    return found
