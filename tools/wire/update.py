"""Rewrites the answers of a transcript to what the server said; holes and gaps that fit stay.

A request without an answer gets one: status, the headers of NOTABLE that came, and the body.
Values that change from run to run become holes, named after the path they belong to.
"""

import datetime
import email.utils
import re
import time
import unicodedata
import urllib.parse

from wire import holes, jsontree, play, xmltree

NOTABLE = (
    "Content-Type", "ETag", "OC-ETag", "OC-FileId", "X-OC-MTime", "X-OC-CTime", "Location",
    "Content-Location", "Last-Modified", "DAV", "Allow", "WWW-Authenticate", "Content-Range",
    "Accept-Ranges", "Retry-After", "Preference-Applied", "Lock-Token", "OC-Checksum",
)  # fmt: skip
BYTES_SHOWN = 32  # a longer body that is not text becomes a gap
VOLATILE_HEADERS = {"etag": "etag", "oc-etag": "etag", "oc-fileid": "id", "last-modified": "date"}
VOLATILE_ELEMENTS = {
    "getetag": "etag",
    "id": "id",
    "fileid": "number",
    "getlastmodified": "date",
    "creationdate": "instant",
    "upload_time": "seconds",
    "creation_time": "seconds",
    "data-fingerprint": "text",
}


TIMES = ("date", "instant", "seconds")
OLD_SECONDS = 86_400  # a time further away than this was given, not taken from the clock


def old_time(kind, value):
    """Whether `value` is a time that will be the same in the next run."""
    if kind == "date":
        at = email.utils.parsedate_to_datetime(value).timestamp()
    elif kind == "instant":
        at = datetime.datetime.fromisoformat(value).timestamp()
    elif kind == "seconds":
        at = int(value)
    else:
        return False
    return abs(time.time() - at) > OLD_SECONDS


class Names:
    """Gives new holes names that are free."""

    def __init__(self, captures):
        self.captures = captures

    def hole(self, kind, value, wish):
        """A hole for `value`, captured at once; the value itself when its kind does not fit."""
        if not re.fullmatch(holes.KINDS[kind], value) or old_time(kind, value):
            return value
        for key, known in self.captures.items():
            # Two equal times are a coincidence, two equal etags are not.
            if known == value and key.startswith(kind + ":") and kind not in TIMES:
                return "{" + key + "}"
        plain = unicodedata.normalize("NFKD", urllib.parse.unquote(wish)).encode("ascii", "ignore")
        wish = re.sub(r"[^A-Za-z0-9._-]+", "-", plain.decode()).strip("-") or "it"
        name, number = wish, 2
        while f"{kind}:{name}" in self.captures:
            name, number = f"{wish}-{number}", number + 1
        self.captures[f"{kind}:{name}"] = value
        return "{" + f"{kind}:{name}" + "}"


def last_segment(target):
    return target.split("?")[0].rstrip("/").rsplit("/", 1)[-1] or "root"


def headers(expected, answer, captures, names, wish):
    """The header lines of the new answer."""
    if expected is None:
        wanted = [(name, value) for name in NOTABLE for value in answer.header(name)]
        return [f"{name}: {_volatile_header(name, value, names, wish)}" for name, value in wanted]
    lines = []
    for header in expected:
        values = answer.header(header.name)
        if not values:
            lines.append(f"!{header.name}")
        elif not header.absent and holes.match(header.value, values[0], captures):
            lines.append(f"{header.name}: {header.value}")
        else:
            lines.append(f"{header.name}: {_volatile_header(header.name, values[0], names, wish)}")
    return lines


def _volatile_header(name, value, names, wish):
    kind = VOLATILE_HEADERS.get(name.lower())
    return names.hole(kind, value, wish) if kind else holes.dig(value, names.captures)


