import { app } from "../../scripts/app.js";

/** Save Layers takes what Save Image takes in its file name: `%date:yyyy-MM-dd%`, `%KSampler.seed%`. The front end does that for core's nodes alone. */

const NODE = "SwitchyardSaveLayers";

function replaced(text) {
  // By its global name: the module that has it warns in the console when it is imported.
  const replace = window.comfyAPI?.utils?.applyTextReplacements;
  if (typeof text !== "string" || !text.includes("%") || !replace) return text;
  try {
    return replace(app, text);
  } catch {
    return text; // of a front end whose function takes something else: no reason to queue nothing
  }
}

app.registerExtension({
  name: "Switchyard.SavePrefix",
  nodeCreated(node) {
    if (node.comfyClass !== NODE) return;
    const widget = node.widgets?.find(({ name }) => name === "filename_prefix");
    if (widget) widget.serializeValue = () => replaced(widget.value);
  },
});
