"""Holes in a transcript: `{etag:folder}` stands for a value that is known only when it is seen.

`{kind:name}` matches what its kind allows, is captured at first sight and must be the same
afterwards, in answers and in later requests. `{*}` matches anything, and so does `…` in plain text.
`{cr}` is a carriage return, `{body: 1000 x}` a thousand x, `{bytes: 00 ff}` these bytes.
`{totp: name}` is the one-time code of now for a secret captured as `{text:name}`, `{totp: name +1}`
the one of the next 30 seconds.
"""

import base64
import hashlib
import hmac
import re
import time

KINDS = {
    "etag": r'(?:W/)?"[^"\s]+"',
    "id": r"[0-9]{8,}oc[0-9a-z]{10}",
    "number": r"-?[0-9]+",
    "seconds": r"[0-9]{9,11}",
    "date": r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
    "instant": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})",
    "token": r"[A-Za-z0-9]+",
    "hex": r"[0-9a-f]+",
    "text": r".+?",
    # Known before the first request; never captured from an answer.
    "host": r"(?!)",
    "slug": r"(?!)",
    "basic": r"(?!)",
    "password": r"(?!)",
    "app-password": r"(?!)",
}
GIVEN = ("host", "slug", "basic", "password", "app-password")

HOLE = re.compile(
    r"\{(?:(?P<any>\*)|(?P<cr>cr)|body: (?P<count>\d+) (?P<fill>[^}])"
    r"|bytes: (?P<hex>[0-9a-fA-F ]+)"
    r"|totp: (?P<secret>[a-z]+)(?: (?P<steps>[+-]\d))?"
    r"|(?P<given>host|slug)"
    r"|(?P<kind>" + "|".join(KINDS) + r"):(?P<name>[A-Za-z0-9._/ -]+))\}"
)
ELLIPSIS = "…"


class UnknownHole(Exception):
    """A request uses a hole that no answer has filled yet."""


def has_hole(text):
    return HOLE.search(text) is not None


def one_time_code(secret, steps=0, now=None):
    """RFC 6238: six digits of SHA-1, `secret` in base 32 with any spaces."""
    bare = secret.replace(" ", "")
    key = base64.b32decode(bare + "=" * (-len(bare) % 8))
    counter = int((time.time() if now is None else now) // 30) + steps
    mac = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def _generated(match):
    """The text of {body:} and {cr}, the bytes of {bytes:} as surrogates; None for other holes."""
    if match["cr"]:
        return "\r"
    if match["count"]:
        return match["fill"] * int(match["count"])
    if match["hex"]:
        return bytes.fromhex(match["hex"]).decode("utf-8", "surrogateescape")
    return None


def _key(match):
    return match["given"] or f"{match['kind']}:{match['name']}"


def fill(text, captures):
    """`text` with every hole replaced by its value; for requests."""

    def value(match):
        made = _generated(match)
        if made is not None:
            return made
        if match["secret"]:
            if f"text:{match['secret']}" not in captures:
                raise UnknownHole(match[0])
            return one_time_code(captures[f"text:{match['secret']}"], int(match["steps"] or 0))
        if match["any"] or _key(match) not in captures:
            raise UnknownHole(match[0])
        return captures[_key(match)]

    return HOLE.sub(value, text)


def _pattern(text, captures, ellipsis):
    """`text` as a regular expression, and the keys of the groups that capture."""
    parts, groups, at = [], {}, 0

    def literal(piece):
        pieces = piece.split(ELLIPSIS) if ellipsis else [piece]
        return ".*?".join(re.escape(each) for each in pieces)

    for match in HOLE.finditer(text):
        parts.append(literal(text[at : match.start()]))
        at = match.end()
        made = _generated(match)
        if made is not None:
            parts.append(re.escape(made))
        elif match["any"]:
            parts.append(".*?")
        elif _key(match) in captures:
            parts.append(re.escape(captures[_key(match)]))
        elif _key(match) in groups:
            parts.append(f"(?P={groups[_key(match)]})")
        else:
            name = groups[_key(match)] = f"h{len(groups)}"
            parts.append(f"(?P<{name}>{KINDS[match['kind']]})")
    parts.append(literal(text[at:]))
    return re.compile("".join(parts), re.DOTALL), groups


def match(expected, actual, captures, ellipsis=False):
    """Whether `actual` is what `expected` says; fills `captures` with what it saw."""
    pattern, groups = _pattern(expected, captures, ellipsis)
    found = pattern.fullmatch(actual)
    if not found:
        return False
    for key, group in groups.items():
        captures[key] = found[group]
    return True


def shown(expected, captures):
    """`expected` with the holes that are known filled in: for telling a difference."""
    return HOLE.sub(
        lambda match: f"{match[0]}={captures[_key(match)]}"
        if not match["any"] and _generated(match) is None and _key(match) in captures
        else match[0],
        expected,
    )


def dig(text, captures):
    """`text` with every value that a hole stands for replaced by the hole: for --update."""
    values = sorted(captures.items(), key=lambda item: -len(item[1]))
    for key, value in values:
        kind = key.split(":")[0]
        if kind in ("etag", "id", "host", "token", "app-password") and len(value) >= 4:
            text = text.replace(value, "{" + key + "}")
    for key, value in values:  # short values only when they are the whole text
        if text == value and len(value) >= 2 and key.split(":")[0] not in GIVEN:
            return "{" + key + "}"
    return text
