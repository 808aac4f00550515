/** As much of a document as the components need to be built, and used, without a browser. */

class FakeNode {
  #parent = null; // private, so that a node can be written as JSON

  get parent() {
    return this.#parent;
  }

  set parent(node) {
    this.#parent = node;
  }

  get isConnected() {
    return this === document.body || Boolean(this.parent?.isConnected);
  }

  remove() {
    if (!this.parent) return;
    this.parent.children = this.parent.children.filter((child) => child !== this);
    this.parent = null;
  }
}

class FakeText extends FakeNode {
  constructor(text) {
    super();
    this.textContent = text;
  }

  get data() {
    return this.textContent;
  }

  set data(text) {
    this.textContent = text;
  }
}

class FakeElement extends FakeNode {
  children = [];
  attributes = {};
  listeners = {};
  scrollTop = 0;
  #all = [];
  #value = null;

  constructor(tag) {
    super();
    this.tag = tag;
  }

  // --- attributes

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  toggleAttribute(name, on) {
    if (on) this.attributes[name] = "";
    else delete this.attributes[name];
  }

  get classList() {
    const names = () => new Set((this.attributes.class ?? "").split(" ").filter(Boolean));
    const set = (all) => this.setAttribute("class", [...all].join(" "));
    return {
      add: (name) => set(names().add(name)),
      remove: (name) => set([...names()].filter((other) => other !== name)),
      contains: (name) => names().has(name),
    };
  }

  get dataset() {
    const camel = (name) => name.slice(5).replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    const found = Object.entries(this.attributes).filter(([name]) => name.startsWith("data-"));
    const dataset = Object.fromEntries(found.map(([name, value]) => [camel(name), value]));
    return new Proxy(dataset, {
      set: (_, name, value) => {
        this.setAttribute(`data-${name}`, value);
        return true;
      },
    });
  }

  get value() {
    return this.#value ?? this.attributes.value ?? "";
  }

  set value(value) {
    this.#value = value;
  }

  // --- the tree

  get tagName() {
    return this.tag.toUpperCase();
  }

  get nodeName() {
    return this.tagName;
  }

  get childNodes() {
    return this.children;
  }

  get childElementCount() {
    return this.children.filter((child) => child instanceof FakeElement).length;
  }

  get lastChild() {
    return this.children[this.children.length - 1];
  }

  get firstElementChild() {
    return this.children.find((child) => child instanceof FakeElement) ?? null;
  }

  get lastElementChild() {
    return this.children.filter((child) => child instanceof FakeElement).pop();
  }

  get textContent() {
    return this.children.map((child) => child.textContent).join("");
  }

  set textContent(text) {
    this.replaceChildren(...(text ? [text] : []));
  }

  append(...children) {
    for (const child of children) {
      const node = typeof child === "string" ? new FakeText(child) : child;
      node.remove();
      node.parent = this;
      this.children.push(node);
    }
  }

  replaceChildren(...children) {
    for (const child of [...this.children]) child.remove();
    this.append(...children);
  }

  insertBefore(node, next) {
    if (next) next.before(node);
    else this.append(node);
  }

  before(node) {
    this.#beside(node, 0);
  }

  after(node) {
    this.#beside(node, 1);
  }

  replaceWith(node) {
    this.#beside(node, 0);
    this.remove();
  }

  #beside(node, offset) {
    node.remove();
    node.parent = this.parent;
    this.parent.children.splice(this.parent.children.indexOf(this) + offset, 0, node);
  }

  get parentElement() {
    return this.parent;
  }

  get descendants() {
    const elements = this.children.filter((child) => child instanceof FakeElement);
    return elements.flatMap((child) => [child, ...child.descendants]);
  }

  contains(node) {
    return node === this || this.descendants.includes(node);
  }

  querySelectorAll(selector) {
    return this.descendants.filter((element) => selector.split(",").some((s) => fits(element, s)));
  }

  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  // --- events

  addEventListener(name, listener) {
    this.listeners[name] = listener;
    this.#all.push([name, listener]);
  }

  removeEventListener(name, listener) {
    this.#all = this.#all.filter(([n, l]) => n !== name || l !== listener);
  }

  dispatchEvent(event) {
    for (const [name, listener] of this.#all) if (name === event.type) listener(event);
  }

  /** Resolves once what the click began is done. */
  async click() {
    this.focus();
    const event = new Event("click", { cancelable: true });
    let stopped = false;
    event.stopImmediatePropagation = () => {
      stopped = true;
    };
    const capturing = this.attributes["aria-disabled"] === "true";
    for (const [name, listener] of capturing ? [...this.#all].reverse() : this.#all) {
      if (name === "click" && !stopped) await listener(event);
    }
  }

  focus() {
    document.activeElement = this;
  }

  // What a dialog can.

  showModal() {
    this.open = true;
  }

  close() {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  }
}

for (const name of ["hidden", "open", "disabled", "checked"]) {
  Object.defineProperty(FakeElement.prototype, name, {
    get() {
      return name in this.attributes;
    },
    set(on) {
      this.toggleAttribute(name, on);
    },
  });
}

/** `tag`, `.class`, `#id` and `[name]`, and any of them together.
 * @param {FakeElement} element @param {string} selector */
function fits(element, selector) {
  return selector
    .trim()
    .match(/[.#]?[\w-]+|\[[^\]]+\]/g)
    .every((part) => {
      if (part.startsWith(".")) {
        return (element.attributes.class ?? "").split(" ").includes(part.slice(1));
      }
      if (part.startsWith("#")) return element.attributes.id === part.slice(1);
      if (part.startsWith("[")) return part.slice(1, -1) in element.attributes;
      return element.tag === part;
    });
}

/** Nothing has a size here. */
class NoSizes {
  observe() {}
  disconnect() {}
}

/** Stand-ins for the browser's names. `innerHTML` is none of them: nothing may need it. */
export function installDom() {
  globalThis.Text = FakeText;
  globalThis.ResizeObserver ??= NoSizes;
  const body = new FakeElement("body");
  body.setAttribute("data-icons", "/icons.svg");
  const listening = new FakeElement("document");
  const page = new FakeElement("window");
  for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"])
    globalThis[name] = page[name].bind(page);
  globalThis.document = {
    createElement: (tag) => new FakeElement(tag),
    createElementNS: (_namespace, tag) => new FakeElement(tag),
    createTextNode: (text) => new FakeText(text),
    getElementById: (id) => body.querySelector(`#${id}`),
    querySelector: (selector) => body.querySelector(selector),
    addEventListener: (name, listener) => listening.addEventListener(name, listener),
    dispatchEvent: (event) => listening.dispatchEvent(event),
    activeElement: body,
    body,
  };
}

/** A node as one line: `<p>one <b>two</b></p>`, with `href` and `rel` where there are any. */
export function outline(node) {
  if (node instanceof FakeText) return node.textContent;
  const { href } = node.attributes;
  const open = href ? `<${node.tag} ${href}>` : `<${node.tag}>`;
  return `${open}${node.children.map(outline).join("")}</${node.tag}>`;
}

/** All of some nodes' text, a line each. @param {any[]} nodes */
export const texts = (nodes) => nodes.map((node) => node.textContent).join("\n");

/** Put nodes on the page and give them all. @param {any[]} nodes */
export function put(nodes) {
  document.body.replaceChildren(...nodes);
  return document.body;
}

/** The button that says `text`. @param {string} text */
export const button = (text) =>
  document.body
    .querySelectorAll("button")
    .find((one) => one.textContent === text || one.getAttribute("aria-label") === text);
