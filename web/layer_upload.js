import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { element } from "./element.js";
import { follow } from "./node_row.js";
import { onWords, say } from "./words.js";

/** A button on Load Layers: core's own takes PNG, JPEG and WebP files alone. A file may also be dropped on the node. */

const NODE = "SwitchyardLoadLayers";
const KINDS = [".psd", ".psb", ".ora"];

const buttons = new Set(); // of the nodes on a canvas

const isLayerFile = (file) => KINDS.some((kind) => file.name.toLowerCase().endsWith(kind));

/** Puts a file into ComfyUI's input folder and resolves to its name there, which differs where another had it. */
async function put(file) {
  const body = new FormData();
  body.append("image", file);
  const response = await api.fetchApi("/upload/image", { method: "POST", body });
  if (!response.ok) throw new Error(say("ComfyUI answered {status}.", { status: response.status }));
  const { name, subfolder } = await response.json();
  return subfolder ? `${subfolder}/${name}` : name;
}

async function upload(node, file) {
  const widget = node.widgets.find(({ name }) => name === "file");
  try {
    const name = await put(file);
    const { values } = widget.options;
    if (Array.isArray(values) && !values.includes(name)) widget.options.values = [...values, name];
    widget.value = name;
    widget.callback?.(name);
    node.graph?.setDirtyCanvas(true, true);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    app.extensionManager.toast.add({ severity: "error", summary: say("{name} was not uploaded", { name: file.name }), detail });
  }
}

function choose(node) {
  const input = element("input", { type: "file", accept: KINDS.join(",") });
  input.addEventListener("change", () => input.files[0] && upload(node, input.files[0]));
  input.click();
}

function label(button) {
  button.label = say("Upload a layer file");
}

app.registerExtension({
  name: "Switchyard.LayerUpload",
  setup() {
    onWords(() => buttons.forEach(label));
  },
  nodeCreated(node) {
    if (node.comfyClass !== NODE) return;
    const button = node.addWidget("button", "upload", "", () => choose(node), { serialize: false });
    button.serialize = false; // it has no value to keep in a workflow
    label(button);
    follow(node, "onAdded", () => buttons.add(button));
    follow(node, "onRemoved", () => buttons.delete(button));
    node.onDragOver = (event) => Boolean(event?.dataTransfer?.types?.includes("Files"));
    const before = node.onDragDrop;
    node.onDragDrop = function (event, ...rest) {
      const file = [...(event?.dataTransfer?.files ?? [])].find(isLayerFile);
      if (!file) return before?.call(this, event, ...rest) ?? false;
      upload(node, file);
      return true;
    };
  },
});
