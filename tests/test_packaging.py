"""What an installation holds: every package, and every data file that is read beside the code."""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
ROOMS = ("data", "features", "matcher", "evaluation", "app")
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]


def package_of(file: Path) -> str:
    """The innermost package that holds a file."""
    folder = next(parent for parent in file.parents if (parent / "__init__.py").exists())
    return folder.relative_to(ROOT).as_posix().replace("/", ".")


def test_every_package_is_listed() -> None:
    found = {package_of(file) for room in ROOMS for file in (ROOT / room).rglob("__init__.py")}
    assert sorted(SETUPTOOLS["packages"]) == sorted(found)


def test_every_folder_with_code_is_a_package() -> None:
    folders = {file.parent for room in ROOMS for file in (ROOT / room).rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def test_every_data_file_is_packaged() -> None:
    missing = []
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*")):
            if not file.is_file() or file.suffix == ".py" or "__pycache__" in file.parts:
                continue
            package = package_of(file)
            inside = PurePosixPath(file.relative_to(ROOT / package.replace(".", "/")).as_posix())
            if not any(_covers(pattern, inside) for pattern in SETUPTOOLS["package-data"].get(package, [])):
                missing.append(str(file.relative_to(ROOT)))
    assert not missing


def test_every_pattern_names_a_file() -> None:
    for package, patterns in SETUPTOOLS["package-data"].items():
        for pattern in patterns:
            assert list((ROOT / package.replace(".", "/")).glob(pattern)), (package, pattern)


def _covers(pattern: str, path: PurePosixPath) -> bool:
    """As a shell would: a star does not cross a folder."""
    return len(path.parts) == len(PurePosixPath(pattern).parts) and path.match(pattern)
