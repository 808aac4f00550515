/** Attachments, against tests/vectors and against a server that hands out something else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  openFile,
  sealChunks,
  sealedSize,
  sealFile,
} from "../../../static/js/crypto/attachment.js";
import { b64, hex, newId, randomBytes, unb64 } from "../../../static/js/crypto/bytes.js";
import { sha256 } from "../../../static/js/crypto/hash.js";
import { sha256 as sha256InSteps } from "../../../static/vendor/@noble/hashes/sha2.js";
import { load } from "./shared.js";

const vectors = load("attachment");
const wire = { name: "WireError" };

const plain = (size) => Uint8Array.from({ length: size }, (_, i) => i % 251);
const blob = (size) => new Blob([plain(size)]);
const bytes = async (from) => new Uint8Array(await from.arrayBuffer());

async function sealedOf({ key, id, size }) {
  const chunks = [];
  for await (const chunk of sealChunks(blob(size), unb64(key), id)) chunks.push(chunk);
  return new Blob(chunks);
}

/** What comes over a network: pieces that know nothing of chunks. */
function inPieces(whole, size) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= whole.length) return controller.close();
      controller.enqueue(whole.slice(at, at + size));
      at += size;
    },
  });
}

for (const { name, file, stored, sealed } of vectors.cases) {
  test(`a file of the vectors: ${name}`, async () => {
    const made = await sealedOf(file);
    assert.equal(made.size, stored);
    assert.equal(sealedSize(file.size), stored);
    assert.equal(b64(await sha256(await bytes(made))), file.sha);
    if (sealed !== undefined) assert.equal(b64(await bytes(made)), sealed);
    assert.deepEqual(await bytes(await openFile(made, file)), plain(file.size));
  });
}

for (const { name, of, slices, file } of vectors.refused) {
  test(`refused: ${name}`, async () => {
    const made = await sealedOf(vectors.cases.find((one) => one.name === of).file);
    const sent = new Blob(slices.map(([start, end]) => made.slice(start, end)));
    await assert.rejects(openFile(sent, file), wire);
  });
}

test("a file comes back as it was, under a key and an id of its own", async () => {
  const [a, b] = [await sealFile(blob(70_000)), await sealFile(blob(70_000))];
  assert.notEqual(a.file.key, b.file.key);
  assert.notEqual(a.file.id, b.file.id);
  assert.equal(a.sealed.size, sealedSize(70_000));
  assert.deepEqual(await bytes(await openFile(a.sealed.stream(), a.file)), plain(70_000));
  await assert.rejects(openFile(b.sealed, a.file), wire);
});

for (const size of [1, 999, 65_552, 1_000_000]) {
  test(`a file opens out of pieces of ${size} bytes`, async () => {
    const { sealed, file } = await sealFile(blob(size === 1 ? 100 : 140_000));
    const opened = await openFile(inPieces(await bytes(sealed), size), file);
    assert.deepEqual(await bytes(opened), plain(file.size));
  });
}

test("a changed byte anywhere is noticed, though the hash is made to fit", async () => {
  const { sealed, file } = await sealFile(blob(65_540));
  const good = await bytes(sealed);
  for (const at of [0, 40_000, 65_535, 65_536, 65_551, 65_552, 65_555, good.length - 1]) {
    const bad = good.slice();
    bad[at] ^= 1;
    const told = { ...file, sha: b64(await sha256(bad)) };
    await assert.rejects(openFile(new Blob([bad]), told), wire, `byte ${at}`);
  }
});

test("an endless answer is not read to its end", async () => {
  const { file } = await sealFile(blob(10));
  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(randomBytes(1000)),
    cancel: () => {
      cancelled = true;
    },
  });
  await assert.rejects(openFile(endless, file), wire);
  assert.ok(cancelled);
});

test("progress is told in bytes of the file, and ends with all of them", async () => {
  const told = [];
  const { sealed, file } = await sealFile(blob(140_000), { progress: (n) => told.push(n) });
  assert.deepEqual(told, [65_536, 131_072, 140_000]);
  told.length = 0;
  await openFile(sealed, file, { progress: (n, of) => told.push([n, of]) });
  assert.deepEqual(told.at(-1), [140_000, 140_000]);
});

test("both ways can be given up", async () => {
  const control = new AbortController();
  const { signal } = control;
  const { sealed, file } = await sealFile(blob(140_000));
  const progress = () => control.abort(new Error("enough"));
  await assert.rejects(sealFile(blob(140_000), { progress, signal }), /enough/);
  await assert.rejects(openFile(sealed, file, { signal }), /enough/);
});

test("of a large file a chunk at a time is read", async () => {
  const [id, key] = [newId(), randomBytes(32)];
  const asked = [];
  const large = {
    size: 2 ** 40,
    slice: (from, to) => {
      asked.push([from, to]);
      return new Blob([new Uint8Array(to - from)]);
    },
  };
  const chunks = sealChunks(large, key, id);
  await chunks.next();
  await chunks.next();
  assert.deepEqual(asked, [
    [0, 65_536],
    [65_536, 131_072],
  ]);
});

test("a hash in steps is WebCrypto's, wherever the steps end", async () => {
  for (const size of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, 70_000]) {
    const whole = plain(size);
    const wanted = hex(await sha256(whole));
    for (const step of [1, 7, 64, 65, 70_000]) {
      const hash = sha256InSteps.create();
      for (let at = 0; at < size; at += step) hash.update(whole.subarray(at, at + step));
      assert.equal(hex(hash.digest()), wanted, `${size} bytes by ${step}`);
    }
  }
});
