/* One line of plain writing fills the form after a pause, or on Enter. What was set by hand stays. Without it a button does the same. */
(() => {
    const lineForm = document.querySelector("form[data-line]");
    const form = document.querySelector("form[data-log]");
    const line = lineForm.querySelector("[name=line]");
    const heard = form.querySelector("[data-heard]");
    const byHand = new Set();
    let filled = new Set();
    let people = [];
    let asking;
    let timer;
    let read = line.value.trim();

    lineForm.classList.add("is-live");

    /* Set one field as if somebody had, unless somebody has. */
    function put(name, value) {
        if (byHand.has(name)) return;
        for (const input of form.querySelectorAll(`[name="${name}"]`)) {
            if (input.type === "radio") {
                const was = input.checked;
                input.checked = value === null ? input.defaultChecked : input.value === String(value);
                if (input.checked && !was) input.dispatchEvent(new Event("change", { bubbles: true }));
            } else if (input.type === "checkbox") input.checked = Boolean(value);
            else input.value = value ?? "";
        }
    }

    function tickPeople() {
        if (byHand.has("contacts")) return;
        for (const box of form.querySelectorAll("[name=contacts]")) box.checked = people.includes(Number(box.value));
    }

    function fill({ values, partner, html }) {
        heard.innerHTML = html;
        people = values.contacts ?? [];
        const names = new Set(Object.keys(values).filter((name) => !["partner", "contacts", "is_ahead"].includes(name)));
        for (const name of filled) if (!names.has(name)) put(name, null);
        for (const name of names) put(name, values[name]);
        filled = names;
        if (["occurred_on", "outcome", "they_came"].some((name) => names.has(name))) form.querySelector("[data-more]").open = true;
        if (partner && !byHand.has("partner")) form.dispatchEvent(new CustomEvent("log:choose", { detail: { pk: String(partner.pk), name: partner.name } }));
        tickPeople();
    }

    async function ask() {
        clearTimeout(timer);
        const typed = line.value.trim();
        if (typed === read) return;
        asking?.abort();
        asking = new AbortController();
        const body = new FormData(lineForm);
        body.append("read", "yes");
        try {
            const answer = await fetch(lineForm.action, { method: "POST", body, signal: asking.signal, headers: { "X-Requested-With": "XMLHttpRequest" } });
            if (!answer.ok || answer.redirected) return;
            fill(await answer.json());
            read = typed;
        } catch (problem) {
            if (problem.name !== "AbortError") lineForm.classList.remove("is-live"); // offline: the button is back
        }
    }

    line.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(ask, 600);
    });
    line.addEventListener("keydown", async (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        await ask();
        if (event.ctrlKey || event.metaKey) form.requestSubmit();
        else (heard.querySelector(".log-open input") ?? form.querySelector(".log-save button")).focus();
    });
    lineForm.addEventListener("submit", (event) => {
        if (!lineForm.classList.contains("is-live")) return;
        event.preventDefault();
        ask();
    });
    for (const kind of ["input", "change"]) {
        form.addEventListener(kind, (event) => {
            if (!event.isTrusted || !event.target.name) return;
            byHand.add(event.target.name === "name" ? "partner" : event.target.name);
            if (event.target.name === "due" || event.target.name === "due_on") byHand.add("due").add("due_on");
        });
    }
    form.addEventListener("log:about", tickPeople);
    heard.addEventListener("change", (event) => {
        const { name, value, dataset } = event.target;
        if (name === "partner") form.dispatchEvent(new CustomEvent("log:choose", { detail: { pk: value, name: dataset.name } }));
    });
})();
