"""Starts the command ``ticketing``. Ctrl-C is heard from the start, when much is to be read."""

import sys


def main() -> None:
    try:
        from ticketing.command import command
    except KeyboardInterrupt:
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
