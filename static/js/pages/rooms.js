/** The list of rooms, with nothing open yet. */

import { startSidebar } from "../panels/sidebar.js";
import { requireMe, startChat } from "./bootstrap.js";

const { me } = await requireMe();
const chat = startChat(me);
startSidebar(me, chat);
await chat.loadRooms().catch(() => {}); // again once connected
chat.connect();
