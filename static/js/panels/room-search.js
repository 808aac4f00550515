/** The search of one room, in its panel: open-search.js has the ways into it. */

import { RoomSearch } from "../conversation/search/room-search.js";
import { byId, h } from "../ui/dom.js";
import { searchStrings as strings } from "../ui/strings/search.js";
import { BackfillPanel } from "./search-backfill.js";
import { SearchBox } from "./search-box.js";
import { nameOf } from "./search-names.js";

const PHONE = "(max-width: 640px)";

export class RoomSearchPanel {
  #panel;
  #opener = byId("open-search");
  #search;
  #backfill;
  #box;

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat
   * @param {import("../conversation/chat.js").OpenRoom} room
   * @param {import("../ui/panel.js").Panel} panel
   * @param {Pick<import("./conversation.js").Conversation, "jump" | "shown">} conversation
   */
  constructor(me, chat, { session, timeline }, panel, conversation) {
    this.#panel = panel;
    this.#search = new RoomSearch(me, session, {
      lines: () => conversation.shown.messages(),
      isHidden: chat.blocks.isHidden,
      name: () => nameOf(chat, session.id),
    });
    this.#backfill = new BackfillPanel(me, session);
    this.#box = new SearchBox({
      many: false,
      roomsFor: async () => [this.#search],
      people: () => this.#search.people,
      onGo: async ({ seq }) => {
        if (matchMedia(PHONE).matches) await closed(panel);
        await conversation.jump(seq);
      },
      above: this.#backfill.node,
      below: allRoomsButton(() => this.#box.text),
    });
    timeline.addEventListener("received", (event) => {
      const { detail } = /** @type {CustomEvent<{kind: string}[]>} */ (event);
      if (detail.some(({ kind }) => kind === "change")) this.#search.clearCache();
    });
  }

  #isShown() {
    return this.#panel.isOpen() && this.#box.node.isConnected;
  }

  toggle() {
    if (this.#isShown()) this.#panel.close();
    else this.show();
  }

  show() {
    const { title, intro, onDevice } = strings.search;
    if (!this.#isShown()) this.#panel.open(this.#opener, title, [this.#box.node], "search");
    this.#box.introduce(this.#search.byServer ? intro : `${intro} ${onDevice}`);
    this.#box.focus();
    this.#backfill.start();
  }
}

/** @param {() => string} text what was typed */
function allRoomsButton(text) {
  const onclick = () =>
    byId("search-all").dispatchEvent(new CustomEvent("look", { detail: text() }));
  return h(
    "button",
    { class: "link-button search-foot", type: "button", onclick },
    strings.search.all,
  );
}

/** Closes the panel and waits until the browser's history has followed.
 * @param {import("../ui/panel.js").Panel} panel */
function closed(panel) {
  panel.close();
  if (!panel.isOpen()) return Promise.resolve();
  return new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
}
