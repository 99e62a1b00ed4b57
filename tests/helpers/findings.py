"""What the doctor finds."""

from render.doctor.checks import examine
from render.doctor.finding import Finding
from tests.helpers.runs import configure

TITLES = ["fits", "body", "charts", "images", "cameras", "device", "trial", "disk"]


def find(*overrides: str, until: str = "disk") -> dict[str, Finding]:
    """The findings by title, up to that one: trials take a second."""
    findings = {}
    for finding in examine(configure(*overrides)):
        findings[finding.title] = finding
        if finding.title == until:
            break
    assert list(findings) == TITLES[: len(findings)]
    return findings


def states(findings: dict[str, Finding]) -> str:
    return " ".join(finding.state for finding in findings.values())
