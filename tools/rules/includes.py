"""Includes: the part of the dependency rule that the compiler cannot see."""

import re

from rules import Finding, is_test, module_of, rule

_OURS = re.compile(r"^(?:base|formats|platform|space|features|protocols|server)/")


@rule
def include_path_under_src(tree):
    """`#include "layer/module/file.h"`: the whole path, no `..`, no short form."""
    for path, source in tree.sources():
        for include in source.includes:
            if ".." in include.path.split("/"):
                yield Finding(path, include.line, f'"{include.path}": no `..` in an include')
            elif include.quoted and not _OURS.match(include.path):
                yield Finding(
                    path, include.line, f'"{include.path}": write the path under src/'
                )
            elif include.quoted and f"src/{include.path}" not in tree.files:
                yield Finding(path, include.line, f'"{include.path}": there is no such file')


@rule
def include_declared(tree):
    """A module includes itself and what its DEPENDS names; its tests what TEST_DEPENDS adds."""
    for path, source in tree.sources():
        _, own = module_of(path)
        if own not in tree.modules:
            yield Finding(path, 0, "its folder is not declared in CMakeLists.txt")
            continue
        for include in source.includes:
            _, other = module_of(f"src/{include.path}")
            if not include.quoted or other in (None, own) or ".." in include.path:
                continue
            module = tree.modules[own]
            named = module.depends + (module.test_depends if is_test(path) else ())
            if other not in named:
                text = f'"{include.path}": {own} does not name {other} in DEPENDS'
                yield Finding(path, include.line, text)


@rule
def include_internal(tree):
    """What lives in a module's `internal/` is for that module alone."""
    for path, source in tree.sources():
        own = module_of(path)
        for include in source.includes:
            inside = "/internal/" in include.path
            if inside and module_of(f"src/{include.path}") != own:
                yield Finding(path, include.line, f'"{include.path}" is internal to its module')

