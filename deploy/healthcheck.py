"""Ask a server on this machine by a host name that it answers to, which production insists on.

    python healthcheck.py http://127.0.0.1:8000/readyz

The exit status is 0 if it answers 200. Takes the settings that the server has.
"""

import sys
import urllib.request

from ticketing.settings import Settings, environment


def main(url: str) -> None:
    hosts = Settings.from_env(environment(), signs_tokens=False).known_hosts or ("localhost",)
    asked = urllib.request.Request(url, headers={"Host": hosts[0]})  # noqa: S310 - the operator's
    try:
        urllib.request.urlopen(asked, timeout=4).close()  # noqa: S310
    except OSError as error:
        sys.exit(f"{url}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
