/* Says that a deed for many is under way, and lets it be sent once only. Without this script the form works all the same. */
(() => {
    const form = document.querySelector("form[data-working]");
    const working = form.querySelector("[data-working-words]");
    const button = form.querySelector("button");
    form.addEventListener("submit", (event) => {
        if (form.dataset.sent) return event.preventDefault();
        form.dataset.sent = "yes";
        form.setAttribute("aria-busy", "true");
        button.setAttribute("aria-disabled", "true");
        working.hidden = false;
        working.querySelector("span").textContent = form.dataset.working;
    });
    addEventListener("pageshow", () => {
        delete form.dataset.sent;
        form.removeAttribute("aria-busy");
        button.removeAttribute("aria-disabled");
        working.hidden = true;
        working.querySelector("span").textContent = "";
    });
})();
