import { app } from "../../scripts/app.js";
import { askFirst } from "./ask_first.js";
import { refreshBranches } from "./branches.js";
import { CallPrice, REMOTE } from "./call_price.js";
import { LAYERED, LayerViewer } from "./layer_viewer.js";
import { LOCAL, LocalNeeds } from "./local_needs.js";
import { follow } from "./node_row.js";
import { RouterBadge } from "./router_badge.js";
import { rows, setting } from "./settings.js";
import { SpendPanel } from "./spend_panel.js";
import { addStyle } from "./style.js";
import { loadWords, onWords } from "./words.js";

/**
 * What Switchyard adds to the page. All of it mirrors what the nodes and the server know: a workflow runs the same where
 * none of this is loaded. Nothing here works while no node of ours is on the canvas.
 */

const VIEWS = {
  SwitchyardPromptRouter: RouterBadge,
  ...Object.fromEntries(REMOTE.map((name) => [name, CallPrice])),
  ...Object.fromEntries(LOCAL.map((name) => [name, LocalNeeds])),
  ...Object.fromEntries(LAYERED.map((name) => [name, LayerViewer])),
};
const views = new Map(); // node -> its view, while it is on a canvas

const panel = new SpendPanel();
let shown = false; // the panel's tab

function showPanel() {
  const wanted = Boolean(setting("Spend"));
  if (wanted === shown) return;
  shown = wanted;
  if (wanted) app.extensionManager.registerSidebarTab(panel.tab);
  else app.extensionManager.unregisterSidebarTab(panel.tab.id);
}

const prices = () => [...views.values()].filter((view) => view instanceof CallPrice);

function changed(name) {
  if (name === "Spend") showPanel();
  else if (name === "AskAbove") askFirst(prices);
  else for (const view of views.values()) view.renew();
}

function reworded() {
  panel.renew();
  for (const view of views.values()) view.renew();
}

app.registerExtension({
  name: "Switchyard",
  settings: rows(changed),
  init() {
    loadWords(); // nobody waits: what is shown before they come is said again then
    app.ui?.settings?.addEventListener?.("Comfy.Locale.change", ({ detail }) => loadWords(detail?.value));
  },
  setup() {
    onWords(reworded);
    showPanel();
    askFirst(prices);
    app.canvas?.canvas?.addEventListener("litegraph:set-graph", refreshBranches);
  },
  onNodeOutputsUpdated() {
    for (const view of views.values()) view.restored?.();
  },
  nodeCreated(node) {
    const View = VIEWS[node.comfyClass];
    if (!View) return;
    addStyle();
    const view = new View(node);
    follow(node, "onAdded", () => {
      views.set(node, view);
      view.begin();
    });
    follow(node, "onRemoved", () => {
      views.delete(node);
      view.end();
    });
  },
});
