import { element, write } from "./element.js";
import { say } from "./words.js";

let count = 0;

/**
 * A button that opens what was passed over, and why. The list lies over the page, so that no node grows; Escape and a
 * click elsewhere close it. `label` says its own words again, which may have come by then in another language.
 */
export function alternatives() {
  const list = element("ul");
  const whole = element("p", { dir: "auto" });
  const id = `switchyard-alternatives-${(count += 1)}`;
  const [why, passedOver] = [1, 2].map(() => element("h3", { dir: "auto" }));
  const panel = element("div", { id, popover: "auto", class: "switchyard-panel", role: "dialog" }, why, whole, passedOver, list);
  const button = element("button", { type: "button", class: "switchyard-why", popovertarget: id, dir: "auto" });
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
    const lines = passed.length ? passed : [say("Nothing: the first choice was there.")];
    list.replaceChildren(...lines.map((line) => element("li", { dir: "auto" }, line)));
    button.hidden = !reason;
    if (!reason && panel.matches(":popover-open")) panel.hidePopover();
  };
  const label = () => {
    write(why, say("Why this route"));
    write(passedOver, say("Passed over"));
    write(button, say("Why?"));
    panel.setAttribute("aria-label", say("Why this route"));
    button.setAttribute("aria-label", say("Why this route, and what was passed over"));
  };
  label();
  show("", []);
  return { button, panel, show, label };
}

function place(panel, button) {
  const at = button.getBoundingClientRect();
  const left = Math.min(at.left, window.innerWidth - panel.offsetWidth - 8);
  const below = at.bottom + 6 + panel.offsetHeight < window.innerHeight;
  panel.style.left = `${Math.max(8, left)}px`;
  panel.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - 6 - panel.offsetHeight)}px`;
}
