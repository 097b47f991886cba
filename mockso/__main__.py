"""`python -m mockso` is the command `mockso`, and the command is this."""

import sys


def main() -> int:
    """Run the command line; its exit status, 130 too where Ctrl-C comes before that was read."""
    try:
        from mockso.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130
    except RuntimeError as error:  # Python's own of a Ctrl-C while a class is made, as imports do
        if isinstance(error.__cause__, KeyboardInterrupt):
            return 130
        raise


if __name__ == "__main__":
    sys.exit(main())
