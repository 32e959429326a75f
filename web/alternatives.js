import { element } from "./element.js";

let count = 0;

/**
 * A button that opens what was passed over, and why. The list lies over the page, so that no node grows; Escape and a
 * click elsewhere close it.
 */
export function alternatives() {
  const list = element("ul");
  const whole = element("p", { dir: "auto" });
  const id = `switchyard-alternatives-${(count += 1)}`;
  const panel = element(
    "div",
    { id, popover: "auto", class: "switchyard-panel", role: "dialog", "aria-label": "Why this route" },
    element("h3", {}, "Why this route"),
    whole,
    element("h3", {}, "Passed over"),
    list,
  );
  const button = element("button", { type: "button", class: "switchyard-why", popovertarget: id }, "Why?");
  button.setAttribute("aria-label", "Why this route, and what was passed over");
  panel.addEventListener("toggle", (event) => event.newState === "open" && place(panel, button));
  const escape = (event) => {
    if (event.key !== "Escape" || !panel.matches(":popover-open")) return;
    event.stopPropagation(); // ComfyUI would take it as well, and leave the subgraph
    event.preventDefault();
    panel.hidePopover();
    button.focus();
  };
  for (const part of [panel, button]) part.addEventListener("keydown", escape);

  const show = (reason, passed) => {
    whole.textContent = reason;
    const lines = passed.length ? passed : ["Nothing: the first choice was there."];
    list.replaceChildren(...lines.map((line) => element("li", { dir: "auto" }, line)));
    button.hidden = !reason;
    if (!reason && panel.matches(":popover-open")) panel.hidePopover();
  };
  show("", []);
  return { button, panel, show };
}

function place(panel, button) {
  const at = button.getBoundingClientRect();
  const left = Math.min(at.left, window.innerWidth - panel.offsetWidth - 8);
  const below = at.bottom + 6 + panel.offsetHeight < window.innerHeight;
  panel.style.left = `${Math.max(8, left)}px`;
  panel.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - 6 - panel.offsetHeight)}px`;
}
