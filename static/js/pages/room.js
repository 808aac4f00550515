/** The page of one room: the shell, with what this view needs loaded at once. */

import "./room-view.js";
import { startShell } from "./shell.js";

await startShell();
