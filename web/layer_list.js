import { element, write } from "./element.js";
import { stack } from "./layer_picks.js";
import { say } from "./words.js";

/**
 * The viewer's list of layers, the highest first, made of a page's own controls: each is reached with Tab, used with the keys
 * that such controls have everywhere, and has a name of its own for a screen reader. `on` hears what is chosen:
 * show(index, bool), fade(index, 0…1, done), move(index, ±1), solo(index).
 */
export class LayerList {
  root = element("ul", { class: "switchyard-list" });
  #on;
  #rows = [];

  constructor(on) {
    this.#on = on;
    // Else a drag of a slider would drag the node.
    for (const event of ["pointerdown", "mousedown"]) this.root.addEventListener(event, (heard) => heard.stopPropagation());
  }

  fill(layers) {
    this.root.setAttribute("aria-label", say("Layers, the highest first"));
    this.#rows = layers.map((layer, index) => this.#row(layer, index));
    this.root.replaceChildren(...this.#rows.map(({ item }) => item).reverse());
  }

  /** `locked`: nothing can be chosen. */
  show(choices, locked) {
    const order = stack(choices);
    const wanted = order.map((index) => this.#rows[index].item).reverse();
    const focused = document.activeElement;
    if (wanted.some((item, place) => this.root.children[place] !== item)) this.root.replaceChildren(...wanted);
    if (this.root.contains(focused)) focused.focus(); // moving an element takes the focus from it
    choices.forEach(({ show, opacity }, index) => {
      const { item, eye, slider, value, up, down, solo, own } = this.#rows[index];
      const place = order.indexOf(index);
      const share = Math.round((opacity ?? own) * 100);
      item.dataset.off = String(!show);
      eye.checked = show;
      if (Number(slider.value) !== share) slider.value = String(share);
      slider.setAttribute("aria-valuetext", say("{share} percent", { share }));
      write(value, `${share} %`);
      solo.setAttribute("aria-pressed", String(choices.every((other, at) => other.show === (at === index))));
      up.disabled = locked || place === order.length - 1;
      down.disabled = locked || place === 0;
      for (const control of [eye, slider, solo]) control.disabled = locked;
    });
  }

  #row({ facts, picture }, index) {
    const { name } = facts;
    const eye = element("input", { type: "checkbox", "aria-label": say("Save {name}", { name }), onchange: () => this.#on.show(index, eye.checked) });
    const slider = element("input", {
      type: "range", min: "0", max: "100", step: "1", "aria-label": say("Opacity of {name}", { name }),
      oninput: () => this.#on.fade(index, Number(slider.value) / 100, false),
      onchange: () => this.#on.fade(index, Number(slider.value) / 100, true),
    });
    const button = (text, label, press) => element("button", { type: "button", class: "switchyard-why", title: label, "aria-label": label, onclick: press }, text);
    const up = button("↑", say("Move {name} up", { name }), () => this.#on.move(index, 1));
    const down = button("↓", say("Move {name} down", { name }), () => this.#on.move(index, -1));
    const solo = button(say("Solo"), say("Only {name}", { name }), () => this.#on.solo(index));
    const value = element("span", { class: "switchyard-share", "aria-hidden": "true" });
    const mode = [facts.blend === "normal" ? "" : facts.blend, facts.shown ? "" : say("saved hidden")].filter(Boolean).join(", ");
    const title = element("bdi", { class: "switchyard-model", title: name }, mode ? `${name} (${mode})` : name);
    const item = element("li", { class: "switchyard-layer" }, eye, thumb(picture), title, slider, value, up, down, solo);
    return { item, eye, slider, value, up, down, solo, own: facts.opacity };
  }
}

function thumb(picture) {
  const made = picture ? picture.cloneNode() : element("span");
  made.className = "switchyard-thumb";
  if (picture) Object.assign(made, { alt: "", draggable: false });
  return made;
}
