"""Write ``.env.example`` and ``docs/settings.md`` in the current directory."""

from pathlib import Path

from ticketing.settings import DECLARED

_EXAMPLE = """\
# All settings with their defaults. Copy this file to .env and change what you need; environment
# variables win. docs/settings.md describes how settings are read.
"""

_REFERENCE = """\
# Settings

Settings are environment variables, or lines of the file `.env` in `TICKETING_HOME`
([.env.example](../.env.example) lists them all). The environment wins, and a blank value counts as
not set. All faults are reported at the start.

| setting | default | description |
|---|---|---|
{rows}

## Secrets in files

Add `_FILE` to the name of a secret to read it from a file, for example
`TICKETING_SECRET_KEY_FILE=/run/secrets/key`. The secrets are:

{secrets}

## Production

Production (`TICKETING_ENV=production`) requires `TICKETING_SECRET_KEY`, and `TICKETING_PUBLIC_URL`
or `TICKETING_ALLOWED_HOSTS`. Requests with another `Host`, including health checks, are answered
with 400. Development makes a secret key and keeps it beside the SQLite file, or with PostgreSQL in
`~/.local/state/ticketing`.

## Mail

With `TICKETING_SMTP_URL`, `TICKETING_MAIL_FROM` is required, and in production also
`TICKETING_PUBLIC_URL` for the links in mails. Without a mail server, password reset mails are
written to the log in development; in production nothing is sent, and the log reports it.
"""


def render() -> dict[str, str]:
    """Return the text of each generated file, by its path."""
    declared = DECLARED.values()
    entries = (f"\n# {one.help}\n#{one.name}={one.default}\n" for one in declared)
    rows = (
        f"| `{one.name}` | {f'`{one.default}` ' if one.default else ''}| {one.help} |"
        for one in declared
    )
    secrets = "\n".join(f"- `{one.name}`" for one in declared if one.secret)
    return {
        ".env.example": _EXAMPLE + "".join(entries),
        "docs/settings.md": _REFERENCE.format(rows="\n".join(rows), secrets=secrets),
    }


if __name__ == "__main__":
    for path, text in render().items():
        Path(path).write_text(text, encoding="utf-8")
