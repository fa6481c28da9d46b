"""XML by meaning: a small tree with namespaces and prefixes, compared, and written back prettily.

`…` between elements of an expectation means: there may be more here. At the end of an expectation
it also closes what is still open.
"""

import dataclasses
import xml.parsers.expat

from wire import holes

GAP = holes.ELLIPSIS
DAV = "DAV:"
WIDTH = 96  # columns of a written line, without the `< `


class NotXml(Exception):
    """The text is not well-formed; says where."""


@dataclasses.dataclass
class Node:
    space: str
    local: str
    prefix: str
    attributes: list  # (space, local, prefix, value)
    declared: list  # (prefix, uri) declared here
    children: list  # Node, str, or GAP
    gap: bool = False  # an expectation's `…` stood among the children

    @property
    def qualified(self):
        return f"{self.prefix}:{self.local}" if self.prefix else self.local

    def nodes(self):
        return [child for child in self.children if isinstance(child, Node)]

    def text(self):
        return "".join(child for child in self.children if isinstance(child, str))


def _split(name):
    """expat's `uri local prefix` (uri and prefix may be missing) as (uri, local, prefix)."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


class _Builder:
    def __init__(self):
        self.root = None
        self.open = []
        self.pending = []
        parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartNamespaceDeclHandler = lambda prefix, uri: self.pending.append((prefix, uri))
        parser.StartElementHandler = self.start
        parser.EndElementHandler = lambda name: self.open.pop()
        parser.CharacterDataHandler = self.characters
        parser.ordered_attributes = True
        self.parser = parser

    def start(self, name, flat):
        pairs = zip(flat[::2], flat[1::2])
        attributes = [(*_split(key), value) for key, value in pairs]
        node = Node(*_split(name), attributes, self.pending, [])
        self.pending = []
        if self.open:
            self.open[-1].children.append(node)
        elif self.root is None:
            self.root = node
        self.open.append(node)

    def characters(self, text):
        if self.open:
            self.open[-1].children.append(text)


def _tidy(node, expectation):
    """Joins text, drops the white space between elements, notes gaps."""
    nodes = node.nodes()
    text = node.text()
    if expectation and GAP in text and (nodes or text.strip() == GAP):
        node.gap = True
    if nodes or node.gap:
        if text.replace(GAP, "").strip() and nodes:
            return  # mixed content is kept as it is
        node.children = nodes
    else:
        node.children = [text] if text else []
    for child in nodes:
        _tidy(child, expectation)


def parse(text, expectation=False):
    """The root Node of `text`; raises NotXml. An expectation may have gaps, and end in one."""
    text = text.strip()
    builder = _Builder()
    try:
        builder.parser.Parse(text, False)
        if expectation and builder.open and text.endswith(GAP):
            for node in list(reversed(builder.open)):
                builder.parser.Parse(f"{GAP}</{node.qualified}>", False)
        builder.parser.Parse("", True)
    except xml.parsers.expat.ExpatError as error:
        raise NotXml(str(error)) from error
    _tidy(builder.root, expectation)
    return builder.root


def any_order(node):
    """(whether the order of its children says nothing, how many of the first keep theirs)"""
    if node.space != DAV:
        return False, 0
    if node.local == "prop":
        return True, 0
    return node.local == "multistatus", 1


def key_of(node):
    """What tells a child from its siblings: its name, and for a response its address."""
    if node.space == DAV and node.local == "response":
        for child in node.nodes():
            if child.local == "href":
                return (node.space, node.local, child.text())
    return (node.space, node.local)


def _name_differs(expected, actual, exact):
    if (expected.space, expected.local) != (actual.space, actual.local):
        return True
    return exact and expected.qualified != actual.qualified


def _compare_text(expected, actual, captures):
    if holes.match(expected, actual, captures):
        return True
    return "\n" in expected and holes.match(expected.strip(), actual.strip(), captures)


def _compare_attributes(expected, actual, captures):
    wanted = {(space, local): value for space, local, _, value in expected.attributes}
    found = {(space, local): value for space, local, _, value in actual.attributes}
    if wanted.keys() != found.keys():
        return False
    return all(holes.match(value, found[name], captures) for name, value in wanted.items())


def compare(expected, actual, captures, exact=False, path=""):
    """Differences as lines of text; [] when the two mean the same. Fills `captures`."""
    here = f"{path}/{expected.qualified}"
    if _name_differs(expected, actual, exact):
        return [f"{here}: found <{actual.qualified}> ({actual.space or 'no namespace'})"]
    if not _compare_attributes(expected, actual, captures):
        return [f"{here}: attributes differ: {_start_tag(actual, {})}"]
    if expected.nodes() or (expected.gap and not expected.text().replace(GAP, "").strip()):
        return _compare_children(expected, actual, captures, exact, here)
    wanted = expected.text()
    if actual.nodes():
        return [f"{here}: expected text, found <{actual.nodes()[0].qualified}>"]
    if not _compare_text(wanted, actual.text(), captures):
        return [f"{here}: expected '{holes.shown(wanted, captures)}', found '{actual.text()}'"]
    return []


def _compare_children(expected, actual, captures, exact, here):
    loose, in_order = any_order(expected)
    if exact:
        loose = False
    wanted, found = expected.nodes(), actual.nodes()
    if not expected.gap and actual.text().strip():
        return [f"{here}: found the text '{actual.text().strip()}'"]
    if not loose:
        return _compare_sequence(wanted, found, expected.gap, captures, exact, here)
    differences = []
    for one, other in zip(wanted[:in_order], found[:in_order]):
        differences += compare(one, other, captures, exact, here)
    return differences + _compare_set(
        wanted[in_order:], found[in_order:], expected.gap, captures, exact, here
    )


def _compare_sequence(wanted, found, gap, captures, exact, here):
    """Children in order; with a gap, others may stand between them."""
    at, differences = 0, []
    for child in wanted:
        best = None
        for place in range(at, len(found) if gap else min(at + 1, len(found))):
            trial = dict(captures)
            wrong = compare(child, found[place], trial, exact, here)
            if not wrong:
                best, at = None, place + 1
                captures.update(trial)
                break
            if best is None or key_of(child) == key_of(found[place]):
                best = wrong
        else:
            differences += best or [f"{here}: <{child.qualified}> is missing"]
            at += 0 if gap else 1
    if not gap:
        differences += [f"{here}: <{node.qualified}> is not expected" for node in found[at:]]
    return differences


def _compare_set(wanted, found, gap, captures, exact, here):
    """Children in any order, told apart by key_of."""
    left, differences = list(found), []
    for child in wanted:
        alike = [node for node in left if _same_key(child, node, captures)]
        best = [f"{here}: <{child.qualified}> {_address(child)}is missing"]
        for node in alike:
            trial = dict(captures)
            wrong = compare(child, node, trial, exact, here)
            if not wrong:
                captures.update(trial)
                left.remove(node)
                break
            best = wrong
        else:
            differences += best
            if len(alike) == 1:
                left.remove(alike[0])
    if not gap:
        differences += [
            f"{here}: <{node.qualified}> {_address(node)}is not expected" for node in left
        ]
    return differences


def _same_key(expected, actual, captures):
    one, other = key_of(expected), key_of(actual)
    if one[:2] != other[:2] or len(one) != len(other):
        return False
    return len(one) < 3 or holes.match(one[2], other[2], dict(captures))


def _address(node):
    key = key_of(node)
    return f"{key[2]} " if len(key) > 2 else ""


# --- writing

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _escape(text, quotes=False):
    for char, entity in _ESCAPES.items():
        text = text.replace(char, entity)
    return text.replace('"', "&quot;") if quotes else text


def _start_tag(node, dug, end=">"):
    parts = [node.qualified]
    for prefix, uri in node.declared:
        parts.append(f'xmlns:{prefix}="{uri}"' if prefix else f'xmlns="{uri}"')
    for _, local, prefix, value in node.attributes:
        name = f"{prefix}:{local}" if prefix else local
        parts.append(f'{name}="{_escape(dug.get(value, value), True)}"')
    return f"<{' '.join(parts)}{end}"


def flat(node):
    """The node on one line."""
    inner = "".join(flat(c) if isinstance(c, Node) else _escape(c) for c in node.children)
    if node.gap:
        inner += GAP
    if not inner:
        return _start_tag(node, {}, "/>")
    return f"{_start_tag(node, {})}{inner}</{node.qualified}>"


def pretty(node, indent=0):
    """The node as lines; what fits in WIDTH stays on one line, a list of responses never does."""
    room = WIDTH - indent
    one = flat(node)
    mixed = any(isinstance(child, str) for child in node.children)
    tall = node.space == DAV and node.local in ("multistatus", "response")
    if mixed or not node.children or (len(one) <= room and not tall):
        return [" " * indent + one]
    lines = [" " * indent + _start_tag(node, {})]
    for child in node.children:
        lines += pretty(child, indent + 2)
    if node.gap:
        lines.append(" " * (indent + 2) + GAP)
    lines.append(" " * indent + f"</{node.qualified}>")
    return lines
