"""`python -m mockso` is the command `mockso`, and the command is this."""

import sys


def main() -> int:
    """Run the command line; its exit status, 130 too where Ctrl-C comes before that was read."""
    try:
        from mockso.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
