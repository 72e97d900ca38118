"""No regular expression of ours takes long over hostile text: what could is short, and said to be so here."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OURS = ("cody_site", "accounts", "reservations", "media_store", "board", "payments")
CALLS = {"RegexValidator", "re_path"}
PARSER = re._parser  # what `re` itself reads patterns with; private, and nothing public tells as much
REPEATS = {"MAX_REPEAT", "MIN_REPEAT"}

SHORT = {
    r"([0-9]{4})[\s./년-]*([0-9]{1,2})[\s./월-]*([0-9]{1,2})[\s.일]*": "the form takes 20 characters",
    r"(0?[1-9]|1[0-2])\s*[/.\- ]\s*(?:20)?([0-9]{2})|(0[1-9]|1[0-2])(?:20)?([0-9]{2})": "the form takes 12 characters",
    r";\s*charset\s*=[^;]*": "a header's value, and each part ends where the next can begin",
}
OF_THE_LOG = "cody_site/logs.py"  # what it reads are our own lines, which hold no bodies


def patterns():
    """Every pattern that stands in our code as text: the file, and the pattern."""
    for app in OURS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                text = None
                if isinstance(node, ast.Call) and node.args:
                    is_of_re = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re"
                    text = node.args[0] if is_of_re or getattr(node.func, "id", "") in CALLS else None
                elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "regex":
                    text = node.value
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield path.relative_to(ROOT).as_posix(), text.value


def endless(parsed):
    """The parts of a parsed pattern that repeat without end, each as its own parsed pattern; not those within them."""
    for operation, argument in parsed:
        if str(operation) in REPEATS and argument[1] is PARSER.MAXREPEAT:
            yield argument[2]
        else:
            for inner in inside(argument):
                yield from endless(inner)


def inside(argument):
    """The patterns that an operation of a parsed pattern holds."""
    if isinstance(argument, PARSER.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from inside(part)


def is_exponential(pattern):
    return any(next(endless(repeated), None) is not None for repeated in endless(PARSER.parse(pattern)))


def is_polynomial(pattern):
    return sum(1 for _repeated in endless(PARSER.parse(pattern))) > 1


@pytest.mark.parametrize("evil", [r"(a+)+b", r"(?:x*y?)*z", r"(\s*,\s*)+;", r"((ab)*c)*d"])
def test_the_control_is_found(evil):
    assert is_exponential(evil)


def test_no_pattern_is_exponential():
    found = list(patterns())

    assert len(found) > 40
    assert [(path, pattern) for path, pattern in found if is_exponential(pattern)] == []


def test_what_grows_faster_than_its_text_is_short():
    growing = {pattern for path, pattern in patterns() if is_polynomial(pattern) and path != OF_THE_LOG}

    assert growing == set(SHORT)


def test_a_pattern_that_is_searched_for_does_not_begin_with_anything():
    """`.*x` that is looked for anywhere starts anew at every character, and reads to the end each time."""
    assert [pattern for _path, pattern in patterns() if re.match(r"\(?(\.|\\[sSwW]|\[\^[^]]*\])[*+]", pattern)] == []
