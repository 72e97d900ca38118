"""docs/security.md names tests that there are, and leaves no item of ASVS 5.0's Levels 1 and 2 out."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs/security.md").read_text()

# How many items each section of ASVS 5.0 has up to Level 2; those of Level 3 stand behind them.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def functions(path):
    return {node.name for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_it_names_exists():
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)

    assert len(named) > 100
    assert [(path, name) for path, name in named if name not in functions(path)] == []


def test_no_name_of_a_test_stands_there_in_a_form_that_is_not_looked_at():
    assert PAGE.count("::test_") == len(re.findall(r"`[\w/]+\.py::test_\w+`", PAGE))


def test_every_file_that_it_names_exists():
    named = re.findall(r"`((?:[a-z_]+/)+[\w.]+)`", PAGE) + re.findall(r"\]\(([\w./-]+)", PAGE)

    assert [path for path in named if not ((ROOT / path).exists() or (ROOT / "docs" / path).exists())] == []


def test_no_item_of_the_standard_is_left_out():
    rows = re.findall(r"^\| ([0-9., ]+) \|", PAGE.partition("## ASVS 5.0, Levels 1 and 2")[2], re.MULTILINE)
    told = [item for row in rows for item in row.split(", ")]

    wanted = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    assert sorted(told) == sorted(wanted)
