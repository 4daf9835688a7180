"""Start the command ``ticketing``."""

import gc
import sys


def main() -> None:
    # The imports leave hardly any garbage, but would have it looked for again and again. They
    # stay, so nothing looks through them later, and processes that we fork share their memory.
    gc.disable()
    try:  # Ctrl-C also works during the imports, which take a moment
        from ticketing.entrypoints.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
