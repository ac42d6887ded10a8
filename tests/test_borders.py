"""Who may import whom, read from the source: the flow runs one way, and the core stays small."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PREFIX = "boosterwatch."
CORE = ["pack", "record", "measures", "chain", "decide"]  # in the order of the flow
OUTSIDE = {"service", "audit", "author", "cohort", "explain", "host", "shadow", "terminal", "trust"}
# The compiled form carries its strata, so compile asks for them; they know nothing but the form itself.
BACKWARDS = {("pack", "engine.chain.strata")}
HEAVY = [
    "ibis",
    "z3",
    "fastapi",
    "sqlalchemy",
    "alembic",
    "cryptography",
    "psycopg",
    "altair",
    "vl_convert",
    "duckdb",
    "pyarrow",
    "hypothesis",
    "pytest",
]


def module_name(path: Path) -> str:
    """Return the name of a module below `boosterwatch`: engine.pack.load."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / "engine").rglob("*.py"))}


def imported(module: str) -> set[str]:
    """Return the modules of this package that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names |= {f"{base}.{alias.name}" for alias in node.names} | {base}
    own = {name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)}
    return {name for name in own if name in MODULES or name.split(".")[0] != "engine"}


def reached(module: str) -> set[str]:
    """Return the modules that a module imports, itself or through others."""
    found: set[str] = set()
    todo = [module]
    while todo:
        for name in imported(todo.pop()) & MODULES.keys() - found:
            found.add(name)
            todo.append(name)
    return found


def part(module: str) -> str:
    """Return the folder or file of `engine` that a module belongs to."""
    return module.split(".")[1] if module.startswith("engine.") else ""


CORE_MODULES = [module for module in MODULES if part(module) in CORE]


@pytest.mark.parametrize("module", MODULES)
def test_imports_are_by_full_name(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    relative = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert relative == []


@pytest.mark.parametrize("module", CORE_MODULES)
def test_the_core_imports_nothing_around_it(module: str) -> None:
    assert {name for name in imported(module) if part(name) in OUTSIDE} == set()


@pytest.mark.parametrize("module", CORE_MODULES)
def test_nothing_in_the_core_imports_what_comes_later(module: str) -> None:
    later = set(CORE[CORE.index(part(module)) + 1 :])
    backwards = {name for name in imported(module) if part(name) in later}
    assert {name for name in backwards if (part(module), name) not in BACKWARDS} == set()


@pytest.mark.parametrize("module", MODULES)
def test_the_engine_knows_neither_the_command_line_nor_the_tests(module: str) -> None:
    assert {name for name in imported(module) if name.split(".")[0] in {"cli", "tests"}} == set()


EVALUATORS = ["engine.chain.reference", "engine.chain.durable"]


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_an_evaluator_reads_only_the_compiled_form(evaluator: str) -> None:
    allowed = {"engine.pack.ir", "engine.model", "engine.diagnostics", "engine.pack", "engine", "engine.chain"}
    foreign = {name for name in reached(evaluator) if part(name) != "chain"}
    assert foreign <= allowed


@pytest.mark.parametrize(("evaluator", "other"), [EVALUATORS, EVALUATORS[::-1]])
def test_the_evaluators_do_not_know_each_other(evaluator: str, other: str) -> None:
    assert other not in reached(evaluator)
    assert "engine.chain.agree" not in reached(evaluator)


def test_the_walk_sees_what_it_should() -> None:
    assert "engine.pack.yaml_text" in imported("engine.pack.load")
    assert "engine.diagnostics" in reached("engine.pack.load")
    assert imported("engine.diagnostics") == set()


def loaded_by(statement: str) -> set[str]:
    """Return the names of the modules that are loaded after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import boosterwatch", "from boosterwatch import Diagnostic, PackError"])
def test_importing_the_package_is_light(statement: str) -> None:
    loaded = loaded_by(statement)
    assert "boosterwatch" in loaded
    assert loaded & {*HEAVY, "durable", "jsonschema", "lark", "rich", "click", "yaml"} == set()


def test_every_public_name_is_there_and_no_other() -> None:
    import boosterwatch

    for name in boosterwatch.__all__:
        assert getattr(boosterwatch, name) is not None
        assert name in dir(boosterwatch)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = boosterwatch.nothing  # type: ignore[attr-defined]


def test_the_face_of_the_engine_pulls_in_nothing_heavy() -> None:
    assert loaded_by("from boosterwatch import evaluate, explain, load_pack") & set(HEAVY) == set()
