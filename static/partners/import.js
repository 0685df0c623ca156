/* Comfort only: without this file the input works, and the page of a running import reloads by itself. */
(function () {
  "use strict";

  var drop = document.querySelector("[data-import-drop]");
  if (drop) {
    var input = drop.querySelector("input[type=file]");
    drop.querySelector("[data-import-hint]").hidden = false;
    ["dragenter", "dragover"].forEach(function (name) {
      drop.addEventListener(name, function (event) {
        event.preventDefault();
        drop.classList.add("imp-drop--over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      drop.addEventListener(name, function () {
        drop.classList.remove("imp-drop--over");
      });
    });
    drop.addEventListener("drop", function (event) {
      event.preventDefault();
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
      }
    });
  }

  function look() {
    fetch(window.location.href, { credentials: "same-origin" })
      .then(function (response) {
        return response.text();
      })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-import-work]");
        if (!fresh) {
          window.location.reload();
          return;
        }
        document.querySelector("[data-import-work]").replaceChildren(...fresh.childNodes);
        window.setTimeout(look, 1500);
      })
      .catch(function () {
        window.setTimeout(look, 5000);
      });
  }
  if (document.querySelector("[data-import-work]")) {
    window.setTimeout(look, 1500);
  }
})();
