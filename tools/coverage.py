"""Makes docs/protocols/coverage.md: each section of an RFC, and the transcripts that cite it."""

import re

from wire import format

TRANSCRIPTS = "tests/transcripts/"
PAGE = "docs/protocols/coverage.md"
UNSUPPORTED = "tools/coverage_unsupported.txt"

HEAD = """\
# What of each standard is proved

Made by `./dev docs` from the headers of the transcripts. Each line is a section of an RFC with the
conversations that the tests play about it, or the reason why it is not supported.
"""


def _order(section):
    """Sorts 9.2 before 9.10, and appendices after."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in section.split(".")]


def citations(files):
    """{rfc: {section: [transcript path, …]}}; transcripts that cannot be read are left to tidy."""
    found = {}
    for path, text in sorted(files.items()):
        if not path.startswith(TRANSCRIPTS) or not path.endswith(".http"):
            continue
        try:
            settings = format.parse(path, text).settings
            cited = format.rfc_sections(settings["rfc"], path) if "rfc" in settings else []
        except format.Malformed:
            continue
        for rfc, section in cited:
            found.setdefault(rfc, {}).setdefault(section, []).append(path)
    return found


def unsupported(text):
    """{rfc: {section: why}} from lines `4918 §9.10: why`; raises Malformed."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        where = f"{UNSUPPORTED}:{number}"
        match = re.match(r"^(.+?): (\S.*)$", line)
        if not match:
            raise format.Malformed(f"{where}: a line is `4918 §9.10: why not`")
        for rfc, section in format.rfc_sections(match[1], where):
            found.setdefault(rfc, {})[section] = match[2]
    return found


def page(files):
    """The text of the page, from the files of the project by path."""
    cited = citations(files)
    refused = unsupported(files.get(UNSUPPORTED, ""))
    for rfc, sections in refused.items():
        for section in sections:
            if section in cited.get(rfc, {}):
                raise format.Malformed(
                    f"{UNSUPPORTED}: {rfc} §{section} is cited by {cited[rfc][section][0]}"
                )
    lines = [HEAD]
    for rfc in sorted(set(cited) | set(refused), key=int):
        lines += [f"## RFC {rfc}", "", "| section | proved by |", "| --- | --- |"]
        sections = set(cited.get(rfc, {})) | set(refused.get(rfc, {}))
        for section in sorted(sections, key=_order):
            name = f"§{section}" if section else "as a whole"
            if section in cited.get(rfc, {}):
                links = ", ".join(_link(path) for path in cited[rfc][section])
            else:
                links = f"not supported: {refused[rfc][section]}"
            lines.append(f"| {name} | {links} |")
        lines.append("")
    return "\n".join(lines)


def _link(path):
    name = path.removeprefix(TRANSCRIPTS).removesuffix(".http")
    return f"[{name}](../../{path})"
