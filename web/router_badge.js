import { api } from "../../scripts/api.js";
import { alternatives } from "./alternatives.js";
import { showBranches } from "./branches.js";
import { element, write } from "./element.js";
import { addRow, follow, hasNode, lastOutputs, removeRow, settleRow } from "./node_row.js";
import { Question } from "./question.js";
import { routerChanged, routerRequest } from "./router_request.js";
import { setting } from "./settings.js";
import { apart, phrase, say } from "./words.js";

const KEY = "switchyard_route"; // of the node's output
const TRACKS = ["qwen_local", "flux_local", "qwen_remote", "flux_remote", "layers_local", "layers_remote"];
const HEIGHT = 66;
const STATES = {
  preview: phrase("Preview"),
  ran: phrase("Ran"),
  earlier: phrase("Last run"),
  later: phrase("Decided at run time"),
  refused: phrase("No route"),
  trouble: phrase("No preview"),
};

/** What the Prompt Router shows of its decision: while a person types, and after a run. */
export class RouterBadge {
  #node;
  #row;
  #parts = parts();
  #question;
  #undo = []; // what takes the listeners away; empty while the node is on no canvas
  #facts = null; // of the latest preview
  #ran = null; // facts of the last run, of its first prompt where it had a list of them
  #others = []; // facts of the other prompts of that run
  #later; // why only a run can tell, where it is so
  #shown = "";

