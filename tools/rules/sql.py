"""SQL: where it may stand, and whose tables it may name."""

import re

from rules import Finding, is_test, matches, module_of, rule

TABLES = "tools/rules/tables.txt"
MIGRATIONS = "src/space/store/migrations/"

_SQL = re.compile(
    r"\b(?:SELECT\s+\S|INSERT\s+(?:OR\s+[A-Z]+\s+)?INTO\b|REPLACE\s+INTO\b|UPDATE\s+\w+\s+SET\b"
    r"|DELETE\s+FROM\b|(?:CREATE|DROP|ALTER)\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|TRIGGER|VIEW|VIRTUAL)\b"
    r"|PRAGMA\s+\w|BEGIN\s+(?:IMMEDIATE|EXCLUSIVE|DEFERRED)\b|SAVEPOINT\s+\w|ATTACH\s+)"
)
_TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+([a-z_]+)\b"
    r"|\bINDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+([a-z_]+)\b"
)
_CREATED = re.compile(r"\bCREATE\s+(?:VIRTUAL\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([a-z_]+)\b")
_SQLITE = re.compile(r"\bsqlite3_(?!libversion\b)\w+")
_MIGRATION = re.compile(r"^m(\d{4})_[a-z0-9_]+\.h$")


def may_hold_sql(path):
    layer, module = module_of(path)
    return layer in ("features", "space") or (layer, module) == ("platform", "sqlite")


def owners(tree):
    """The modules that may name a table, by table, and the findings about the list itself."""
    found, wrong = {}, []
    for number, line in enumerate(tree.files.get(TABLES, "").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        unknown = [word for word in words[1:] if word not in tree.modules]
        if len(words) < 2 or words[0] in found:
            wrong.append(Finding(TABLES, number, "a line is `<table> <module>…`, once per table"))
        elif unknown:
            wrong.append(Finding(TABLES, number, f"there is no module {unknown[0]}"))
        else:
            found[words[0]] = words[1:]
    return found, wrong


@rule
def sql_place(tree):
    """SQL and SQLite's functions stay in features, space and platform/sqlite."""
    for path, source in tree.sources():
        if may_hold_sql(path) or is_test(path):
            continue
        for literal in source.literals:
            if _SQL.search(literal.text):
                yield Finding(path, literal.line, "SQL outside features, space and platform/sqlite")
        yield from matches(_SQLITE, path, source.code, "SQLite outside platform/sqlite and space")


@rule
def sql_owner(tree):
    """Only the owning module names a table; tests and migrations may name any."""
    owned, wrong = owners(tree)
    yield from wrong
    for path, source in tree.sources():
        _, module = module_of(path)
        if is_test(path) or path.startswith(MIGRATIONS):
            continue
        for literal in source.literals:
            if not _SQL.search(literal.text):
                continue
            for table in {one or two for one, two in _TABLE.findall(literal.text)}:
                if module not in owned.get(table, [module]):
                    text = f"the table {table} belongs to {owned[table][0]}"
                    yield Finding(path, literal.line, text)


@rule
def sql_table_listed(tree):
    """Every table that is created has its owner in the list."""
    owned, _ = owners(tree)
    for path, source in tree.sources():
        if is_test(path):
            continue
        for literal in source.literals:
            for table in _CREATED.findall(literal.text):
                if table not in owned:
                    yield Finding(path, literal.line, f"the table {table} has no owner in {TABLES}")


@rule
def sql_columns_named(tree):
    """No `SELECT *`: columns are named."""
    star = re.compile(r"\bSELECT\s+(?:\w+\.)?\*")
    for path, source in tree.sources():
        for literal in source.literals:
            if not is_test(path) and star.search(literal.text):
                yield Finding(path, literal.line, "`SELECT *`: name the columns")


@rule
def migrations_numbered(tree):
    """Migrations are m0001_…h, m0002_…h in order without a gap, each included by the store."""
    names = sorted(path[len(MIGRATIONS) :] for path, _ in tree.under(MIGRATIONS))
    included = {
        include.path
        for path, source in tree.sources()
        if path.startswith("src/space/store/")
        for include in source.includes
    }
    for number, name in enumerate(names, 1):
        match = _MIGRATION.match(name)
        if not match or int(match[1]) != number:
            yield Finding(MIGRATIONS + name, 0, f"expected m{number:04}_<words>.h here")
        elif f"{MIGRATIONS}{name}".removeprefix("src/") not in included:
            yield Finding(MIGRATIONS + name, 0, "no file of the store includes it")
