/* Type-ahead for the quick log, and Ctrl+Enter to save. Without it the form asks “Which partner do you mean?”. */
(() => {
    const form = document.querySelector("form[data-log]");
    const input = form.querySelector("[role=combobox]");
    const list = document.getElementById(input.getAttribute("aria-controls"));
    const chips = form.querySelector("[data-chips]");
    const asked = form.querySelector("[name=asked]");
    let asking;
    let timer;

    const options = () => [...list.querySelectorAll("[role=option]")];
    const active = () => list.querySelector("[aria-selected=true]");
    const pickedChip = () => chips.querySelector("input:checked");

    function show(isOpen) {
        list.hidden = !isOpen;
        input.setAttribute("aria-expanded", isOpen);
        if (!isOpen) input.removeAttribute("aria-activedescendant");
    }

    function mark(option) {
        options().forEach((each) => each.setAttribute("aria-selected", each === option));
        if (!option) return;
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
    }

    async function ask() {
        const typed = input.value.trim();
        asking?.abort();
        if (!typed) return show(false);
        asking = new AbortController();
        try {
            const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, {
                signal: asking.signal,
                headers: { "X-Requested-With": "XMLHttpRequest" },
            });
            if (!answer.ok || answer.redirected) return;
            list.innerHTML = await answer.text();
            show(true);
            mark(options()[0]);
        } catch (problem) {
            if (problem.name !== "AbortError") show(false); // offline: the form itself still asks
        }
    }

    function choose(option) {
        const { pk, name } = option.dataset;
        let radio = chips.querySelector(`input[value="${pk}"]`);
        if (!radio) {
            const chip = form.querySelector("[data-chip]").content.cloneNode(true);
            radio = chip.querySelector("input");
            radio.value = pk;
            chips.prepend(chip);
        }
        radio.nextElementSibling.textContent = pk === "new" ? `New: ${name}` : name;
        radio.checked = true;
        input.value = pk === "new" ? name : "";
        show(false);
        radio.dispatchEvent(new Event("change", { bubbles: true }));
    }

    input.addEventListener("input", () => {
        const chip = pickedChip();
        if (chip) chip.checked = false;
        clearTimeout(timer);
        timer = setTimeout(ask, 120);
    });
    input.addEventListener("keydown", (event) => {
        const all = options();
        const place = all.indexOf(active());
        if (event.key === "Escape" && !list.hidden) {
            event.preventDefault();
            show(false);
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            if (list.hidden) ask();
            else mark(all.at((place + (event.key === "ArrowDown" ? 1 : -1)) % all.length));
        } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            if (!list.hidden && active()) choose(active());
            if (pickedChip()) form.querySelector("[name=summary]").focus();
        } else if (event.key === "Tab" && !list.hidden && active() && active().dataset.pk !== "new") {
            choose(active());
        }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) choose(option);
    });
    input.addEventListener("blur", () => show(false));
    form.addEventListener("log:choose", (event) => choose({ dataset: event.detail }));
    chips.addEventListener("change", (event) => {
        if (event.target.value !== "new" && input.value !== asked.value) input.value = "";
    });

    form.querySelector("[data-more]").addEventListener("change", (event) => {
        if (event.target.name === "kind") form.querySelector("[data-more] summary").textContent = event.target.nextElementSibling.textContent;
    });
    form.addEventListener("change", (event) => {
        if (event.target.name === "script" && event.target.checked) form.querySelector("[data-more]").open = true; // it asks how it went
    });
    form.querySelector("#id_due_on").addEventListener("change", () => {
        form.querySelector("[name=due][value=on]").checked = true;
    });
    form.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
        if (form.dataset.sent) event.preventDefault(); // a second tap must not log it twice
        form.dataset.sent = "yes";
    });
    addEventListener("pageshow", () => delete form.dataset.sent);
})();
