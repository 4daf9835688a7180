"""Start the command ``ticketing``."""

import sys


def main() -> None:
    try:  # Ctrl-C also works during the imports, which take a moment
        from ticketing.entrypoints.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
