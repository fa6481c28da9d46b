"""Words that must never be in the repository: paths and places of one machine."""

import re

from rules import Finding, line_of, rule

# Written so that this file does not contain them.
FORBIDDEN = (
    (re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|far[m]|home/[a-z]+)/"), "a path of one machine"),
    (re.compile(r"/tmp/[a-z_]+(?:jo[b]s|la[b])"), "a path of one machine"),
    (re.compile(r"registry\.npm[j]s|deb\.debian\.o[r]g|pypi\.o[r]g"), "a package registry's host"),
    (re.compile(r"\b[Ss]ession o[f] (?:work|the project)\b"), "how it was made is not of it"),
)
EXEMPT = ("LICENSE",)


@rule
def words_forbidden(tree):
    """No path of one machine, no registry host."""
    for path, text in tree.files.items():
        if path in EXEMPT or path.endswith("package-lock.json"):
            continue
        for pattern, why in FORBIDDEN:
            for found in pattern.finditer(text):
                yield Finding(path, line_of(text, found.start()), f"'{found[0]}': {why}")
