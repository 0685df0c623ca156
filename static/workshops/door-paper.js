/* The button that prints; without it the browser's menu does. */
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
