/** The page that creates rooms: the shell, with what this view needs loaded at once. */

import "../panels/sidebar.js";
import "./new-room-view.js";
import { startShell } from "./shell.js";

await startShell();
