import { app } from "../../scripts/app.js";

const GROUP = "Switchyard";

const latest = new Map(); // the front end tells of a change before it keeps the new value

/** The setting's value; `fallback` where this front end does not know it (yet). */
export function setting(name, fallback = true) {
  return latest.get(name) ?? app.extensionManager?.setting?.get(`${GROUP}.${name}`) ?? fallback;
}

/** The rows for app.registerExtension; `changed` is called with a row's name whenever a person changes it. */
export function rows(changed) {
  const row = (name, label, tooltip, more = {}) => ({
    id: `${GROUP}.${name}`,
    name: label,
    tooltip,
    type: "boolean",
    defaultValue: true,
    category: [GROUP, "Canvas", name],
    onChange: (now) => {
      const before = setting(name, now);
      latest.set(name, now);
      if (now !== before) changed(name);
    },
    ...more,
  });
  return [
    row("Badge", "Route on the Prompt Router", "Shows on the node where the prompt goes, why, and at what price."),
    row("Preview", "Preview while typing", "Asks ComfyUI, never the paid service, where the prompt would go. Off: shown after a run only."),
    row("Dim", "Dim branches that will not run", "Only drawn that way: nothing in the workflow changes."),
    row("Price", "Price on the fal nodes", "Shows on each node what it would cost, and after a run what it was."),
    row("Local", "Files and memory on the loaders", "Shows on Load Qwen and Load FLUX which file is missing, where to put it, and the memory that it takes."),
    row("Layers", "Layer viewer on Save Layers", "Shows the layers of the last run: which are saved, in which order and how strong."),
    row("Spend", "Spend panel in the sidebar", "Today, this month, what is left of your limits, and open jobs."),
    row("AskAbove", "Ask before a run that would cost more than (US$)", "0: never ask. Adds up the previewed prices of the fal nodes that will run. The limits that really stop are in settings.json and SWITCHYARD_DAILY_BUDGET.", {
      type: "number",
      defaultValue: 0,
      attrs: { min: 0, max: 1000, step: 0.05, maxFractionDigits: 2, showButtons: true },
    }),
  ];
}
