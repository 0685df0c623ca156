/* The moment a partner is chosen: who is there, which words fit, and whether it is early to ask. Without it the form says so when it is saved. */
(() => {
    const form = document.querySelector("form[data-log]");
    let asking;

    function replace(answer) {
        const fresh = document.createElement("template");
        fresh.innerHTML = answer;
        for (const part of fresh.content.querySelectorAll("[data-part]")) {
            const shown = form.querySelector(`[data-part="${part.dataset.part}"]`);
            const typed = shown.querySelector("[name=ask_reason]")?.value;
            const ticked = [...shown.querySelectorAll("[type=checkbox]:checked")].map((box) => box.value);
            shown.replaceWith(part);
            const reason = part.querySelector("[name=ask_reason]");
            if (reason && typed) reason.value = typed;
            for (const box of part.querySelectorAll("[type=checkbox]")) box.checked = ticked.includes(box.value);
        }
    }

    form.addEventListener("change", async (event) => {
        if (event.target.name !== "partner") return;
        const pk = /^\d+$/.test(event.target.value) ? event.target.value : "0";
        asking?.abort();
        asking = new AbortController();
        try {
            const answer = await fetch(form.dataset.about.replace("/0/", `/${pk}/`), {
                signal: asking.signal,
                headers: { "X-Requested-With": "XMLHttpRequest" },
            });
            if (!answer.ok || answer.redirected) return;
            replace(await answer.text());
            form.dispatchEvent(new CustomEvent("log:about"));
        } catch (problem) {
            if (problem.name !== "AbortError") console.warn("It could not be asked who is there."); // offline: the form still saves
        }
    });
})();
