"""Transcripts: well-formed, named in words, and counted in docs/protocols/coverage.md."""

import re

import coverage
from rules import Finding, rule
from wire import format

_NAME = re.compile(r"^[a-z]+(?:-[a-z0-9]+)*$")
_HASH = re.compile(r"[0-9a-f]{8,}|\d{3,}")


def _parsed(tree):
    """(path, Transcript or the Malformed) of every transcript and fixture."""
    for path, text in tree.under(coverage.TRANSCRIPTS, ".http"):
        try:
            yield path, format.parse(path, text)
        except format.Malformed as error:
            yield path, error


@rule
def transcripts_form(tree):
    """A transcript can be read, cites well, and uses a fixture that is there."""
    for path, found in _parsed(tree):
        if isinstance(found, format.Malformed):
            yield Finding(path, 0, str(found))
            continue
        if "rfc" in found.settings:
            try:
                format.rfc_sections(found.settings["rfc"], path)
            except format.Malformed as error:
                yield Finding(path, 0, str(error))
        for key in ("space", "also"):
            base = coverage.TRANSCRIPTS + found.settings.get(key, "fixtures/plain")
            if f"{base}.http" not in tree.files and f"{base}.py" not in tree.files:
                yield Finding(path, 0, f"there is no fixture '{found.settings[key]}'")


@rule
def transcripts_named(tree):
    """A transcript's file is named after its promise: words, never numbers or hashes."""
    for path, _ in tree.under(coverage.TRANSCRIPTS, ".http"):
        parts = path[len(coverage.TRANSCRIPTS) :].removesuffix(".http").split("/")
        name = parts[-1]
        if len(parts) != 2:
            yield Finding(path, 0, "a transcript is tests/transcripts/<protocol>/<promise>.http")
        if not _NAME.match(name) or any(_HASH.fullmatch(word) for word in name.split("-")):
            yield Finding(path, 0, "its name is words-with-dashes, never numbers or hashes")


@rule
def coverage_fresh(tree):
    """docs/protocols/coverage.md is what ./dev docs makes of the transcripts."""
    if not tree.under(coverage.TRANSCRIPTS, ".http"):
        return
    try:
        wanted = coverage.page(tree.files)
    except format.Malformed as error:
        yield Finding(coverage.UNSUPPORTED, 0, str(error))
        return
    if tree.files.get(coverage.PAGE) != wanted:
        yield Finding(coverage.PAGE, 0, "is stale: run ./dev docs and commit it")
