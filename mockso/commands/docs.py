"""`mockso docs`: print a page of the documentation, which needs no network."""

from __future__ import annotations

import argparse
import sys

from mockso.docs import PAGES, read_page, summary
from mockso.errors import SettingError, did_you_mean


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    about = "the name of a page; without one, a list of them"
    parser.add_argument("page", nargs="?", metavar="PAGE", help=about)


def run(arguments: argparse.Namespace) -> int:
    """Print a page, or the list. Raises SettingError for an unknown name."""
    name = arguments.page
    if name is None:
        width = max(map(len, PAGES))
        sys.stdout.writelines(f"{page:<{width}}  {summary(page)}\n" for page in PAGES)
        return 0
    if name not in PAGES:
        raise SettingError(f"no page {name!r}.{did_you_mean(name, PAGES) or ' mockso docs lists them.'}")
    sys.stdout.write(read_page(name))
    return 0
