/* Adds and takes off people in place; without this script the same buttons do it by way of the server. */
(() => {
    const MOST = 5;
    const form = document.querySelector("[data-register]");
    if (!form) return;
    const rows = form.querySelector("[data-rows]");
    const add = form.querySelector("[data-add]");
    const blank = form.querySelector("[data-blank]");

    const settle = () => {
        const shown = [...rows.children];
        shown.forEach((row, place) => { row.querySelector("[data-person]").textContent = place + 2; });
        if (add) add.hidden = shown.length >= MOST;
    };

    const freeNumber = () => Math.max(0, ...[...rows.children].map((row) => Number(row.dataset.row))) + 1;

    const addRow = () => {
        const row = blank.content.firstElementChild.cloneNode(true);
        const number = freeNumber();
        row.dataset.row = number;
        for (const part of [row, ...row.querySelectorAll("*")]) {
            for (const name of ["id", "for", "name", "aria-describedby"]) {
                if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace("with-0-", `with-${number}-`));
            }
        }
        rows.append(row);
        settle();
        row.querySelector("input").focus();
    };

    form.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        if (add && add.contains(button)) {
            event.preventDefault();
            addRow();
        } else if (button.matches("[data-drop]")) {
            event.preventDefault();
            const row = button.closest("[data-row]");
            const next = row.previousElementSibling || row.nextElementSibling;
            row.remove();
            settle();
            const target = next ? next.querySelector("input") : add && add.querySelector("button");
            if (target) target.focus();
        }
    });
})();
