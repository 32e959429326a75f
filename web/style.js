import { element } from "./element.js";

/** Colours are the theme's own. */
const RULES = `
.switchyard-row { box-sizing: border-box; min-width: 0; overflow: hidden; }
.switchyard-box { box-sizing: border-box; height: 100%; padding: 6px 8px; overflow: hidden; border: 1px solid var(--border-color);
  border-radius: 8px; background: var(--comfy-input-bg); color: var(--input-text); font: 12px/1.4 Inter, Arial, sans-serif;
  text-align: start; user-select: text; }
.switchyard-box p, .switchyard-panel p { margin: 0; }
.switchyard-head { display: flex; gap: 8px; align-items: center; min-width: 0; white-space: nowrap; }
.switchyard-track { flex: none; font-weight: 600; }
.switchyard-model { flex: 0 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
.switchyard-price { flex: none; margin-inline-start: auto; font-weight: 600; }
.switchyard-sure { flex: none; color: var(--descrip-text); }
.switchyard-reason { display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2; color: var(--descrip-text);
  font-size: 11px; line-height: 1.25; overflow-wrap: anywhere; }
.switchyard-row[data-state="ran"] .switchyard-box { border-inline-start: 4px solid var(--p-primary-color, var(--input-text)); padding-inline-start: 5px; }
.switchyard-row[data-state="preview"] .switchyard-box { border-style: dashed; }
.switchyard-row[data-state="refused"] .switchyard-box { border-color: var(--error-text); }
.switchyard-stack { display: flex; flex-direction: column; gap: 2px; justify-content: center; }
.switchyard-long { flex: 0 1 auto; min-height: 0; -webkit-line-clamp: 3; }
.switchyard-end { margin-inline-start: auto; }
.switchyard-row [hidden], .switchyard-side [hidden] { display: none; }
.switchyard-layers { display: flex; flex-direction: column; gap: 6px; }
.switchyard-layers > p:empty { display: none; }
.switchyard-row[data-state="waiting"] .switchyard-stage, .switchyard-row[data-state="waiting"] .switchyard-list { display: none; }
.switchyard-stage { display: flex; flex: 1 1 160px; align-items: center; justify-content: center; min-height: 0; }
.switchyard-composite { max-width: 100%; max-height: 100%; border-radius: 4px; background: repeating-conic-gradient(#8888 0 25%, #ccc8 0 50%) 0 / 16px 16px; }
.switchyard-list { flex: 0 1 auto; min-height: 60px; max-height: 50%; margin: 0; padding: 0; overflow: auto; list-style: none; }
.switchyard-layer { display: flex; gap: 5px; align-items: center; padding: 2px; white-space: nowrap; }
.switchyard-layer[data-off="true"] .switchyard-model, .switchyard-layer[data-off="true"] .switchyard-thumb { opacity: .45; }
.switchyard-layer input { flex: none; margin: 0; accent-color: var(--p-primary-color, auto); }
.switchyard-layer input[type="range"] { width: 70px; }
.switchyard-layer .switchyard-model { flex: 1 1 auto; }
.switchyard-layer button:disabled { opacity: .35; cursor: default; }
.switchyard-thumb { flex: none; width: 28px; height: 28px; border-radius: 3px; object-fit: contain; background: repeating-conic-gradient(#8888 0 25%, #ccc8 0 50%) 0 / 8px 8px; }
.switchyard-share { flex: none; width: 36px; font-variant-numeric: tabular-nums; text-align: end; }
.switchyard-slim { display: flex; flex-direction: column; justify-content: center; padding-block: 2px; line-height: 1.25; }
.switchyard-cost { flex: none; overflow: hidden; font-weight: 600; white-space: nowrap; text-overflow: ellipsis; }
.switchyard-note { flex: none; overflow: hidden; color: var(--descrip-text); font-size: 11px; white-space: nowrap; text-overflow: ellipsis; }
.switchyard-why, .switchyard-side button { flex: none; padding: 0 6px; border: 1px solid var(--border-color); border-radius: 6px;
  background: transparent; color: inherit; font: inherit; cursor: pointer; }
.switchyard-why:hover, .switchyard-side button:hover { background: var(--border-color); }
.switchyard-why:focus-visible, .switchyard-layer :focus-visible, .switchyard-side :focus-visible, .switchyard-key :focus-visible { outline: 2px solid var(--p-primary-color, currentColor); outline-offset: 1px; }
.switchyard-panel { position: fixed; inset: auto; box-sizing: border-box; width: min(460px, 90vw); max-height: 60vh; margin: 0; padding: 10px 14px; overflow: auto;
  border: 1px solid var(--border-color); border-radius: 8px; background: var(--comfy-menu-bg); color: var(--input-text);
  font: 13px/1.45 Inter, Arial, sans-serif; pointer-events: auto; user-select: text; overflow-wrap: anywhere; }
.switchyard-panel h3 { margin: 0 0 2px; font-size: 12px; color: var(--descrip-text); }
.switchyard-panel p + h3 { margin-top: 8px; }
.switchyard-panel ul { margin: 0; padding-inline-start: 18px; list-style: disc; }
.switchyard-side { box-sizing: border-box; height: 100%; padding: 12px; overflow: auto; color: var(--input-text); font: 13px/1.45 Inter, Arial, sans-serif; }
.switchyard-side h2 { margin: 16px 0 6px; font-size: 14px; font-weight: 600; }
.switchyard-side h2:first-child { margin-top: 0; }
.switchyard-side table { width: 100%; margin: 0 0 8px; border-collapse: collapse; }
.switchyard-side th { padding-block: 2px; padding-inline: 0 6px; font-weight: 400; text-align: start; overflow-wrap: anywhere; }
.switchyard-side thead th { color: var(--descrip-text); font-size: 11px; }
.switchyard-side td, .switchyard-side thead th:not(:first-child) { padding-block: 2px; padding-inline: 6px 0; text-align: end; }
.switchyard-side td { font-variant-numeric: tabular-nums; white-space: nowrap; }
.switchyard-side ul { margin: 0; padding: 0; list-style: none; }
.switchyard-side li { margin-bottom: 8px; overflow-wrap: anywhere; }
.switchyard-side p { margin: 0 0 6px; }
.switchyard-hint { color: var(--descrip-text); font-size: 11px; }
.switchyard-key { display: flex; gap: 6px; margin: 6px 0; }
.switchyard-key input { flex: 1; min-width: 0; padding: 3px 6px; border: 1px solid var(--border-color); border-radius: 6px; background: var(--comfy-input-bg); color: inherit; }
.switchyard-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.lg-node:has(.switchyard-layers) .image-preview { display: none; } /* as hideOutputImages, which older front ends do not know */
.lg-node .switchyard-box:not(.switchyard-layers) { height: auto; } /* Nodes 2.0 gives each row a share of the free room */
.switchyard-dimmed { opacity: .35; }
.lg-node .switchyard-dimmed { opacity: 1; } /* the whole node is dimmed there */
`;

let there = false;

export function addStyle() {
  if (there) return;
  there = true;
  document.head.append(element("style", {}, RULES));
}
