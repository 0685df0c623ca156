/* A section that is fetched when it is opened; without scripts its link leads to the same. */
document.querySelectorAll("details[data-load]").forEach((section) =>
    section.addEventListener("toggle", async () => {
        if (!section.open || section.dataset.loaded) return;
        const answer = await fetch(section.dataset.load);
        if (!answer.ok) return;
        section.querySelector("[data-loaded]").innerHTML = await answer.text();
        section.dataset.loaded = "yes";
    }),
);

/* A link to something folded opens it. */
const unfold = () => {
    const place = document.getElementById(location.hash.slice(1));
    place?.closest("details")?.setAttribute("open", "");
};
addEventListener("hashchange", unfold);
unfold();
