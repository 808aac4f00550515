/** The page of the room list: the shell, with what this view needs loaded at once. */

import "../conversation/list-loader.js"; // imported on use in a room, which opens without it
import "../panels/sidebar.js";
import "./rooms-view.js";
import { startShell } from "./shell.js";

await startShell();
