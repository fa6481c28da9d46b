"""JSON by meaning: members in any order, numbers with their type, holes and `…` anywhere.

A hole may stand inside a string, or bare where a value stands: `{"id": {number:id}}`. `…` as a
member or an element means: there may be more here.
"""

import json

from wire import holes

_BARE = "\x01"  # starts the string that stands for a bare hole
_GAP = "\x02"  # a member or an element that stands for `…`
WIDTH = 96  # columns of a written line, without the `< `


class NotJson(Exception):
    """The text is not JSON; says where."""


def _outside_strings(text):
    """Pairs (piece, is inside a string) of `text`."""
    at, start, inside = 0, 0, False
    while at < len(text):
        if inside and text[at] == "\\":
            at += 2
            continue
        if text[at] == '"':
            end = at + 1 if inside else at
            yield text[start:end], inside
            start, inside = end, not inside
        at += 1
    yield text[start:], inside


def _in_object(before):
    """Whether the end of `before` (strings left out) is directly in an object."""
    depth = []
    for char in before:
        if char in "{[":
            depth.append(char)
        elif char in "}]" and depth:
            depth.pop()
    return bool(depth) and depth[-1] == "{"


def _plain(text):
    """An expectation as JSON: bare holes and gaps become marked strings."""
    out, bare = [], ""
    gaps = 0
    for piece, inside in _outside_strings(text):
        if inside:
            out.append(piece)
            continue
        piece = holes.HOLE.sub(lambda match: json.dumps(_BARE + match[0]), piece)
        parts = piece.split(holes.ELLIPSIS)
        for number, part in enumerate(parts):
            if number:
                gaps += 1
                mark = json.dumps(f"{_GAP}{gaps}")
                out.append(f"{mark}: 0" if _in_object(bare) else mark)
            out.append(part)
            bare += part
    return "".join(out)


def parse(text, expectation=False):
    """The value of `text`; raises NotJson."""
    try:
        return json.loads(_plain(text) if expectation else text)
    except ValueError as error:
        raise NotJson(str(error)) from error


def _is_gap(value):
    return isinstance(value, str) and value.startswith(_GAP)


def _written(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def compare(expected, actual, captures, path="$"):
    """Differences as lines of text; [] when the two mean the same. Fills `captures`."""
    if isinstance(expected, str) and expected.startswith(_BARE):
        if expected == _BARE + "{*}":
            return []
        if not isinstance(actual, str) and holes.match(expected[1:], _written(actual), captures):
            return []
        return [f"{path}: expected {holes.shown(expected[1:], captures)}, found {_written(actual)}"]
    if type(expected) is not type(actual):
        return [f"{path}: expected {_written(expected)}, found {_written(actual)}"]
    if isinstance(expected, dict):
        return _compare_objects(expected, actual, captures, path)
    if isinstance(expected, list):
        return _compare_lists(expected, actual, captures, path)
    if isinstance(expected, str):
        same = holes.match(expected, actual, captures)
    else:
        same = expected == actual
    if same:
        return []
    shown = holes.shown(_written(expected), captures)
    return [f"{path}: expected {shown}, found {_written(actual)}"]


def _compare_objects(expected, actual, captures, path):
    differences, gap = [], any(_is_gap(name) for name in expected)
    for name, value in expected.items():
        if _is_gap(name):
            continue
        if name not in actual:
            differences.append(f"{path}.{name}: is missing")
        else:
            differences += compare(value, actual[name], captures, f"{path}.{name}")
    if not gap:
        differences += [
            f"{path}.{name}: is not expected" for name in actual if name not in expected
        ]
    return differences


def _compare_lists(expected, actual, captures, path):
    gap = any(_is_gap(each) for each in expected)
    wanted = [each for each in expected if not _is_gap(each)]
    at, differences = 0, []
    for number, value in enumerate(wanted):
        wrong = [f"{path}[{number}]: is missing"]
        for place in range(at, len(actual) if gap else min(at + 1, len(actual))):
            trial = dict(captures)
            wrong = compare(value, actual[place], trial, f"{path}[{number}]")
            if not wrong:
                captures.update(trial)
                at = place
                break
        differences += wrong
        at += 1 if not gap or not wrong else 0
    if not gap and len(actual) > len(wanted):
        differences.append(f"{path}: {len(actual) - len(wanted)} more than expected")
    return differences


# --- writing


def _kept(expected, value):
    """An expectation's text when it still holds (bare holes lose their quotes), or None."""
    return expected is not None and not isinstance(expected, (dict, list)) and not compare(
        expected, value, {}
    )


def pretty(value, captures, expected=None, indent=0):
    """`value` as lines, with the holes and gaps of `expected` where they still hold."""
    if _kept(expected, value) and isinstance(expected, str):
        if expected.startswith(_BARE):
            return [expected[1:]]
        return [_written(expected)]
    if isinstance(value, dict):
        return _pretty_object(value, captures, expected, indent)
    if isinstance(value, list):
        return _pretty_list(value, captures, expected, indent)
    if isinstance(value, str):
        return [_written(holes.dig(value, captures))]
    return [_written(value)]


def _wrap(open_mark, close_mark, parts, indent):
    """Parts (each a list of lines) in brackets: on one line when they fit."""
    if all(len(part) == 1 for part in parts):
        one = open_mark + ", ".join(part[0] for part in parts) + close_mark
        if len(one) <= WIDTH - indent:
            return [one]
    lines = [open_mark]
    for number, part in enumerate(parts):
        comma = "," if number + 1 < len(parts) else ""
        lines += ["  " + line for line in part[:-1]] + ["  " + part[-1] + comma]
    return lines + [close_mark]


def _pretty_object(value, captures, expected, indent):
    wanted = expected if isinstance(expected, dict) else {}
    gap = any(_is_gap(name) for name in wanted)
    names = [name for name in wanted if name in value]
    names += [] if gap else [name for name in value if name not in wanted]
    parts = []
    for name in names:
        lines = pretty(value[name], captures, wanted.get(name), indent + 2)
        parts.append([f"{_written(name)}: {lines[0]}", *lines[1:]])
    return _wrap("{", "}", parts + ([[holes.ELLIPSIS]] if gap else []), indent)


def _pretty_list(value, captures, expected, indent):
    wanted = expected if isinstance(expected, list) else []
    gap = any(_is_gap(each) for each in wanted)
    plain = [each for each in wanted if not _is_gap(each)]
    count = min(len(plain), len(value)) if gap else len(value)
    parts = [
        pretty(each, captures, plain[at] if at < len(plain) else None, indent + 2)
        for at, each in enumerate(value[:count])
    ]
    return _wrap("[", "]", parts + ([[holes.ELLIPSIS]] if gap else []), indent)
