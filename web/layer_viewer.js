import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { element, write } from "./element.js";
import { LayerList } from "./layer_list.js";
import { moved, readPicks, stack, writePicks } from "./layer_picks.js";
import { addRow, follow, lastOutputs, removeRow, settleRow } from "./node_row.js";
import { isLinked } from "./node_values.js";
import { setting } from "./settings.js";
import { say } from "./words.js";

const KEY = "switchyard_layers"; // of the node's output
const SIDE = 768; // pixels of the composite's longer side, as nodes/layer_preview.py makes the pictures
const EMPTY = 34; // pixels in height while there is nothing to show
const FULL = 380;
const LATER = 300; // milliseconds after which the front end has put outputs back
const PREVIEW = "$$canvas-image-preview"; // the front end's widget
const CHANGES = ["captureCanvasState", "checkState"]; // of the front end's undo, by its age
// Every other blend mode has the name that a canvas has for it.
const BLENDS = { normal: "source-over", add: "lighter" };

export const LAYERED = ["SwitchyardSaveLayers"];

/** The layers of the node's last run, put together as they are picked; what is picked goes into the node's own widget. */
export class LayerViewer {
  #node;
  #row;
  #parts = parts(() => this.#choose(""));
  #list;
  #layers = []; // {facts, picture}
  #before = null; // the choices before a solo
  #shown; // the picks that are drawn
  #timer = 0;
  #undo = []; // what takes the listeners away; empty while the node is on no canvas

