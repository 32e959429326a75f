import { app } from "../../scripts/app.js";

/**
 * A row of ours at the foot of a node, in both renderers. It is in no saved workflow and in no queued prompt. `least` and
 * `most` give its height in pixels; a row whose `most` gives none takes what room the node has.
 */
export function addRow(node, name, root, least, most = least) {
  const widget = node.addDOMWidget(name, `${name}_view`, root, {
    serialize: false,
    hideInPanel: true,
    hideOnZoom: false,
    margin: 4,
    getMinHeight: least,
    getMaxHeight: most,
    getValue: () => "",
    setValue() {},
  });
  widget.serialize = false;
  root.dataset.row = name;
  app.canvas?.setDirty(true, true); // newer front ends place a row only when they draw
  return widget;
}

/**
 * After an undo Nodes 2.0 still shows the row of the node that was there before, under the same id: ours takes its place.
 * To be called some time after the node came.
 */
export function settleRow(node, widget) {
  const root = widget?.element;
  if (!root || root.isConnected || node.graph !== app.canvas?.graph) return;
  const place = `.lg-node[data-node-id="${CSS.escape(String(node.id))}"] [data-row="${root.dataset.row}"]`;
  document.querySelector(place)?.replaceWith(root);
}

export function removeRow(node, widget) {
  if (!node.widgets?.includes(widget)) return;
  node.removeWidget(widget);
  app.canvas?.setDirty(true, true);
}

/** Calls `after` whenever the node's or widget's own method of that name has run. */
export function follow(target, method, after) {
  const before = target[method];
  target[method] = function (...given) {
    const answer = before?.apply(this, given);
    after(...given);
    return answer;
  };
}

/** What the front end kept of the node's last run, under our key, as a list; it is back after a tab switch and an undo. */
export function lastOutputs(node, key) {
  const graph = node.graph;
  const place = graph && !graph.isRootGraph && graph.id ? `${graph.id}:${node.id}` : String(node.id);
  return app.nodeOutputs?.[place]?.[key] ?? [];
}

/** Whether an event's list of ids has the node; inside a subgraph an id is "7:1". */
export function hasNode(ids, node) {
  return (ids ?? []).some((id) => String(id) === String(node.id) || String(id).endsWith(`:${node.id}`));
}
