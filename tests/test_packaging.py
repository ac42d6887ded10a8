"""What ships: the package list, the wheel built through the sdist, the lock file."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

import boosterwatch

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHIPPED = ["cli.py", "engine", "rules", "schemas"]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "dist", "out", "*.egg-info", "*.pyc", "docs", "broken", "golden"
)


def files(folder: str, pattern: str) -> set[str]:
    """Return the files below a folder of the root that match, as they are named in the wheel."""
    found = (ROOT / folder).rglob(pattern)
    return {f"boosterwatch/{path.relative_to(ROOT).as_posix()}" for path in found if "__pycache__" not in path.parts}


def test_the_package_list_is_the_tree() -> None:
    folders = [path.parent for name in SHIPPED for path in (ROOT / name).rglob("__init__.py")]
    names = {".".join(["boosterwatch", *folder.relative_to(ROOT).parts]) for folder in folders}
    assert sorted(names | {"boosterwatch"}) == PROJECT["tool"]["setuptools"]["packages"]


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for name in SHIPPED for path in (ROOT / name).rglob("*.py")}
    assert {folder for folder in folders if not (folder / "__init__.py").exists()} == set()


def test_no_other_python_file_lies_at_the_root() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "cli.py"}


def test_the_version_is_said_once() -> None:
    assert PROJECT["project"]["version"] == boosterwatch.__version__


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build sdist and wheel from a copy of the tree, the wheel through the sdist."""
    if importlib.util.find_spec("build") is None:
        pytest.skip("the package `build` is not installed")
    tree = tmp_path_factory.mktemp("tree") / "checkout"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT, symlinks=True)
    out = tree.parent / "dist"
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_code_the_rules_and_the_schemas_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    expected = {"boosterwatch/__init__.py", "boosterwatch/cli.py", "boosterwatch/py.typed"}
    expected |= files("engine", "*.py") | files("rules", "*.py") | files("schemas", "*.py")
    expected |= files("rules", "*.yaml") | files("rules", "compiled.json") | files("schemas", "*.json")
    expected |= files("rules", "release.json") | files("engine", "*.yaml")
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == expected


def test_only_one_name_lands_in_site_packages(wheel: zipfile.ZipFile) -> None:
    version = boosterwatch.__version__
    assert {name.split("/")[0] for name in wheel.namelist()} == {"boosterwatch", f"boosterwatch-{version}.dist-info"}


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    info = f"boosterwatch-{boosterwatch.__version__}.dist-info"
    metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["project"]["optional-dependencies"])
    assert "Apache License" in wheel.read(f"{info}/licenses/LICENSE").decode()
    assert "boosterwatch = boosterwatch.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_the_entry_point_leads_somewhere() -> None:
    from boosterwatch import cli

    assert callable(cli.main)


def test_the_sdist_holds_the_tests(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "tests/test_packaging.py", "tests/__init__.py"} <= names


def test_the_installed_wheel_works_away_from_the_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    site = tmp_path / "site"
    wheel.extractall(site)
    code = (
        "import boosterwatch, importlib.util, importlib.resources as r\n"
        "from boosterwatch.engine.pack.load import load_document\n"
        "print(boosterwatch.__file__, importlib.util.find_spec('engine'), importlib.util.find_spec('rules'))\n"
        "print(r.files('boosterwatch.rules').is_dir(), load_document(b'a: 1', 'f').data)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{site}/boosterwatch/__init__.py None None\nTrue {{'a': 1}}\n"


LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = re.findall(r"^([a-z0-9-]+)==", LOCK, re.M)


def test_the_lock_pins_everything_by_hash() -> None:
    blocks = re.split(r"^(?=[a-z])", LOCK, flags=re.M)[1:]
    assert len(blocks) == len(PINS) > 20
    for block in blocks:
        assert re.match(r"[a-z0-9-]+==\S+( ; .+?)? \\\n", block)
        assert "--hash=sha256:" in block


def test_the_lock_names_no_address_and_no_path() -> None:
    assert re.search(r"://|index-url|find-links|trusted-host|file:/|@|(^|\s)/\w", LOCK) is None


def test_the_lock_covers_every_requirement() -> None:
    project = PROJECT["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.sub(r"[._]", "-", re.split(r"[^A-Za-z0-9._-]", name)[0].lower()) for name in wanted}
    assert names - {"boosterwatch"} <= set(PINS)


def test_the_extra_all_gathers_the_others() -> None:
    extras = dict(PROJECT["project"]["optional-dependencies"])
    assert extras.pop("all") == [f"boosterwatch[{','.join(extras)}]"]
