/* The board: drag a card with a mouse, or move it from its own sheet by touch and keyboard. The list: count what is ticked.
   Without this script every link and form still works. */
(() => {
    const results = document.currentScript.dataset.results;
    const FAILED = "This did not reach the office. The card is back where it was: try once more.";
    const mouse = window.matchMedia("(pointer: fine)");
    let dragged = null;

    const say = (html, type) => {
        const list = document.querySelector(".messages ul");
        const template = document.querySelector(`.messages template[data-type="${type}"]`);
        if (!list || !template) return;
        list.replaceChildren(template.content.cloneNode(true));
        list.querySelector("li > span").innerHTML = html;
        list.closest(".messages").classList.add("new", "appear");
    };
    const complain = (sentence) => {
        const words = document.createElement("span");
        words.textContent = sentence;
        say(words.innerHTML, "error");
    };

    /* One dialog for every card: the page of stages, shown in place. */
    const sheet = document.createElement("dialog");
    sheet.className = "moves-dialog";
    sheet.setAttribute("aria-labelledby", "moves-title");
    document.body.append(sheet);
    let opener = null;
    const open = (html, from) => {
        opener = from || opener;
        sheet.innerHTML = `<form method="dialog" class="moves-close"><button class="tap" aria-label="Close">Close</button></form><div class="sheet">${html}</div>`;
        if (!sheet.open) sheet.showModal();
        sheet.querySelector("#moves-title")?.focus();
    };
    sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
    sheet.addEventListener("close", () => document.getElementById(opener)?.querySelector("summary, [data-move]")?.focus());

    const here = () => location.pathname + location.search;
    const stagesOf = async (address, from) => {
        const answer = await fetch(address, { headers: { "X-Board": "1" } }).catch(() => null);
        if (!answer || !answer.ok || answer.redirected) return void (location.href = address);
        open(await answer.text(), from);
    };

    const refresh = async (focus) => {
        const answer = await fetch(results + location.search).catch(() => null);
        if (!answer || !answer.ok || answer.redirected) return location.reload();
        const columns = document.querySelector(".board-columns");
        const left = columns?.scrollLeft;
        document.getElementById("listing-results").innerHTML = await answer.text();
        const now = document.querySelector(".board-columns");
        if (now && left) now.scrollLeft = left;
        document.getElementById(focus)?.querySelector("summary, [data-move]")?.focus();
    };

    /* Move, and say what came of it. Returns whether the card may stay where it was dropped. */
    const move = async (address, fields, card) => {
        fields.set("next", here());
        let answer, said;
        try {
            answer = await fetch(address, { method: "POST", body: fields, headers: { Accept: "application/json" } });
            if (answer.redirected) return location.reload(), false;
            said = await answer.json();
        } catch {
            complain(FAILED);
            return false;
        }
        if (answer.ok) {
            if (sheet.open) sheet.close();
            await refresh(card);
            say(said.said, "success");
            return true;
        }
        if (said.sheet) open(said.sheet, card);
        else complain(said.sentence);
        return false;
    };

    document.addEventListener("click", (event) => {
        const link = event.target.closest("[data-move]");
        if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        stagesOf(`${link.getAttribute("href")}?next=${encodeURIComponent(here())}`, `card-${link.dataset.move}`);
    });
    sheet.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.method === "dialog" || "whole" in form.dataset) return;
        event.preventDefault();
        const fields = new FormData(form, event.submitter);
        move(form.getAttribute("action"), fields, opener);
    });

    /* Drag, with a mouse only: on a touch screen it would steal the scrolling. */
    document.addEventListener("dragstart", (event) => {
        const card = event.target.closest?.(".board-card");
        if (!card) return;
        if (!mouse.matches) return event.preventDefault();
        dragged = { card, next: card.nextElementSibling, from: card.parentElement };
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", card.querySelector(".board-name").textContent);
        card.classList.add("board-card-dragged");
    });
    const columnAt = (event) => dragged && event.target.closest?.(".column");
    document.addEventListener("dragover", (event) => {
        const column = columnAt(event);
        document.querySelectorAll(".column-over").forEach((each) => each !== column && each.classList.remove("column-over"));
        if (!column) return;
        event.preventDefault();
        column.classList.add("column-over");
    });
    document.addEventListener("dragend", () => {
        document.querySelectorAll(".column-over").forEach((each) => each.classList.remove("column-over"));
        dragged?.card.classList.remove("board-card-dragged");
        dragged = null;
    });
    document.addEventListener("drop", async (event) => {
        const column = columnAt(event);
        if (!column) return;
        event.preventDefault();
        const { card, next, from } = dragged;
        const to = column.dataset.stage;
        if (from.closest(".column") === column) return;
        const address = card.querySelector("[data-move]").getAttribute("href");
        if (to === "resting") return void stagesOf(`${address}?to=resting&next=${encodeURIComponent(here())}`, card.id);
        column.querySelector(".column-cards").prepend(card);
        const fields = new FormData();
        fields.set("to", to);
        fields.set("seen", card.dataset.seen);
        fields.set("csrfmiddlewaretoken", document.querySelector("[data-board]").dataset.token);
        if (!(await move(document.querySelector("[data-board]").dataset.address.replace("/0/", `/${card.dataset.partner}/`), fields, card.id)) && card.isConnected) from.insertBefore(card, next);
    });

    /* The list: how many are ticked, and the whole page with one tick. */
    const count = (form) => {
        const ticked = form.querySelectorAll("input[name=id]:checked").length;
        const all = form.querySelector("[data-bulk-all]");
        const bar = form.querySelector(".bulk-bar");
        const isOn = Boolean(ticked || all?.checked);
        bar.classList.toggle("bulk-bar-idle", !isOn);
        bar.classList.toggle("bulk-bar-on", isOn);
        form.querySelector("[data-bulk-count]").textContent = all?.checked ? "With all that match:" : `With the ${ticked} ticked:`;
        const page = form.querySelector("[data-bulk-page] input");
        page.checked = ticked > 0 && ticked === form.querySelectorAll("input[name=id]").length;
    };
    const begin = () => document.querySelectorAll("form[data-bulk]").forEach((form) => {
        form.querySelector("[data-bulk-page]").hidden = false;
        count(form);
    });
    document.addEventListener("change", (event) => {
        const form = event.target.closest?.("form[data-bulk]");
        if (!form) return;
        if (event.target.closest("[data-bulk-page]")) form.querySelectorAll("input[name=id]").forEach((box) => (box.checked = event.target.checked));
        count(form);
    });
    new MutationObserver(begin).observe(document.getElementById("listing-results"), { childList: true });
    begin();
})();
