"""Why a worker is lost, in words: what Ray says of it takes a page."""

from __future__ import annotations

import re

_LONGEST = 200
# What Ray says, and what that means for a worker of a node.
_KNOWN = (
    (re.compile(r"temporarily unavailable|is unavailable"), "its node {node} does not answer"),
    (re.compile(r"node has died|node was terminated|node_died|NODE_DIED"), "its node {node} is gone"),
    (
        re.compile(r"low on memory|out of memory \(OOM\) prevention|OutOfMemoryError"),
        "its node {node} was out of memory",
    ),
)
_MISSING = re.compile(r"No module named '([\w.]+)'")
_DETAIL = re.compile(r"Worker exit detail: ?(.+?)(?: Some common causes|$)", re.MULTILINE)


def describe_loss(node: str, kind: str, said: str) -> str:
    """What became of a worker.

    Args:
        node: The machine that it was on.
        kind: Of Ray's error.
        said: What Ray says.
    """
    for pattern, words in _KNOWN:
        if pattern.search(said) or pattern.search(kind):
            return words.format(node=node)
    detail = _DETAIL.search(said)
    text = " ".join((detail[1] if detail else said).split())[:_LONGEST]
    return f"its process on {node} ended: {text if detail else f'{kind}: {text}'}"


def find_missing_package(said: str) -> str | None:
    """The package that could not be imported; None where that was not it.

    Args:
        said: What Ray says of a worker that did not come to be.
    """
    match = _MISSING.search(said)
    return None if match is None else match[1].partition(".")[0]
