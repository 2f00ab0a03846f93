// Making elements.
const SVG = 'http://www.w3.org/2000/svg';

function make(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function drawn(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  Object.entries(attributes || {}).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

// The JSON that stands in an element of its own under `parent`, or null.
function stored(parent) {
  const holder = parent.querySelector('script[type="application/json"]');
  return holder && JSON.parse(holder.textContent);
}
