// Nothing needs this file: it copies citations, and remembers the text size.
const large = document.getElementById("large");
if (large) {
  try { large.checked = localStorage.getItem("large") === "1"; } catch { /* blocked: not remembered */ }
  large.addEventListener("change", () => {
    try { localStorage.setItem("large", large.checked ? "1" : "0"); } catch { /* the same */ }
  });
}
// Without a public URL in the settings, the service does not know its host; the browser does.
for (const link of document.querySelectorAll("a.here")) link.textContent = link.href;
for (const host of document.querySelectorAll(".host")) host.textContent = document.querySelector(".home").href.replace(/\/(\?.*)?$/, "");
for (const button of document.querySelectorAll("button[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent.trim());
      button.textContent = button.dataset.done;
    } catch { getSelection().selectAllChildren(text); }
  });
}
