/** The room list page, with no room open. */

import { startSidebar } from "../panels/sidebar.js";
import { loadAhead } from "../ui/load-part.js";
import { keepShellOf, requireAccount, startChat } from "./bootstrap.js";

const me = await requireAccount();
const chat = startChat(me);
startSidebar(me, chat);
await chat.loadRooms().catch(() => {}); // again once connected
chat.connect();
loadAhead([() => keepShellOf(chat)]);
