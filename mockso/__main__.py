"""`python -m mockso` is the command `mockso`."""

import sys

from mockso.cli import main

if __name__ == "__main__":
    sys.exit(main())
