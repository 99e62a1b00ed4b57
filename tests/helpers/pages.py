"""The pages whose commands, links and pictures are tried."""

from tools.docs.pages import (
    DOCS,
    EXAMPLES,
    PAGES,
    README,
    ROOT,
    list_blocks,
    list_lines,
    name_page,
)

__all__ = ["ALL", "DOCS", "EXAMPLES", "PAGES", "README", "list_blocks", "list_lines", "name_page"]

ALL = [README, *PAGES, ROOT / "CONTRIBUTING.md", EXAMPLES]
