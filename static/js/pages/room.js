/** The page of one room: the shell, with what this view needs loaded at once. */

import "../conversation/room/room-session.js"; // imported on use where a kept list comes first
import "./room-view.js";
import { startShell } from "./shell.js";

await startShell();
