/* Copy a link or a draft, and print a card. Without this script the links are there to be copied by hand. */
(() => {
    const text = (button) => button.dataset.copy || document.getElementById(button.dataset.copyFrom)?.value || "";

    for (const button of document.querySelectorAll("[data-copy], [data-copy-from]")) {
        if (!navigator.clipboard) continue;
        button.hidden = false;
        const words = button.textContent;
        button.addEventListener("click", async () => {
            await navigator.clipboard.writeText(text(button));
            button.textContent = "Copied";
            setTimeout(() => { button.textContent = words; }, 2000);
        });
    }

    /* The draft greets whoever is chosen; a greeting of one's own is left alone. */
    for (const words of document.querySelectorAll("[data-greetings]")) {
        const greetings = JSON.parse(words.dataset.greetings);
        words.form.elements.to?.addEventListener("change", ({ target }) => {
            const now = Object.values(greetings).find((greeting) => words.value.startsWith(greeting));
            if (now) words.value = greetings[target.value] + words.value.slice(now.length);
        });
    }

    /* The mail program opens with what is written now, not with what was drafted. */
    for (const link of document.querySelectorAll("[data-mail-from]")) {
        link.addEventListener("click", () => {
            const [subject, words] = link.dataset.mailFrom.split(" ").map((id) => document.getElementById(id)?.value || "");
            const chosen = document.getElementById(link.dataset.mailTo)?.selectedOptions[0]?.text.match(/<(.+)>$/);
            const to = chosen ? `mailto:${encodeURIComponent(chosen[1])}` : link.href.split("?")[0];
            link.href = `${to}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(words)}`;
        });
    }

    for (const button of document.querySelectorAll("[data-print]")) {
        button.hidden = false;
        button.addEventListener("click", () => window.print());
    }
})();
