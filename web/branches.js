import { app } from "../../scripts/app.js";
import { element } from "./element.js";
import { links } from "./node_values.js";

/**
 * Lets the branches that will not run step back: drawn so, and nothing else. Nodes, links and the workflow stay as they
 * are; what is dimmed is kept here alone.
 */

const ALPHA = 0.35;
const JOIN = "SwitchyardRouteJoin"; // runs whichever branch is chosen
const dimmed = new Map(); // router -> the nodes that it dims
const sheet = element("style");
let undraw; // gives the canvas renderer its own way of drawing back, while it asks us

/** `track` is the chosen one of `tracks`; "" shows all branches as usual. */
export function showBranches(router, track, tracks) {
  const before = dimmed.get(router);
  const now = track && router.graph ? idle(router, track, tracks) : new Set();
  if (same(before ?? new Set(), now)) return;
  if (now.size) dimmed.set(router, now);
  else dimmed.delete(router);
  refresh(new Set([...(before ?? []), ...now]));
}

/** The open graph has changed: ids of nodes are only unique within one. */
export function refreshBranches() {
  if (dimmed.size) refresh([]);
}

export function isDimmed(node) {
  for (const nodes of dimmed.values()) if (nodes.has(node)) return true;
  return false;
}

/** The nodes that do nothing when the prompt leaves on `track`: those behind the other tracks, and what only feeds them. */
function idle(router, track, tracks) {
  const outgoing = new Map();
  for (const link of links(router.graph)) {
    const from = String(link.origin_id);
    if (!outgoing.has(from)) outgoing.set(from, []);
    outgoing.get(from).push({ slot: link.origin_slot, node: router.graph.getNodeById(link.target_id) });
  }
  const after = (node) => (outgoing.get(String(node.id)) ?? []).filter((next) => next.node);
  const behind = (wanted) => {
    const found = new Set();
    const queue = after(router).filter((next) => wanted(router.outputs[next.slot]?.name));
    while (queue.length) {
      const { node } = queue.pop();
      if (found.has(node) || node === router || node.type === JOIN) continue;
      found.add(node);
      queue.push(...after(node));
    }
    return found;
  };
  const busy = behind((name) => name === track);
  const out = behind((name) => tracks.includes(name) && name !== track);
  for (const node of busy) out.delete(node);
  addFeeders(router.graph, out, after, router);
  return out;
}

function addFeeders(graph, out, after, router) {
  for (let grown = out.size > 0; grown; ) {
    grown = false;
    for (const node of graph.nodes ?? graph._nodes) {
      const next = out.has(node) || node === router ? [] : after(node);
      if (next.length && next.every(({ node: target }) => out.has(target))) grown = Boolean(out.add(node));
    }
  }
}

function refresh(touched) {
  const nodes = new Set([...dimmed.values()].flatMap((some) => [...some]));
  const open = app.canvas?.graph;
  const ids = [...nodes].filter((node) => node.graph === open).map((node) => CSS.escape(String(node.id)));
  // In Nodes 2.0 the page draws the nodes; in the canvas renderer only their text fields and our own rows.
  sheet.textContent = ids.map((id) => `.lg-node[data-node-id="${id}"]{opacity:${ALPHA}!important}`).join("\n");
  if (!sheet.isConnected) document.head.append(sheet);
  for (const node of [...touched, ...nodes]) {
    for (const widget of node.widgets ?? []) widget.element?.classList?.toggle("switchyard-dimmed", nodes.has(node));
  }
  if (nodes.size) drawThrough();
  else undraw?.();
  app.canvas?.setDirty(true, true);
}

/** The canvas renderer draws a node with the alpha that its canvas has at that moment. Asked only while a node is dimmed. */
function drawThrough() {
  const canvas = app.canvas;
  if (undraw || !canvas?.drawNode) return;
  const own = Object.hasOwn(canvas, "drawNode");
  const draw = canvas.drawNode;
  const through = function (node, ...more) {
    if (!isDimmed(node)) return draw.call(this, node, ...more);
    const alpha = this.editor_alpha;
    this.editor_alpha = alpha * ALPHA;
    try {
      return draw.call(this, node, ...more);
    } finally {
      this.editor_alpha = alpha;
    }
  };
  canvas.drawNode = through;
  undraw = () => {
    if (canvas.drawNode !== through) return; // somebody else is before us: ours does nothing meanwhile
    if (own) canvas.drawNode = draw;
    else delete canvas.drawNode;
    undraw = undefined;
  };
}

const same = (one, other) => one.size === other.size && [...one].every((node) => other.has(node));
