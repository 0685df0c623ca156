/* Choosing a topic fills in what nobody has typed yet. Without this script the same happens when the form is saved. */
(() => {
  const field = (name) => document.getElementById(`id_${name}`);
  const filled = new Map();

  const isFree = (input) => {
    const untouched = input.tagName === "SELECT" || input.type === "number" ? input.dataset.typed !== "yes" : input.value === "";
    return untouched || filled.get(input) === input.value;
  };

  const put = (input, value) => {
    if (!input || value === "" || !isFree(input)) return false;
    input.value = value;
    filled.set(input, input.value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    delete input.dataset.typed;
    return true;
  };

  const endOf = (starts, minutes) => {
    const [hour, minute] = starts.split(":").map(Number);
    const end = (hour * 60 + minute + minutes) % 1440;
    return `${String(Math.floor(end / 60)).padStart(2, "0")}:${String(end % 60).padStart(2, "0")}`;
  };

  const say = (topic, words) => {
    let note = document.getElementById("topic-filled");
    if (!note) {
      note = document.createElement("p");
      note.id = "topic-filled";
      note.setAttribute("role", "status");
      topic.closest(".w-field")?.append(note);
    }
    note.textContent = words;
  };

  let minutes = 0;
  const putEnd = () => {
    if (minutes && field("starts")?.value) put(field("ends"), endOf(field("starts").value, minutes));
  };

  const fill = async (topic) => {
    if (!topic.value) return;
    const answer = await fetch(topic.dataset.words.replace("/0/", `/${topic.value}/`), { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const words = await answer.json();
    const names = ["title", "audience", "summary", "description", "bring", "capacity"];
    const count = names.filter((name) => put(field(name), String(words[name]))).length;
    minutes = words.minutes;
    putEnd();
    say(topic, count ? "Filled in from the topic. Change what you like." : "What you typed was kept.");
  };

  document.addEventListener("input", (event) => {
    if (event.isTrusted && event.target.id) event.target.dataset.typed = "yes";
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "id_topic") fill(event.target);
    if (event.target.id === "id_starts") putEnd();
  });
})();
