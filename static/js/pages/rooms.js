/** The page of the room list: the shell, with what this view needs loaded at once. */

import "./rooms-view.js";
import { startShell } from "./shell.js";

await startShell();
