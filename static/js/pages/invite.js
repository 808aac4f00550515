/** The page of an invitation link, for visitors of all kinds. */

import { loadAccount } from "../conversation/account/account.js";
import { pageSocket } from "../net/socket.js";
import { Store } from "../store/store.js";
import { Invitation, takeLink } from "./invite-view.js";
import { fetchSite, makeApi } from "./site.js";

const fragment = takeLink(); // at once: the secret does not stay in the address bar
const { me: person } = await fetchSite();

const findAccount = async () =>
  person && loadAccount(person, await Store.open(person.uid), makeApi());

/** The server's word about the room, over a socket of this page. @param {string} room
 * @param {() => void} onNews */
function listen(room, onNews) {
  const socket = pageSocket({
    onFrame: (frame) => "room" in frame && frame.room === room && onNews(),
    onStatus: (status) => status === "open" && onNews(),
  });
  socket.connect();
  addEventListener("pagehide", () => socket.close());
}

const { signal } = new AbortController();
new Invitation({ person, findAccount, listen, signal }).start(fragment);
