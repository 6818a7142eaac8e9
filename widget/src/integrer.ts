// The page that writes the line to embed. It is built with nodes and texts, like the rest.
const form = document.querySelector("form") as HTMLFormElement;
const code = document.querySelector("#line") as HTMLElement;
const done = document.querySelector("[role=status]") as HTMLElement;
const quoted = (text: string): string => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

/** Writes the line for what the form says. */
function write(): void {
  const given = [...new FormData(form)].filter(([, value]) => value)
    .map(([name, value]) => ` data-${name}="${quoted(String(value))}"`).join("");
  code.textContent = `<script src="${location.origin}/boussole.js"${given} defer></script>`;
  done.textContent = "";
}

form.addEventListener("input", write);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  navigator.clipboard.writeText(code.textContent ?? "").then(
    () => { done.textContent = "La ligne est copiée."; },
    () => { done.textContent = "Le navigateur n’a pas voulu copier : sélectionnez la ligne à la main."; },
  );
});
write();
