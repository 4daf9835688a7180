"""python -m ticketing"""

from ticketing.bootstrap import main

if __name__ == "__main__":
    main()
