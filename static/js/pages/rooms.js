/** The list of rooms, with nothing open yet. */

import { requireMe, startChat } from "./parts.js";
import { startSidebar } from "./sidebar.js";

const { me } = await requireMe();
const chat = startChat(me);
startSidebar(me, chat);
await chat.loadRooms().catch(() => {}); // again once connected
chat.connect();