def body(expected, answer, captures, names, wish):
    """The body lines of the new answer; None when bodies are not looked at."""
    kind, text = play.body_kind(answer), answer.text()
    old = "\n".join(expected) if expected else ""
    if not text:
        return []
    try:
        if kind == "xml":
            wanted = _parsed(lambda: xmltree.parse(old, True), old)
            return xml_lines(wanted, xmltree.parse(text), captures, names, wish)
        if kind == "json":
            wanted = _parsed(lambda: jsontree.parse(old, True), old)
            return jsontree.pretty(jsontree.parse(text), names.captures, wanted)
    except (xmltree.NotXml, jsontree.NotJson):
        pass
    return text_lines(answer, names)


def text_lines(answer, names):
    try:
        text = answer.body.decode("utf-8")
    except UnicodeDecodeError:
        short = len(answer.body) <= BYTES_SHOWN
        return ["{bytes: " + answer.body.hex(" ") + "}"] if short else [holes.ELLIPSIS]
    return holes.dig(text, names.captures).replace("\r", "{cr}").split("\n")


def _parsed(parse, old):
    try:
        return parse() if old else None
    except (xmltree.NotXml, jsontree.NotJson):
        return None


def xml_lines(expected, actual, captures, names, wish):
    merged = merge(expected, actual, captures, names, wish)
    lines = xmltree.pretty(merged)
    return lines


def merge(expected, actual, captures, names, wish):
    """`actual` with the holes and gaps of `expected` (which may be None) put back."""
    if expected is not None and not xmltree.compare(expected, actual, dict(captures)):
        xmltree.compare(expected, actual, captures)
        return expected
    if actual.space == xmltree.DAV and actual.local == "response":
        hrefs = [child.text() for child in actual.nodes() if child.local == "href"]
        wish = last_segment(hrefs[0]) if hrefs else wish
    node = xmltree.Node(
        actual.space, actual.local, actual.prefix, actual.attributes, actual.declared, []
    )
    if not actual.nodes():
        node.children = [_volatile_text(actual, names, wish)] if actual.text() else []
        return node
    wanted = list(expected.nodes()) if expected is not None else []
    node.gap = expected is not None and expected.gap
    for child in actual.children:
        if isinstance(child, str):
            node.children.append(child)
            continue
        pair = next((w for w in wanted if _matches(w, child, captures)), None)
        if pair is not None:
            wanted.remove(pair)
        elif node.gap:
            continue
        node.children.append(merge(pair, child, captures, names, wish))
    return node


def _matches(expected, actual, captures):
    one, other = xmltree.key_of(expected), xmltree.key_of(actual)
    if one[:2] != other[:2] or len(one) != len(other):
        return False
    return len(one) < 3 or holes.match(one[2], other[2], dict(captures))


def _volatile_text(node, names, wish):
    kind = VOLATILE_ELEMENTS.get(node.local)
    if kind:
        return names.hole(kind, node.text(), wish)
    return holes.dig(node.text(), names.captures)


def answer_lines(expected, answer, captures, names, wish):
    """One whole answer as lines of the file."""
    lines = [str(answer.status)]
    lines += headers(expected.headers if expected else None, answer, captures, names, wish)
    if expected is None or expected.body is not None:
        new = body(expected.body if expected else None, answer, captures, names, wish)
        lines += ["", *new] if new or expected is not None else []
    return [f"< {line}" if line else "<" for line in lines]


def rewrite(transcript, seen):
    """The transcript's lines with the answers in `seen`: (step, answers, captures before)."""
    changes = []  # (first, last, lines)
    captures = {}
    for step, answers, before in seen:
        captures = {**before, **captures}
        names = Names(captures)
        wish = last_segment(step.request.line.split(" ")[1])
        if not step.answers:
            lines = answer_lines(None, answers[-1], captures, names, wish)
            changes.append((step.end, step.end, ["", *lines]))
        exact = {**transcript.settings, **step.settings}.get("exact") == "yes"
        for expected, answer in zip(step.answers[::-1], answers[::-1]):
            if play.compare_answer(expected, answer, dict(captures), exact):
                lines = answer_lines(expected, answer, captures, names, wish)
                changes.append((expected.first, expected.last, lines))
            else:
                play.compare_answer(expected, answer, captures, exact)
    result = list(transcript.lines)
    for first, last, lines in sorted(changes, key=lambda change: -change[0]):
        result[first:last] = lines
    return result
