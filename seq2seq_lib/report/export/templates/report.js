const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const scheme = document.getElementById("scheme");
const isDark = () => (root.dataset.scheme ? root.dataset.scheme === "dark" : dark.matches);
const label = () => { scheme.textContent = isDark() ? "Light" : "Dark"; };
scheme.addEventListener("click", () => { root.dataset.scheme = isDark() ? "light" : "dark"; label(); });
dark.addEventListener("change", label);
label();

const button = document.getElementById("code");
const cells = [...document.querySelectorAll("details.code")];
button.hidden = cells.length === 0;
button.addEventListener("click", () => {
  const open = button.getAttribute("aria-pressed") !== "true";
  cells.forEach((cell) => { cell.open = open; });
  button.setAttribute("aria-pressed", String(open));
  button.textContent = open ? "Hide code" : "Show code";
});

// on a narrow screen the contents would stand before the text for a whole page
if (matchMedia("(max-width: 40rem)").matches) document.querySelector("nav details").open = false;