  constructor(node) {
    this.#node = node;
    this.#question = new Question("/switchyard/route", () => this.#gather(), (answer) => this.#answered(answer));
    if (setting("Badge")) this.#row = addRow(node, "switchyard_route", this.#parts.root, () => HEIGHT);
    for (const widget of node.widgets ?? []) if (widget !== this.#row) follow(widget, "callback", () => this.#typed());
    for (const method of ["onConfigure", "onConnectionsChange"]) follow(node, method, () => this.soon());
    follow(node, "onExecuted", (output) => this.#hasRun(output?.[KEY] ?? []));
  }

  /** The node is on a canvas now: the copies that the front end makes of a node never are. */
  begin() {
    this.end();
    this.#listen("graphChanged", () => this.soon()); // upstream edits, undo, paste
    this.#listen("execution_cached", (event) => this.#cached(event.detail?.nodes));
    this.soon();
  }

  #typed() {
    this.soon();
    if (this.#undo.length) routerChanged();
  }

  /** Asks again once typing pauses. */
  soon() {
    if (this.#undo.length) this.#question.soon();
  }

  /** A setting has changed, or the page's words. */
  renew() {
    this.#parts.label();
    if (setting("Badge") && !this.#row) {
      this.#row = addRow(this.#node, "switchyard_route", this.#parts.root, () => HEIGHT);
    } else if (!setting("Badge") && this.#row) {
      removeRow(this.#node, this.#row);
      this.#row = undefined;
    }
    this.#later = undefined;
    this.#shown = "";
    if (this.#undo.length) this.#question.anew();
  }

  /** The front end has put back what it kept of an earlier run: when it shows a workflow again, some time after its nodes. */
  restored() {
    if (this.#ran || !this.#undo.length) return;
    this.#recall();
    if (!this.#ran) return;
    if (this.#facts) this.#answered(this.#facts);
    else if (this.#later !== undefined) this.#answered({ later: this.#later });
    else this.soon();
  }

  #recall() {
    [this.#ran = null, ...this.#others] = decisions(lastOutputs(this.#node, KEY));
  }

  end() {
    this.#question.end();
    for (const undo of this.#undo.splice(0)) undo();
    showBranches(this.#node, "", TRACKS);
  }

  #listen(name, heard) {
    api.addEventListener(name, heard);
    this.#undo.push(() => api.removeEventListener(name, heard));
  }

  async #gather() {
    if (!this.#node.graph) return undefined;
    settleRow(this.#node, this.#row);
    if (!this.#ran) this.#recall();
    if (setting("Badge") || setting("Dim")) {
      if (setting("Preview")) return { ...(await routerRequest(this.#node)) };
      this.#show(this.#ran ?? { later: say("the preview is switched off") }, this.#ran ? "earlier" : "later");
    }
    return undefined;
  }

  #answered(answer) {
    this.#facts = answer.track ? answer : null;
    this.#later = answer.later;
    if (answer.track) return this.#show(answer, answer.key === this.#ran?.key ? "ran" : "preview");
    if (answer.later !== undefined && this.#ran) return this.#show(this.#ran, "earlier");
    const state = ["later", "refused", "trouble"].find((name) => answer[name] !== undefined) ?? "trouble";
    this.#show({ reason: answer[state] }, state);
  }

  #hasRun(routes) {
    const [facts, ...others] = decisions(routes);
    if (!facts) return;
    this.#ran = facts;
    this.#others = others;
    if (this.#later !== undefined || !setting("Preview")) return this.#show(facts, "earlier");
    this.#show(facts, !this.#facts || this.#facts.key === facts.key ? "ran" : "preview");
  }

  /** ComfyUI took the router from its cache and says nothing more of it: the decision is the one that is previewed. */
  #cached(ids) {
    if (this.#facts && hasNode(ids, this.#node)) this.#hasRun([this.#facts]);
  }

  #show(facts, state) {
    const { root, track, model, price, sure, reason, status, more } = this.#parts;
    const others = facts === this.#ran || (state === "ran" && facts.key === this.#ran?.key) ? this.#others : [];
    const text = JSON.stringify([facts, others, state, this.#later, setting("Dim")]);
    if (text === this.#shown) return;
    this.#shown = text;
    const decided = Boolean(facts.track);
    root.dataset.state = state;
    const named = say(STATES[state]);
    write(track, decided ? `→ ${facts.track}` : named);
    write(model, decided ? (facts.name ?? facts.model ?? "") : "");
    write(price, decided ? facts.price : "");
    write(sure, sureness(facts.confidence));
    const word = decided ? `${named}: ` : "";
    const why = facts.reason ?? facts.later ?? "";
    const anew = state === "earlier" && this.#later ? ` (${say("decided anew at run time: {why}", { why: this.#later })})` : "";
    const list = others.length ? say("and {count} more ({models})", { count: others.length, models: counted(others) }) : "";
    write(reason, `${word}${list && `${list}; `}${word ? apart(why) : why}${anew}`);
    reason.title = reason.textContent;
    write(status, decided ? `${named}: ${facts.track}, ${facts.name ?? facts.model}, ${facts.price}${list && `, ${list}`}` : reason.textContent);
    more.show(decided ? [facts.reason, list && `${list}.`].filter(Boolean).join(" ") : "", facts.passed_over ?? []);
    const one = others.every(({ track }) => track === facts.track); // a list may run several branches
    showBranches(this.#node, decided && one && setting("Dim") && state !== "earlier" ? facts.track : "", TRACKS);
  }
}

const decisions = (routes) => routes.filter((facts) => facts?.track);

/** "3 × FLUX.2 pro, 1 × Qwen-Image", the most frequent first. */
function counted(routes) {
  const counts = new Map();
  for (const { name, model } of routes) counts.set(name ?? model ?? "", (counts.get(name ?? model ?? "") ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]).map(([name, count]) => `${count} × ${name}`).join(", ");
}

/** `confidence` is a share of 1, as a number or a text; nothing where the reader of prompts gives none. */
function sureness(confidence) {
  const share = Number(confidence || NaN);
  return Number.isFinite(share) ? say("{share} % sure", { share: Math.floor(share * 100) }) : "";
}

function parts() {
  const span = (name) => element("span", { class: `switchyard-${name}`, dir: "auto" });
  const [track, model, price, sure] = ["track", "model", "price", "sure"].map(span);
  const reason = element("p", { class: "switchyard-reason", dir: "auto" });
  const status = element("span", { class: "switchyard-unseen", role: "status" });
  const more = alternatives();
  const head = element("div", { class: "switchyard-head" }, track, model, sure, price, more.button);
  const inside = element("div", { class: "switchyard-box" }, head, reason, status, more.panel);
  const root = element("div", { class: "switchyard-row", role: "group" }, inside);
  root.dataset.state = "waiting";
  const label = () => {
    root.setAttribute("aria-label", say("Route"));
    more.label();
  };
  label();
  return { root, track, model, price, sure, reason, status, more, label };
}
