/* Runs the doctor's checks a few at a time, so that each line shows as soon as it is known. Without this script the
   button runs them all and draws the page anew. */
(() => {
    const AT_ONCE = 3;
    const form = document.querySelector("[data-doctor]");
    const button = form.querySelector("button");
    const list = document.querySelector("[data-doctor-list]");
    const sum = document.querySelector("[data-doctor-sum]");

    const say = (words) => { sum.hidden = false; sum.textContent = words; };
    const word = (line, words) => { line.querySelector(".finding-verdict").textContent = words; };

    const begin = (line) => {
        line.className = "finding finding--open";
        line.removeAttribute("data-verdict");
        line.querySelectorAll("p").forEach((words) => words.remove());
        word(line, "Waiting");
    };

    const look = async (line) => {
        line.setAttribute("aria-busy", "true");
        word(line, "Looking …");
        try {
            const answer = await fetch(line.dataset.check, { method: "POST", body: new FormData(form), redirect: "error" });
            if (!answer.ok) throw new Error(answer.status);
            const box = document.createElement("template");
            box.innerHTML = await answer.text();
            line.replaceWith(box.content.firstElementChild);
        } catch {
            line.removeAttribute("aria-busy");
            word(line, "No answer");
        }
    };

    const named = (verdict) => [...list.querySelectorAll(`[data-verdict="${verdict}"] h3`)].map((name) => name.textContent).join(", ");

    const conclusion = () => {
        const lost = list.querySelectorAll("li:not([data-verdict])").length;
        if (lost) return `${lost} of the checks had no answer. Load this page again and try once more.`;
        if (named("unfit")) return `Not fit to send yet. To mend: ${named("unfit")}.`;
        if (named("unsure")) return `Nothing is wrong, but look yourself at: ${named("unsure")}.`;
        if (document.getElementById("way-out").dataset.verdict !== "fit") return "This installation sends nothing, so it need not be fit to. The list says what sending would need.";
        return "This installation is fit to send.";
    };

    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const queue = [...list.querySelectorAll("[data-check]")];
        const all = queue.length;
        let done = 0;
        button.disabled = true;
        queue.forEach(begin);
        say(`Looking at ${all} things …`);
        const work = async () => {
            for (let line = queue.shift(); line; line = queue.shift()) {
                await look(line);
                done += 1;
                say(`${done} of ${all} looked at …`);
            }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        say(conclusion());
        button.textContent = "Examine again";
        button.disabled = false;
    });
})();