  constructor(node) {
    this.#node = node;
    this.#list = new LayerList({
      show: (index, show) => this.#change(index, { show }),
      fade: (index, opacity, done) => this.#change(index, { opacity }, done),
      move: (index, step) => this.#keep(moved(this.#choices, index, step)),
      solo: (index) => this.#solo(index),
    });
    this.#parts.stage.after(this.#list.root);
    if (setting("Layers")) this.#begin();
    follow(node, "onExecuted", (output) => output?.[KEY] && this.#take(output[KEY]));
    for (const method of ["onConfigure", "onConnectionsChange"]) follow(node, method, () => this.#later());
  }

  /** The node is on a canvas now. */
  begin() {
    this.end();
    const heard = () => this.#later(); // undo
    api.addEventListener("graphChanged", heard);
    this.#undo.push(() => api.removeEventListener("graphChanged", heard));
    this.#later();
  }

  /** A setting has changed, or the page's words. */
  renew() {
    this.#parts.label();
    this.#list.fill(this.#layers);
    this.#shown = undefined;
    if (setting("Layers") && !this.#row) this.#begin();
    else if (!setting("Layers") && this.#row) {
      removeRow(this.#node, this.#row);
      this.#row = undefined;
      this.#hide(false);
    }
    this.#show();
    this.#later();
  }

  /** The front end has put back what it kept of an earlier run. */
  restored() {
    this.#later();
  }

  end() {
    clearTimeout(this.#timer);
    for (const undo of this.#undo.splice(0)) undo();
  }

  get #widget() {
    return this.#node.widgets?.find((widget) => widget.name === "picks");
  }

  get #picks() {
    return String(this.#widget?.value ?? "");
  }

  get #choices() {
    return readPicks(this.#picks, this.#layers.length) ?? readPicks("", this.#layers.length);
  }

  #begin() {
    const height = () => (this.#layers.length ? FULL : EMPTY);
    this.#row = addRow(this.#node, "switchyard_layers", this.#parts.root, height, () => undefined);
    this.#hide(true);
    this.#show();
  }

  /** The viewer writes `picks`, and shows the layers together: neither is needed twice. */
  #hide(hidden) {
    const widget = this.#widget;
    if (widget) {
      widget.hidden = hidden;
      if (widget.options) widget.options.hidden = hidden;
    }
    this.#node.hideOutputImages = hidden;
    this.#quiet(hidden);
  }

  /** The canvas renderer shows a run's own picture below: whatever it finds in the node's `imgs`, which it fills by itself. */
  #quiet(hidden) {
    const node = this.#node;
    if (hidden) Object.defineProperty(node, "imgs", { configurable: true, get: () => undefined, set() {} });
    else {
      delete node.imgs;
      node.images = undefined; // then it fills them anew
    }
    const preview = node.widgets?.find(({ name }) => name === PREVIEW);
    if (hidden && preview) node.removeWidget(preview);
  }

  #later() {
    clearTimeout(this.#timer);
    if (!this.#row || !this.#undo.length) return;
    this.#timer = setTimeout(() => {
      settleRow(this.#node, this.#row);
      if (!this.#layers.length) this.#take(lastOutputs(this.#node, KEY));
      this.#show();
    }, LATER);
  }

  #take(layers) {
    if (!layers.length || !this.#row) return;
    const grown = !this.#layers.length;
    this.#layers = layers.map((facts) => ({ facts, picture: picture(facts, () => this.#draw()) }));
    this.#before = null;
    this.#shown = undefined;
    this.#list.fill(this.#layers);
    this.#show();
    const [width, height] = this.#node.size;
    if (grown) this.#node.setSize?.([Math.max(width, 340), Math.max(height, this.#node.computeSize?.()[1] ?? height)]);
    app.canvas?.setDirty(true, true);
  }

  #change(index, change, done = true) {
    this.#before = null;
    this.#keep(this.#choices.map((chosen, layer) => (layer === index ? { ...chosen, ...change } : chosen)), done);
  }

  /** Only this layer; once more: as it was before. */
  #solo(index) {
    const choices = this.#choices;
    const alone = choices.every(({ show }, layer) => show === (layer === index));
    const before = this.#before ?? choices.map(() => true);
    if (!alone) this.#before = choices.map(({ show }) => show);
    this.#keep(choices.map((chosen, layer) => ({ ...chosen, show: alone ? before[layer] : layer === index })));
    if (alone) this.#before = null;
  }

  #keep(choices, done = true) {
    this.#choose(writePicks(choices), done);
  }

  /** done: false while a slider is being moved, which is one change for undo. */
  #choose(picks, done = true) {
    const widget = this.#widget;
    if (!widget || isLinked(this.#node, "picks")) return;
    widget.value = picks;
    widget.callback?.(picks);
    this.#show();
    if (!done) return;
    const tracker = app.extensionManager?.workflow?.activeWorkflow?.changeTracker;
    const capture = CHANGES.find((name) => typeof tracker?.[name] === "function");
    if (capture) tracker[capture]();
  }

  #show() {
    if (!this.#row) return;
    const { root, count, reset, note } = this.#parts;
    const linked = isLinked(this.#node, "picks");
    const picks = this.#picks;
    const text = JSON.stringify([picks, linked, this.#layers.length]);
    if (text === this.#shown) return;
    this.#shown = text;
    const total = this.#layers.length;
    const foreign = total > 0 && readPicks(picks, total) === undefined;
    const choices = this.#choices;
    const saved = choices.filter(({ show }) => show).length;
    root.dataset.state = total ? "ran" : "waiting";
    write(count, total ? say("{saved} of {total} layers are saved", { saved, total }) : say("Run it once to see its layers here."));
    reset.hidden = !picks || linked;
    write(note, wordOf({ linked, foreign, none: total > 0 && !saved, kept: !total && Boolean(picks) }));
    this.#list.show(choices, linked);
    this.#draw();
  }

  #draw() {
    const { canvas } = this.#parts;
    const first = this.#layers[0]?.facts.canvas;
    if (!first || !this.#row) return;
    const scale = Math.min(1, SIDE / Math.max(...first));
    const [width, height] = first.map((side) => Math.max(1, Math.round(side * scale)));
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const brush = canvas.getContext("2d");
    brush.clearRect(0, 0, width, height);
    const choices = this.#choices;
    const names = [];
    for (const index of stack(choices)) {
      const { facts, picture: drawn } = this.#layers[index];
      if (!choices[index].show || !facts.shown) continue;
      names.unshift(facts.name);
      if (!drawn?.naturalWidth) continue;
      brush.globalCompositeOperation = "source-over"; // a word that the canvas does not know leaves it
      brush.globalAlpha = (choices[index].opacity ?? facts.opacity) * facts.group;
      brush.globalCompositeOperation = BLENDS[facts.blend] ?? facts.blend;
      brush.drawImage(drawn, facts.x * scale, facts.y * scale, facts.w * scale, facts.h * scale);
    }
    canvas.setAttribute("aria-label", names.length ? say("The layers together, the highest first: {names}", { names: names.join(", ") }) : say("No layer"));
  }
}

function wordOf({ linked, foreign, none, kept }) {
  if (linked) return say("picks comes from another node: nothing can be chosen here.");
  if (foreign) return say("What was chosen belongs to other layers: reset it, or the run will refuse it.");
  if (none) return say("No layer is chosen: there is nothing to save.");
  return kept ? say("Layers were chosen in an earlier run.") : "";
}

function picture(facts, loaded) {
  if (!facts.filename) return undefined;
  const { filename, subfolder, type } = facts;
  const made = new Image();
  made.addEventListener("load", loaded);
  made.src = api.apiURL(`/view?${new URLSearchParams({ filename, subfolder, type })}`);
  return made;
}

function parts(clear) {
  const canvas = element("canvas", { class: "switchyard-composite", role: "img" });
  const stage = element("div", { class: "switchyard-stage" }, canvas);
  const count = element("span", { class: "switchyard-model", role: "status", dir: "auto" });
  const reset = element("button", { type: "button", class: "switchyard-why switchyard-end", onclick: clear });
  const bar = element("div", { class: "switchyard-head" }, count, reset);
  const note = element("p", { class: "switchyard-reason", role: "status", dir: "auto" });
  const box = element("div", { class: "switchyard-box switchyard-layers" }, bar, note, stage);
  const root = element("div", { class: "switchyard-row", role: "group", "data-capture-wheel": "true" }, box);
  root.dataset.state = "waiting";
  reset.hidden = true;
  const label = () => {
    root.setAttribute("aria-label", say("Layers"));
    canvas.setAttribute("aria-label", say("No layer"));
    write(reset, say("Reset"));
  };
  label();
  return { root, canvas, stage, count, reset, note, label };
}
