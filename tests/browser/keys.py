"""A keyboard and nothing else: Tab until what is meant has the focus, and the focus must be seen."""

from __future__ import annotations

from playwright.sync_api import Page, TimeoutError

NAME = """() => {
    const here = document.activeElement;
    if (!here || here === document.body) return "";
    const labels = [...(here.labels ?? [])].map((each) => each.textContent);
    const named = (here.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
    return [here.getAttribute("aria-label"), ...labels, ...named, here.tagName === "INPUT" ? "" : here.textContent, here.title]
        .filter(Boolean).join(" ").replace(/\\s+/g, " ").trim();
}"""
# Drawn by itself, or by what stands for it: the words beside a hidden tick, the row around a field.
IS_SEEN = """() => {
    const ringed = (each) => {
        const style = getComputedStyle(each);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    const here = document.activeElement;
    const around = [here, here.nextElementSibling, here.closest("label"), here.parentElement].filter(Boolean);
    const box = here.getBoundingClientRect();
    const isOnScreen = box.bottom > 0 && box.top < innerHeight;
    return isOnScreen && around.some(ringed);
}"""


def tab_to(page: Page, name: str, *, most: int = 120, backwards: bool = False) -> None:
    """Press Tab until what has this name has the focus; fail where that takes too long, or the focus is not seen."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        here = page.evaluate(NAME)
        passed.append(here[:40])
        if name in here:
            _is_seen(page, name)
            return
    raise AssertionError(f"{most} tabs did not come to “{name}”: {passed}")


def _is_seen(page: Page, name: str) -> None:
    """The page may still be scrolling there."""
    try:
        page.wait_for_function(IS_SEEN)
    except TimeoutError as problem:
        raise AssertionError(f"Nobody sees that the focus is on “{name}”.") from problem


def has_focus(page: Page) -> str:
    """The name of what has the focus."""
    return page.evaluate(NAME)
