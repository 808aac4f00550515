/** The room list, loaded once the view beside it is shown, or a moment later at most. */

import { byId } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";

/** @typedef {import("./sidebar.js").Beside} Beside */
/** @typedef {import("./sidebar.js").Sidebar} Sidebar */

export const WIDTH = "sidebar"; // a setting: pixels
const WITHIN = 1500; // ms that the list waits for a view

/** Shows the list as wide as it was made. @param {unknown} width pixels */
function showWidth(width) {
  if (typeof width === "number") document.body.style.setProperty("--side", `${width}px`);
}

export class LateSidebar {
  #me;
  #chat;
  /** @type {Beside | null} */
  #view = null;
  /** @type {Sidebar | null} */
  #sidebar = null;
  /** @type {Promise<Sidebar> | null} */
  #loading = null;

  /** @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat */
  constructor(me, chat) {
    this.#me = me;
    this.#chat = chat;
    me.store.settings.setting(WIDTH).then(showWidth, () => {});
    document.addEventListener("click", this.#onPress);
    document.addEventListener("keydown", this.#onPress);
    const load = () => this.load().catch(() => {});
    setTimeout(load, WITHIN);
    chat.addEventListener("status", load); // again, where it could not be loaded
  }

  /** @returns {Promise<Sidebar>} rejects if it cannot be loaded: the connection's next change tries
   *   again */
  load() {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #load() {
    this.#chat.restoreRooms().catch(() => {}); // the server's list follows
    const { Sidebar } = await import("./sidebar.js");
    document.removeEventListener("click", this.#onPress);
    document.removeEventListener("keydown", this.#onPress);
    const sidebar = new Sidebar(this.#me, this.#chat);
    if (this.#view) sidebar.show(this.#view);
    this.#sidebar = sidebar;
    return sidebar;
  }

  /** Loads also what is needed last. */
  async loadAll() {
    const sidebar = await this.load();
    sidebar.loadBanner();
    await sidebar.loadRest();
  }

  /** Opens the search of all rooms where it is asked for before what listens to that is here.
   * @param {MouseEvent | KeyboardEvent} event */
  #onPress = async (event) => {
    const button = byId("search-all");
    const isWanted =
      "key" in event
        ? event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)
        : button.contains(/** @type {Node} */ (event.target));
    if (!isWanted) return;
    event.preventDefault();
    if (await loadPart(() => this.load())) button.click();
  };

  /** @param {Beside} view that is shown from now on */
  show(view) {
    this.#view = view;
    this.#sidebar?.show(view);
  }

  drawStatus() {
    this.#sidebar?.drawStatus();
  }
}
