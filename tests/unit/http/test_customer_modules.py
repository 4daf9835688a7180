"""The customers' modules and style sheets, as text: what no browser test can exclude."""

import re
from pathlib import Path

import pytest

from ticketing.entrypoints.http import pages

STATIC = Path(pages.__file__).parent / "static"
MODULES = sorted(STATIC.glob("*.js"))
WRITES_HTML = (
    "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|setHTML|createContextualFragment"
    "|DOMParser|eval\\(|new Function"
)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_writes_text_only(module):
    assert not re.findall(WRITES_HTML, module.read_text())


@pytest.mark.parametrize("file", sorted(STATIC.iterdir()), ids=lambda file: file.name)
def test_a_file_names_no_other_host(file):
    addresses = set(re.findall(r"[\"'(](?:[a-z]+:)?//[^\"')]+", file.read_text()))

    assert addresses <= {'"http://www.w3.org/2000/svg'}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_an_import_names_a_module_that_exists(module):
    imported = re.findall(r'^import .*"(.*)";$', module.read_text(), re.MULTILINE)

    assert {f"./{file.name}" for file in MODULES} >= set(imported)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_texts_of_a_module_exist(module):
    """A misspelt one would show "undefined"."""
    source, texts = module.read_text(), (STATIC / "texts.js").read_text()
    imports = re.search(r'import \{([^}]*)\} from "./texts.js";', source)
    for section, name in re.findall(r"(\w+)(?: as (\w+))?", imports[1] if imports else ""):
        if body := re.search(rf"^export const {section} = {{(.*?)^}};", texts, re.M | re.S):
            used = set(re.findall(rf"(?<![\w./]){name or section}\.(\w+)", source))
            assert used <= set(re.findall(r"^  (\w+):", body[1], re.M))
        else:
            assert f"export function {section}(" in texts
