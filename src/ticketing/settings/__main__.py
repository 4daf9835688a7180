"""Write ``.env.example`` and the table in ``docs/settings.md``, from the current directory."""

import re
from pathlib import Path

from ticketing.settings import DECLARED

_EXAMPLE = """\
# All settings with their defaults. Copy this file to .env and change what you need; environment
# variables win. docs/settings.md describes how settings are read.
"""
_TABLE = re.compile("(?<=ticketing.settings` -->\n\n).*(?=\n\n<!-- end -->)", re.DOTALL)


def render(root: Path) -> dict[Path, str]:
    """Return the text of each generated file."""
    example, table = _EXAMPLE, "| setting | default | description |\n|---|---|---|"
    for setting in DECLARED.values():
        example += f"\n# {setting.help}\n#{setting.name}={setting.default}\n"
        names = " or ".join(f"`{name}`" for name in (setting.name, setting.file_name) if name)
        default = f"`{setting.default}` " if setting.default else ""
        table += f"\n| {names} | {default}| {setting.help} |"
    reference = root / "docs" / "settings.md"
    written = reference.read_text(encoding="utf-8")
    return {root / ".env.example": example, reference: _TABLE.sub(lambda _: table, written)}


if __name__ == "__main__":
    for path, text in render(Path()).items():
        path.write_text(text, encoding="utf-8")
