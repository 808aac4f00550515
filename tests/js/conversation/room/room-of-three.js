/** A room of three, and invitations to it. */

import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { ada, ben, eve } from "../../crypto/cast.js";
import { adasRoom, World } from "../world.js";

const TERMS = { hours: 24, max: 5 };

/** A new invitation to a room, as its link says it. */
export async function invite(me, session) {
  const { url } = await createInvitation(me, session, TERMS, "https://sotto.test");
  return parseLink(new URL(url).hash);
}

/** Ada's room with Ben and Eve in it. */
export async function roomOfThree() {
  const world = new World();
  const [mine, bens, eves] = [ada, ben, eve].map((one) => world.browser(one));
  const { id, room, session } = await adasRoom(world, mine);
  const secret = await invite(mine, session);
  for (const me of [bens, eves]) await joinByInvitation(me, secret, () => {});
  await session.refresh();
  return { world, mine, bens, eves, id, room, session };
}
