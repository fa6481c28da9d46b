"""Just enough C++: comments and strings told from code, and where functions begin and end."""

import dataclasses
import functools
import re

_PIECES = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|R\"(?P<mark>[^()\s\\]{0,16})\((?P<raw>.*?)\)(?P=mark)\""
    r"|\"(?P<string>(?:\\.|[^\"\\\n])*)\""
    r"|(?P<number>\b[0-9][0-9a-fA-FxX.']*)"
    r"|(?P<char>'(?:\\.|[^'\\\n])*')",
    re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*", re.MULTILINE | re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
_MARKS = re.compile(r"[{}();]")


@dataclasses.dataclass(frozen=True)
class Literal:
    line: int
    text: str


@dataclasses.dataclass(frozen=True)
class Include:
    line: int
    path: str
    quoted: bool


@dataclasses.dataclass(frozen=True)
class Function:
    first: int  # 1-based line where its declaration starts
    last: int  # line of its closing brace
    head: str

    @property
    def lines(self):
        return self.last - self.first + 1


def _blank(text):
    """Spaces in place of text, line ends kept."""
    return re.sub(r"[^\n]", " ", text)


class Source:
    def __init__(self, text):
        self.text = text
        self.literals = []
        self.comments = []
        parts, at, line, counted = [], 0, 1, 0
        for match in _PIECES.finditer(text):
            if match.lastgroup == "number":
                continue
            line += text.count("\n", counted, match.start())
            counted = match.start()
            parts.append(text[at : match.start()])
            parts.append(_blank(match[0]))
            at = match.end()
            if match["comment"] is not None:
                self.comments.append(Literal(line, match[0]))
            elif match["char"] is None:
                value = match["raw"] if match["raw"] is not None else match["string"]
                self.literals.append(Literal(line, value))
        parts.append(text[at:])
        self.code = "".join(parts)  # comments and strings blanked

    @functools.cached_property
    def includes(self):
        return [
            Include(self.text.count("\n", 0, m.start()) + 1, m[1] or m[2], m[1] is not None)
            for m in _INCLUDE.finditer(self.text)
        ]

    @functools.cached_property
    def functions(self):
        return _functions(_DIRECTIVE.sub(lambda match: _blank(match[0]), self.code))


def _kind(head, outer):
    """What a brace opens: a scope (namespace, class), a function, or something inside."""
    if outer not in (None, "scope"):
        return "block"
    words = re.sub(r"\[\[.*?\]\]|template\s*<[^{}]*?>\s*(?=class|struct|union)", " ", head).strip()
    if re.match(r"(?:inline\s+)?namespace\b|extern\s*$", words):
        return "scope"
    if re.search(r"\b(?:class|struct|union|enum)\b", words) and "(" not in words:
        return "scope"
    return "function" if "(" in words else "block"


def _functions(code):
    found, stack = [], []  # stack of (kind, statement start)
    start, depth = 0, 0
    for match in _MARKS.finditer(code):
        mark, at = match[0], match.start()
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth = max(0, depth - 1)
        elif mark == ";" and depth == 0:
            start = at + 1
        elif mark == "{":
            outer = stack[-1][0] if stack else None
            kind = "block" if depth else _kind(code[start:at], outer)
            stack.append((kind, start, depth))
            depth = 0
            if kind == "scope" or kind == "function":
                start = at + 1
        elif mark == "}" and stack:
            kind, began, depth = stack.pop()
            after = code[at + 1 : at + 80].lstrip()[:1]
            if kind == "function" and after in (",", "{"):
                start = began  # a member initialiser: the body is still to come
                continue
            if kind == "function":
                head = code[began:at]
                skipped = len(head) - len(head.lstrip())
                first = code.count("\n", 0, began + skipped) + 1
                name = " ".join(head.split("{")[0].split())
                found.append(Function(first, code.count("\n", 0, at) + 1, name))
            if kind != "block" or not stack or stack[-1][0] == "scope":
                start = at + 1 if kind != "block" else start
    return found
