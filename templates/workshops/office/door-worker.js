{% load static %}/* Keeps the page of one door on this phone, so that it opens without a connection. Nothing else is kept. */
const PAGE = "{{ page }}";
const PARTS = ["{% static 'workshops/door.css' %}", "{% static 'workshops/door.js' %}", "{% static 'office/mark.svg' %}"];
const STORE = `door:${PAGE}`;
const PATIENCE = 4000; // a bad connection may take for ever to fail

addEventListener("install", (event) => {
    skipWaiting();
    event.waitUntil(caches.open(STORE).then((store) => store.addAll([PAGE, ...PARTS])));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

async function fresh(request, name) {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    const store = await caches.open(STORE);
    if (answer.ok && !answer.redirected && !new URL(request.url).search) await store.put(name, answer.clone());
    else if (name === PAGE && answer.type === "opaqueredirect") await caches.delete(STORE); // logged out: names stay with us
    return answer;
}

async function answer(request, name) {
    const come = fresh(request, name);
    const got = await come.catch(() => null);
    if (got && got.status < 500) return got;
    return (await (await caches.open(STORE)).match(name)) ?? come; // no connection, or nobody at its other end
}

addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET") return;
    const { origin, pathname } = new URL(request.url);
    if (origin !== location.origin) return;
    if (request.mode === "navigate" && pathname === PAGE) event.respondWith(answer(request, PAGE));
    else if (PARTS.includes(pathname)) event.respondWith(answer(request, pathname));
});
