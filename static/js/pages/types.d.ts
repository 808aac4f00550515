/** What the shell gives its views. */

import type { Account } from "../conversation/account/account.js";
import type { Chat } from "../conversation/chat.js";
import type { LateSidebar } from "../panels/late-sidebar.js";
import type { Unsent } from "../panels/room-composer.js";

/** One visit of a view. */
export interface Visit {
  me: Account;
  chat: Chat;
  sidebar: LateSidebar;
  /** Loads the list of rooms, or this room, if it is not there. */
  list: (room?: string) => Promise<void>;
  /** Draws the sidebar, loads the list and connects, for views that show no room. */
  beginWithoutRoom: () => void;
  /** By room, also of rooms that were left. */
  unsent: Map<string, Unsent>;
  /** To be called once the view is shown: other parts are loaded then. */
  shown: () => void;
  /** Aborted when the view is left: it ends what it began. */
  signal: AbortSignal;
  /** Of the page. */
  title: string;
  /** Whether another view was shown before: the focus moves to this one. */
  arrived: boolean;
  /** Where the reader stood, if the browser's history leads back. */
  place: unknown;
}
