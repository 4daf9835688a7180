// Elements, whose texts are never parsed as HTML, and the live region.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Return an element. An attribute that is a function listens to the event it names ("onclick");
 * true sets an empty attribute; null, undefined and false set none. Children are nodes,
 * texts, lists of them, or one of these three to have none.
 */
export function element(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

/** Announce `text` to people who use a screen reader, also when it is the same as the last one. */
export function announce(text) {
  const region = document.getElementById("announcements");
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      node.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child ?? false));
  return node;
}
