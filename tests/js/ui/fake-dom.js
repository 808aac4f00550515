/** As much of a document as the components need to be built without a browser. */

class FakeNode {
  children = [];
  get textContent() {
    return this.children.map((child) => child.textContent).join("");
  }
}

class FakeText {
  constructor(text) {
    this.textContent = text;
  }
}

class FakeElement extends FakeNode {
  attributes = {};
  listeners = {};

  constructor(tag) {
    super();
    this.tag = tag;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  append(...children) {
    this.children.push(
      ...children.map((child) => (typeof child === "string" ? new FakeText(child) : child)),
    );
  }
}

/** Stand-ins for the browser's names. `innerHTML` is none of them: nothing may need it. */
export function installDom() {
  globalThis.Text = FakeText;
  globalThis.document = {
    createElement: (tag) => new FakeElement(tag),
    createElementNS: (_namespace, tag) => new FakeElement(tag),
    body: { dataset: { icons: "/icons.svg" } },
  };
}

/** A node as one line: `<p>one <b>two</b></p>`, with `href` and `rel` where there are any. */
export function outline(node) {
  if (node instanceof FakeText) return node.textContent;
  const { href } = node.attributes;
  const open = href ? `<${node.tag} ${href}>` : `<${node.tag}>`;
  return `${open}${node.children.map(outline).join("")}</${node.tag}>`;
}
