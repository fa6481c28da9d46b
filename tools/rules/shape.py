"""Shape: what fits on a screen, and what a file must begin with."""

import ast
import re

from rules import Finding, is_test, matches, module_of, rule

FILE_LINES_MAX = 500
LINE_COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
CODE = (".cc", ".h", ".py", ".sh", ".cmake")

_TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\):)")
_CO_AWAIT = re.compile(r"\bco_(?:await|yield|return)\b")
_EXCEPTION = re.compile(r"\b(?:throw|catch)\b")


def code(tree):
    return [pair for pair in tree.files.items() if pair[0].endswith(CODE) or pair[0] == "dev"]


@rule
def file_length(tree):
    """A file fits 500 lines."""
    for path, text in code(tree):
        count = text.count("\n")
        if count > FILE_LINES_MAX:
            yield Finding(path, 0, f"{count} lines; {FILE_LINES_MAX} are enough")


@rule
def line_length(tree):
    """A line fits 100 columns."""
    for path, whole in code(tree):
        if path.endswith((".cc", ".h", ".py")):
            for number, line in enumerate(whole.splitlines(), 1):
                if len(line) > LINE_COLUMNS_MAX:
                    text = f"{len(line)} columns; {LINE_COLUMNS_MAX} are enough"
                    yield Finding(path, number, text)


@rule
def function_length(tree):
    """A function fits 70 lines."""
    for path, source in tree.sources():
        for function in source.functions:
            if function.lines > FUNCTION_LINES_MAX:
                text = f"a function of {function.lines} lines; {FUNCTION_LINES_MAX} are enough"
                yield Finding(path, function.first, text)
    for path, text in tree.files.items():
        if path.endswith(".py"):
            yield from _long_python(path, text)


def _long_python(path, text):
    try:
        nodes = ast.walk(ast.parse(text))
    except SyntaxError as error:
        yield Finding(path, error.lineno or 0, f"not Python: {error.msg}")
        return
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                text = f"{node.name} has {lines} lines; {FUNCTION_LINES_MAX} are enough"
                yield Finding(path, node.lineno, text)


@rule
def header_manual(tree):
    """A header opens with a comment that says what it is for, then `#pragma once`."""
    for path, text in tree.under("src/", ".h"):
        if not text.startswith("// "):
            yield Finding(path, 1, "a header opens with a comment: what it is for")
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield Finding(path, 1, "`#pragma once` is missing")


@rule
def own_header_first(tree):
    """A .cc includes its own header before anything else."""
    for path, source in tree.sources():
        own = path.removeprefix("src/").removesuffix(".cc") + ".h"
        first = source.includes[0] if source.includes else None
        named = [include for include in source.includes if include.path == own]
        if path.endswith(".cc") and named and first.path != own:
            yield Finding(path, first.line, f'"{own}" comes first')


@rule
def todo_numbered(tree):
    """A note to do something later names its issue."""
    for path, text in code(tree):
        if not path.startswith("tools/"):
            yield from matches(_TODO, path, text, "write it now, or as TODO(#n):")


@rule
def coroutines_place(tree):
    """Coroutines stay in platform/loop and platform/http_server (g++ 12 miscompiles them)."""
    for path, source in tree.sources():
        if module_of(path) not in (("platform", "loop"), ("platform", "http_server")):
            text = "coroutines stay in platform/loop and platform/http_server"
            yield from matches(_CO_AWAIT, path, source.code, text)


@rule
def exceptions_place(tree):
    """Features and protocols neither throw nor catch: errors are a Result, bugs are a CHECK.

    The fleet's own modules work outside the lane, so they catch what the database throws.
    """
    for path, source in tree.sources():
        layer, module = module_of(path)
        if module in ("fleet", "fleet_api") or is_test(path):
            continue
        if layer in ("features", "protocols"):
            text = "no exceptions here: return a Result, or CHECK"
            yield from matches(_EXCEPTION, path, source.code, text)
