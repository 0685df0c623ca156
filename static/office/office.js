/* Press l on any page of the office to log a touch; on a partner's page, with that partner. Where the keyboard goes on. */
(() => {
    const address = document.currentScript.dataset.quickLog;
    const typing = "input, textarea, select, [contenteditable='true'], [role=dialog], [role=combobox]";

    const here = () => {
        const partner = document.querySelector("[data-log-partner]")?.dataset.logPartner;
        return partner ? `${address}?partner=${partner}` : address;
    };

    document.addEventListener("keydown", (event) => {
        if (event.key !== "l" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
        if (event.target.closest?.(typing)) return;
        location.href = here();
    });
    document.querySelector(".log-anywhere")?.addEventListener("click", (event) => {
        event.currentTarget.href = here();
    });

    /* After a button that loads the page anew, the next Tab comes to what was said and its Undo, not to the menu once more. */
    const told = document.querySelector(".messages li");
    if (told && !location.hash && !document.querySelector("[autofocus]") && document.activeElement === document.body) {
        told.tabIndex = -1;
        told.focus({ preventScroll: true });
    }

    /* A dialog to choose from gives the focus back to the button that opened it. Once something is chosen that button is
       gone, and the next Tab would begin at the menu: the one that stands there now takes it. */
    let chooser = null;
    document.addEventListener("click", ({ target }) => {
        const button = target.closest("[data-chooser-action-choose]");
        const title = document.getElementById(button?.getAttribute("aria-describedby"));
        chooser = (button?.closest(".chooser") ?? title?.closest(".chooser")) || chooser;
    }, true);
    new MutationObserver((changes) => {
        const isClosed = changes.some((change) => [...change.removedNodes].some((node) => node.classList?.contains("modal")));
        if (!isClosed || document.activeElement !== document.body) return;
        [...(chooser?.querySelectorAll("button") ?? [])].find((button) => button.offsetParent)?.focus();
    }).observe(document.body, { childList: true });

    /* A list asks while somebody types. Leaving the field would ask for the same once more, and its answer would take the
       focus from wherever the next Tab has gone. */
    document.addEventListener("change", (event) => {
        if (event.target.matches("[data-search-form] [name=q]")) event.stopPropagation();
    }, true);

    /* One open menu at a time, closed by Escape or a tap elsewhere. */
    const close = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => menu !== except && menu.removeAttribute("open"));
    document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        const open = document.querySelector("details.menu[open]");
        close();
        open?.querySelector("summary").focus();
    });
})();
