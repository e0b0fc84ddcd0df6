"""Policy tests as JUnit XML, as CI servers read it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from headwater.catalog.visible import visible
from headwater.cli.render.policy_tests import mismatch_text, shortfall_text

if TYPE_CHECKING:
    from headwater.app.policy_test import Run, Tested
    from headwater.catalog.text import Language


def policy_tests_junit(tested: Tested, language: Language) -> str:
    """Return one suite for each file and engine; too little coverage is a failure of its own."""
    root = Element("testsuites", name="headwater policy test")
    for run in tested.runs:
        _suite(root, run, language)
    if tested.required is not None:
        suite = SubElement(root, "testsuite", name="coverage", tests="1")
        suite.set("failures", str(int(tested.short)))
        case = SubElement(suite, "testcase", name="coverage", classname="coverage")
        if tested.short:
            SubElement(case, "failure", message=shortfall_text(tested, language))
    root.set("tests", str(sum(int(suite.get("tests", "0")) for suite in root)))
    root.set("failures", str(sum(int(suite.get("failures", "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _suite(root: Element, run: Run, language: Language) -> None:
    failed = sum(not outcome.passed for outcome in run.outcomes)
    name = visible(f"{run.fixture.id} ({run.engine})")
    counts = {"tests": str(len(run.outcomes)), "failures": str(failed)}
    suite = SubElement(root, "testsuite", {"name": name, **counts})
    suite.set("file", visible(run.fixture.position.file))
    for outcome in run.outcomes:
        where = outcome.case.position
        about = {"name": visible(outcome.case.name), "classname": name}
        about |= {"file": visible(where.file), "line": str(where.line)}
        case = SubElement(suite, "testcase", about)
        lines = [mismatch_text(run, outcome, each, language) for each in outcome.mismatches]
        if lines:
            SubElement(case, "failure", message=lines[0]).text = "\n".join(lines)
