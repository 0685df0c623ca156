/* Copy what stands beside the button, where the browser allows it. */
(() => {
    for (const button of document.querySelectorAll("[data-copy]")) {
        if (!navigator.clipboard) continue;
        button.hidden = false;
        button.addEventListener("click", async () => {
            const around = button.closest("section, form, .w-panel, main");
            await navigator.clipboard.writeText(around.querySelector("[data-copy-from]").textContent.trim());
            const said = around.querySelector("[data-copied]");
            if (said) said.textContent = "Copied.";
        });
    }
})();
