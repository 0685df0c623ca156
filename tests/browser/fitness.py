"""What axe finds wrong with a page for somebody who cannot see, hear or point well."""

from __future__ import annotations

from pathlib import Path

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
# What passed is counted and not described: the descriptions took as long as the examination, and nobody read them.
# What still moves there is where it will be: a button on its way would lie on top of something else.
RUN = """async ([root, rules]) => {
    for (const each of document.getAnimations()) if (each.effect.getComputedTiming().endTime < Infinity) each.finish();
    const options = {resultTypes: ["violations"], ...(rules ? {runOnly: rules} : {})};
    return (await axe.run(document.querySelector(root), options)).violations;
}"""


def violations(page, rules: list[str] | None = None, root: str = "html") -> list[dict]:
    """Each rule that is broken, with the places. Without rules, all that axe thinks sensible."""
    page.wait_for_load_state()  # axe may be there before the page is
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)  # through the debugger: the page's own policy would rightly refuse it
        page.add_init_script(AXE)  # and into what this page opens next, which costs less than to bring it again
    return page.evaluate(RUN, [root, rules])


def findings(page, rules: list[str] | None = None, root: str = "html") -> list[str]:
    """The same as sentences, one for each place."""
    found = violations(page, rules, root)
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
