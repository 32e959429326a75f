import { app } from "../../scripts/app.js";

/** A row of ours at the foot of a node, in both renderers. It is in no saved workflow and in no queued prompt. */
export function addRow(node, name, root, height) {
  const widget = node.addDOMWidget(name, `${name}_view`, root, {
    serialize: false,
    hideInPanel: true,
    hideOnZoom: false,
    margin: 4,
    getMinHeight: () => height,
    getMaxHeight: () => height,
    getValue: () => "",
    setValue() {},
  });
  widget.serialize = false;
  return widget;
}

export function removeRow(node, widget) {
  const place = node.widgets?.indexOf(widget) ?? -1;
  if (place < 0) return;
  widget.onRemove?.();
  node.widgets.splice(place, 1);
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

/** What the front end kept of the node's last run, under our key; it is back after a tab switch and an undo. */
export function lastOutput(node, key) {
  const graph = node.graph;
  const place = graph && !graph.isRootGraph && graph.id ? `${graph.id}:${node.id}` : String(node.id);
  return app.nodeOutputs?.[place]?.[key]?.[0];
}

/** Whether an event's list of ids has the node; inside a subgraph an id is "7:1". */
export function hasNode(ids, node) {
  return (ids ?? []).some((id) => String(id) === String(node.id) || String(id).endsWith(`:${node.id}`));
}
