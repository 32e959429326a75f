/** A DOM element. Strings among the children become text, never markup: what they say may come from a shared workflow. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Sets a text only where it changes, so that nothing is laid out or read aloud again for nothing. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
