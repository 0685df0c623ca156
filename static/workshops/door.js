/* Check-in: a tap is written down on this phone first, shown at once, and sent as soon as there is a connection.
   Every tap carries the moment it was made, so it may arrive late and twice. */
(() => {
    const { door, page } = document.body.dataset;
    const list = document.querySelector("[data-list]");
    const search = document.querySelector("#q");
    const status = document.querySelector("[data-status]");
    const asks = document.querySelector("[data-asks]");
    const walkIn = document.querySelector("[data-walk-in]");
    const LOOK_EVERY = 4000;
    const PATIENCE = 8000;
    const TAPS = `door:${door}:tap:`;
    const KEPT = `door:${page}`;
    let standing = list.innerHTML; // as the office last said
    let shown = "";
    let trouble = ""; // "", "offline" or "login"
    let isBusy = false;
    let isAsked = false;
    let isPressed = false; // a finger or a key is down on the list
    let carried = ""; // what the search gave to the form below

    document.body.classList.add("has-scripts");

    /* The store: one entry for each tap, so that two windows never write over one another. */
    const all = () => Object.keys(localStorage).filter((name) => name.startsWith(TAPS)).sort();
    const taps = () => all().map((name) => ({ ...JSON.parse(localStorage.getItem(name)), stored: name }));
    const keep = ({ stored, ...tap }) => localStorage.setItem(stored, JSON.stringify(tap));
    const drop = (tap) => localStorage.removeItem(tap.stored);
    const held = (tap) => Boolean(tap.asks || tap.failed); // waits for a word, not for a connection

    function now() {
        const clock = Date.now() + Number(localStorage.getItem("door:clock") || 0);
        const moment = Math.max(Math.round(clock), Number(localStorage.getItem("door:last") || 0) + 1);
        localStorage.setItem("door:last", moment);
        return moment;
    }

    function newKey() {
        return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }

    function tap(what) {
        const said = { ...what, key: newKey(), at: now() };
        keep({ ...said, stored: `${TAPS}${said.at}:${said.key}` });
        show();
        send();
    }

    /* What is shown: what the office said, and on top of it what has not been sent yet. */
    const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const rowOf = (pk) => list.querySelector(`[data-registration="${pk}"]`);

    function turn(row, hasCome) {
        row.dataset.came = hasCome ? "yes" : "no";
        row.dataset.kept = "";
        const button = row.querySelector("button.tap");
        button?.setAttribute("aria-pressed", hasCome);
        if (button) button.value = hasCome ? "undo" : "came";
    }

    function newRow(name, about) {
        const row = document.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
        row.querySelector("[data-who]").textContent = name;
        row.querySelector("[data-about]").textContent = about;
        const after = [...list.querySelectorAll("[data-rows] > li")].find(
            (each) => plain(each.querySelector("[data-who]").textContent) > plain(name),
        );
        list.querySelector("[data-rows]").insertBefore(row, after || null);
        return row;
    }

    function takeSeat() {
        const seats = list.querySelector("[data-free]");
        seats.dataset.free = Math.max(0, seats.dataset.free - 1);
    }

    const deeds = {
        came: (said) => rowOf(said.registration) && turn(rowOf(said.registration), true),
        undo(said) {
            const row = rowOf(said.registration);
            if (row && "isWalkIn" in row.dataset) row.remove();
            else if (row) turn(row, false);
        },
        seat(said) {
            const old = rowOf(said.registration);
            if (!old || !("waits" in old.dataset)) return;
            const row = newRow(old.querySelector("[data-who]").textContent, "");
            row.dataset.registration = said.registration;
            row.querySelector("[name=registration]").value = said.registration;
            turn(row, false);
            old.remove();
            takeSeat();
        },
        walk_in(said) {
            const row = newRow(said.name, "at the door");
            row.dataset.registration = said.key;
            row.querySelector("[name=registration]").value = said.key;
            turn(row, true);
            takeSeat();
        },
    };

    function show() {
        const waiting = taps();
        const picture = JSON.stringify([standing, waiting]);
        if (picture !== shown && !isPressed) {
            const focused = document.activeElement?.closest("[data-registration]")?.dataset.registration;
            list.innerHTML = standing;
            for (const said of waiting.filter((each) => !held(each))) deeds[said.do](said);
            count();
            ask(waiting.filter(held));
            if (focused) rowOf(focused)?.querySelector("button")?.focus();
            shown = picture;
        }
        sift();
        say(waiting.filter((each) => !held(each)).length);
    }

    function count() {
        const rows = [...list.querySelectorAll("[data-rows] > li")];
        const { free, seats } = list.querySelector("[data-free]").dataset;
        list.querySelector("[data-came-count]").textContent = rows.filter((row) => row.dataset.came === "yes").length;
        list.querySelector("[data-all-count]").textContent = rows.length;
        const words = free > 0 ? `${free} seat${free === "1" ? "" : "s"} free` : `all ${seats} seats taken`;
        list.querySelector("[data-free-words]").textContent = words;
    }

    function sift() {
        const words = plain(search.value).split(/\s+/).filter(Boolean);
        let found = 0;
        for (const row of list.querySelectorAll(".row")) {
            const name = plain(row.querySelector("[data-who]").textContent);
            row.hidden = !words.every((word) => name.includes(word));
            found += !row.hidden;
        }
        const line = list.querySelector("[data-waiting]");
        if (line) line.hidden = !line.querySelector(".row:not([hidden])");
        const none = list.querySelector("[data-none]");
        none.hidden = found > 0;
        const end = list.querySelector(".close"); // not under the thumb of who is putting somebody in
        if (end) end.hidden = words.length > 0;
        if (words.length) none.textContent = "Nobody by this name is on the list. Put them on it below.";
    }

    /* Who was looked for and is not there is named in the form below, and never over what was typed there. */
    function carry() {
        const name = walkIn?.elements.namedItem("name");
        if (!name || name.value !== carried) return;
        carried = list.querySelector(".row:not([hidden])") ? "" : named(search.value.trim());
        name.value = carried;
    }

    const named = (words) => (words === words.toLowerCase() ? words.replace(/(?<!\S)\S/gu, (letter) => letter.toUpperCase()) : words);

    function say(waiting) {
        const them = `${waiting} tap${waiting === 1 ? " waits" : "s wait"}`;
        let words = "";
        if (trouble === "login") words = waiting ? `You were logged out. ${them} here until you log in.` : "You were logged out.";
        else if (waiting && trouble) words = `${them} for a connection. Nothing is lost, go on.`;
        else if (trouble) words = "No connection. Go on: what you tap is kept and sent later.";
        if (status.dataset.said !== words) {
            status.dataset.said = words;
            status.textContent = words;
            if (trouble === "login") {
                const link = document.createElement("a");
                link.href = `/admin/login/?next=${encodeURIComponent(page)}`;
                link.textContent = "Log in";
                status.append(" ", link);
            }
            status.hidden = !words;
        }
        document.querySelectorAll("[data-leaves] button").forEach((button) => (button.disabled = Boolean(trouble)));
    }

    /* What needs a word: a seat to be added, or something that could not be done. */
    function ask(waiting) {
        asks.replaceChildren(
            ...waiting.map((said) => {
                const box = document.querySelector("[data-ask]").content.firstElementChild.cloneNode(true);
                const who = said.name || "them";
                box.querySelector("p").textContent = said.failed
                    ? `${said.name ? `${said.name}: ` : ""}${said.failed}`
                    : `${said.asks} Add one more seat for ${who}? The room must hold it.`;
                box.querySelector("[data-yes]").hidden = Boolean(said.failed);
                if (said.failed) box.querySelector("[data-no]").textContent = "All right";
                box.querySelector("[data-yes]").addEventListener("click", () => {
                    const { asks: _asked, ...agreed } = said;
                    keep({ ...agreed, add_seat: true });
                    show();
                    send();
                });
                box.querySelector("[data-no]").addEventListener("click", () => {
                    drop(said);
                    show();
                });
                return box;
            }),
        );
    }

    /* To the office and back: one request at a time, the oldest tap first. */
    async function request(path, options = {}) {
        const before = Date.now();
        const answer = await fetch(`${page}${path}`, {
            redirect: "manual",
            cache: "no-store",
            signal: AbortSignal.timeout(PATIENCE),
            ...options,
        });
        if (answer.type === "opaqueredirect" || answer.status === 403) return { trouble: "login" };
        if (!answer.ok) return { trouble: "offline" };
        const said = await answer.json();
        localStorage.setItem("door:clock", Math.round(said.now - (before + Date.now()) / 2));
        return said;
    }

    const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? "";

    function settle(sent, results) {
        for (const said of sent) {
            const { said: outcome, sentence } = results[said.key] ?? {};
            if (outcome === "full") keep({ ...said, asks: sentence });
            else if (outcome === "refused") keep({ ...said, failed: sentence });
            else if (outcome === "done") drop(said);
        }
    }

    async function look() {
        const sent = taps().filter((each) => !held(each)).slice(0, 100);
        const body = JSON.stringify({ taps: sent.map(({ stored, ...said }) => said) });
        const headers = { "X-CSRFToken": cookie("csrftoken"), "Content-Type": "application/json" };
        const said = await (sent.length ? request("taps/", { method: "POST", headers, body }) : request("list/"));
        trouble = said.trouble ?? "";
        if (trouble === "login") window.caches?.delete(KEPT); // whoever has this phone now sees no names
        if (trouble) return;
        if (sent.length) settle(sent, said.results);
        standing = said.list;
        if (window.caches) (await caches.open(KEPT)).put(`${page}list/`, new Response(standing));
    }

    async function send() {
        isAsked = true;
        if (isBusy) return;
        isBusy = true;
        while (isAsked) {
            isAsked = false;
            try {
                await look();
            } catch (problem) {
                trouble = "offline"; // no connection, or none worth the name
            }
            show();
        }
        isBusy = false;
    }

    /* A button that is drawn anew under the thumb would never be pressed: the news can wait until it is lifted. */
    const press = () => (isPressed = true);
    const lift = () => {
        isPressed = false;
        setTimeout(show); // after the click that this ends
    };
    list.addEventListener("pointerdown", press);
    list.addEventListener("keydown", (event) => event.key === " " && press());
    for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(end, () => isPressed && lift());

    /* What the thumb does. */
    list.addEventListener("submit", (event) => {
        const form = event.target;
        if ("leaves" in form.dataset) {
            if (!form.querySelector("[name=csrfmiddlewaretoken]")) {
                const token = Object.assign(document.createElement("input"), { type: "hidden", name: "csrfmiddlewaretoken" });
                token.value = cookie("csrftoken");
                form.append(token);
            }
            return;
        }
        event.preventDefault();
        const { registration } = form.closest("[data-registration]").dataset;
        const name = form.querySelector("[data-who]").textContent;
        const unsent = taps().find((each) => each.key === registration);
        const deed = event.submitter.value;
        if (unsent) {
            drop(unsent); // somebody put in a moment ago, and taken off again before anybody else knew
            show();
        } else if (deed === "seat") {
            inRoom({ do: "seat", registration, name });
        } else {
            tap({ do: deed, registration, name });
        }
    });

    function inRoom(what) {
        const { free, seats } = list.querySelector("[data-free]").dataset;
        tap(free > 0 ? what : { ...what, asks: `All ${seats} seats are taken.` });
    }

    walkIn?.addEventListener("submit", (event) => {
        event.preventDefault();
        const [name, email] = ["name", "email"].map((field) => walkIn.elements.namedItem(field));
        const who = { name: name.value.trim(), email: email.value.trim() };
        if (!who.name) return;
        search.value = name.value = email.value = carried = "";
        inRoom({ do: "walk_in", ...who });
        name.focus();
    });
    document.querySelector(".search").addEventListener("submit", (event) => {
        event.preventDefault();
        if (search.value.trim() && !list.querySelector(".row:not([hidden])")) walkIn?.elements.namedItem("name").focus();
    });
    search.addEventListener("input", () => {
        sift();
        carry();
        scrollTo(0, 0);
    });

    /* Searched before this script was there: with a poor connection the page comes from the phone and knows nothing of it. */
    function takeUp() {
        search.value ||= new URLSearchParams(location.search).get("q") ?? "";
        if (search.value) history.replaceState(null, "", page);
        carried = walkIn?.elements.namedItem("name").value === named(search.value) ? named(search.value) : "";
    }

    async function begin() {
        const old = window.caches && (await caches.match(`${page}list/`, { cacheName: KEPT }));
        await send();
        if (trouble && old) {
            standing = await old.text(); // newer than the page that was kept
            show();
        }
        carry();
        navigator.serviceWorker?.register(`${page}worker.js`).catch(() => {}); // without it the page needs a connection to open
    }

    takeUp();
    show();
    begin();
    setInterval(() => document.visibilityState === "visible" && send(), LOOK_EVERY);
    addEventListener("online", send);
    addEventListener("offline", send);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
    addEventListener("storage", show);
})();
