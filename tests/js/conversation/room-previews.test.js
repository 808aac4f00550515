import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenMessages } from "../../../static/js/conversation/messages/seen-messages.js";
import { RoomList } from "../../../static/js/conversation/room-list.js";
import { RoomPreviews } from "../../../static/js/conversation/room-previews.js";

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** A server with one room of unread messages, whose authors are given in order of their numbers;
 * none of them can be decrypted here. Answers of who wrote what have at most `most` numbers. */
function roomOf(authors, most = 2000) {
  const asked = [];
  const row = (seq) => ({
    seq,
    h: JSON.stringify({ uid: authors[seq - 1] }),
    iv: "",
    ct: "",
    sig: "",
  });
  const api = {
    async get(path) {
      asked.push(path);
      const { pathname, searchParams } = new URL(path, "https://chat.example/");
      if (pathname.endsWith("/messages")) {
        const limit = Number(searchParams.get("limit"));
        return {
          messages: numbers(Math.max(1, authors.length - limit + 1), authors.length).map(row),
        };
      }
      const [after, before] = ["after", "before"].map((name) => Number(searchParams.get(name)));
      const seqs = numbers(after + 1, before - 1).reverse();
      const page = seqs.slice(0, most);
      return {
        authors: [...new Set(authors)].map((uid) => ({
          uid,
          seqs: page.filter((seq) => authors[seq - 1] === uid),
        })),
        more: seqs.length > most ? page.at(-1) : null,
      };
    },
  };
  const store = { messages: { lastRows: async () => [] } };
  const opener = { open: async () => ({ outcome: "refused", id: "" }) };
  const last = row(authors.length);
  const room = { id: "a", msg: authors.length, read: 0, unread: authors.length, last };
  return { asked, me: { uid: "me", api, opener, store }, room };
}

async function described({ me, room }, blocked) {
  const isHidden = (uid) => blocked.has(uid);
  const list = new RoomList("me", isHidden);
  list.set([room]);
  await new RoomPreviews(me, list, isHidden, () => {}).describe(roomA());
  return list;
}

const roomA = () => ({ id: "a", seen: new SeenMessages() });

const times = (many, uid) => Array(many).fill(uid);

test("150 messages of a blocked person do not count, and do again when the block ends", async () => {
  const blocked = new Set(["eve"]);
  const list = await described(roomOf(times(150, "eve")), blocked);
  assert.equal(list.unread, 0);
  blocked.clear();
  assert.equal(list.unread, 150);
});

test("150 own messages, sent by a program, do not count beside those of others", async () => {
  const authors = [...times(30, "ben"), ...times(150, "me"), ...times(20, "ben")];
  const list = await described(roomOf(authors), new Set());
  assert.equal(list.unread, 50);
  list.read("a", 10);
  assert.equal(list.unread, 40, "also where the read mark moves among the older ones");
});

test("who wrote unread messages is asked page by page, and only where it is not known", async () => {
  const server = roomOf([...times(120, "eve"), ...times(100, "ben")], 50);
  assert.equal((await described(server, new Set(["eve"]))).unread, 100);
  assert.equal(server.asked.length, 4);
  const short = roomOf(times(60, "ben"));
  assert.equal((await described(short, new Set())).unread, 60);
  assert.equal(short.asked.length, 1);
});

test("a kept line counts as it did, until the room is described again", async () => {
  const server = roomOf([...times(100, "me"), ...times(100, "ben")]);
  const [line] = (await described(server, new Set())).lines;
  const later = new RoomList("me");
  later.set([{ ...server.room }]);
  later.restore([line]);
  assert.equal(later.unread, 100);
  await new RoomPreviews(
    server.me,
    later,
    () => false,
    () => {},
  ).describe(roomA());
  assert.equal(later.unread, 100);
});
