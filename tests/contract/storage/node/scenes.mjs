// What applications do with the official client; each scene has a bucket of its own.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";

const MEBIBYTE = 1 << 20;

async function refused(promise, code) {
  await assert.rejects(promise, (error) => assert.equal(Number(error.code), code, error) ?? true);
}

async function collected(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const buckets = [
  async function aBucketIsMadeChangedAndDeleted(bucket, storage) {
    assert.deepEqual(await bucket.exists(), [true]);
    await bucket.setMetadata({ versioning: { enabled: true }, labels: { team: "a" } });
    const [metadata] = await bucket.getMetadata();
    assert.equal(metadata.versioning.enabled, true);
    assert.equal(metadata.labels.team, "a");
    const [all] = await storage.getBuckets();
    assert.ok(all.some((one) => one.name === bucket.name));
    await bucket.file("a").save("a");
    await refused(bucket.delete(), 409);
    await refused(storage.createBucket(bucket.name), 409);
    await refused(storage.createBucket("Not A Name"), 400);
  },
];

export const objects = [
  async function contentComesBackBothWays(bucket) {
    const content = randomBytes(3 * MEBIBYTE + 17);
    for (const resumable of [false, true]) {
      const file = bucket.file(`folder/ü ?#%&=${resumable}`);
      await file.save(content, { resumable, contentType: "text/csv", metadata: { metadata: { k: "v" } } });
      const [found] = await file.download();
      assert.ok(found.equals(content));
      const [metadata] = await file.getMetadata();
      assert.equal(metadata.contentType, "text/csv");
      assert.equal(metadata.metadata.k, "v");
      assert.equal(Number(metadata.size), content.length);
    }
  },
  async function aRangeIsRead(bucket) {
    const content = randomBytes(100_000);
    await bucket.file("a").save(content);
    const found = await collected(bucket.file("a").createReadStream({ start: 10, end: 99 }));
    assert.ok(found.equals(content.subarray(10, 100)));
  },
  async function aStreamOfUnknownLengthIsStored(bucket) {
    const pieces = Array.from({ length: 9 }, () => randomBytes(300_000));
    const sink = bucket.file("stream").createWriteStream({ chunkSize: MEBIBYTE, resumable: true });
    await pipeline(Readable.from(pieces), sink);
    const [found] = await bucket.file("stream").download();
    assert.ok(found.equals(Buffer.concat(pieces)));
  },
  async function gzipIsExpandedOnTheWay(bucket) {
    const content = Buffer.from("a line of text\n".repeat(1000));
    await bucket.file("a").save(gzipSync(content), { metadata: { contentEncoding: "gzip" } });
    const [expanded] = await bucket.file("a").download();
    assert.ok(expanded.equals(content));
    await bucket.file("b").save(content, { gzip: true });
    const [same] = await bucket.file("b").download();
    assert.ok(same.equals(content));
  },
  async function generationsGuardAgainstEachOther(bucket) {
    const once = { preconditionOpts: { ifGenerationMatch: 0 } };
    await bucket.file("a").save("1", once);
    await refused(bucket.file("a").save("2", once), 412);
    const [metadata] = await bucket.file("a").getMetadata();
    await bucket.file("a").save("3", { preconditionOpts: { ifGenerationMatch: metadata.generation } });
    await refused(bucket.file("a").delete({ ifGenerationMatch: metadata.generation }), 412);
    assert.equal(String(await bucket.file("a").download()), "3");
  },
  async function metadataIsMergedAndTakenAway(bucket) {
    const file = bucket.file("a");
    await file.save("a", { metadata: { metadata: { one: "1", two: "2" } } });
    await file.setMetadata({ cacheControl: "no-cache", metadata: { one: null, three: "3" } });
    const [metadata] = await file.getMetadata();
    assert.deepEqual(metadata.metadata, { two: "2", three: "3" });
    assert.equal(metadata.cacheControl, "no-cache");
  },
  async function whatIsNotThereIsA404(bucket) {
    assert.deepEqual(await bucket.file("none").exists(), [false]);
    await refused(bucket.file("none").download(), 404);
    await refused(bucket.file("none").delete(), 404);
  },
];

export const lists = [
  async function pagesPrefixesAndFolders(bucket) {
    for (const name of ["a", "f/1", "f/2", "f/g/3", "z"]) await bucket.file(name).save(name);
    const [files, , answer] = await bucket.getFiles({ delimiter: "/", autoPaginate: false });
    assert.deepEqual(files.map((one) => one.name), ["a", "z"]);
    assert.deepEqual(answer.prefixes, ["f/"]);
    const names = [];
    let query = { autoPaginate: false, maxResults: 2 };
    while (query) {
      const [page, following] = await bucket.getFiles(query);
      assert.ok(page.length <= 2);
      names.push(...page.map((one) => one.name));
      query = following;
    }
    assert.deepEqual(names, ["a", "f/1", "f/2", "f/g/3", "z"]);
    const [glob] = await bucket.getFiles({ matchGlob: "**/{1,3}" });
    assert.deepEqual(glob.map((one) => one.name), ["f/1", "f/g/3"]);
    await bucket.deleteFiles({ prefix: "f/" });
    assert.equal((await bucket.getFiles())[0].length, 2);
  },
  async function versionsStayUntilTheyAreDeleted(bucket) {
    await bucket.setMetadata({ versioning: { enabled: true } });
    const generations = [];
    for (const text of ["1", "2"]) {
      await bucket.file("a").save(text);
      generations.push((await bucket.file("a").getMetadata())[0].generation);
    }
    const [versions] = await bucket.getFiles({ versions: true });
    assert.deepEqual(versions.map((one) => String(one.metadata.generation)), generations);
    const first = bucket.file("a", { generation: generations[0] });
    assert.equal(String(await first.download()), "1");
    await first.delete();
    assert.equal((await bucket.getFiles({ versions: true }))[0].length, 1);
  },
];

export const copies = [
  async function copiesMovesAndCompositions(bucket) {
    await bucket.file("a").save("a", { contentType: "text/csv" });
    await bucket.file("a").copy(bucket.file("b"));
    await bucket.file("b").move("c/d");
    await bucket.combine(["a", "c/d"], "e");
    assert.equal(String(await bucket.file("e").download()), "aa");
    assert.deepEqual(await bucket.file("b").exists(), [false]);
    assert.equal((await bucket.file("c/d").getMetadata())[0].contentType, "text/csv");
    await bucket.file("a").setStorageClass("nearline");
    assert.equal((await bucket.file("a").getMetadata())[0].storageClass, "NEARLINE");
  },
];

export const access = [
  async function aclsAndPoliciesAreKept(bucket) {
    const file = bucket.file("a");
    await file.save("a");
    await file.makePublic();
    const [entry] = await file.acl.get({ entity: "allUsers" });
    assert.equal(entry.role, "READER");
    await file.acl.delete({ entity: "allUsers" });
    await refused(file.acl.get({ entity: "allUsers" }), 404);
    const [policy] = await bucket.iam.getPolicy();
    policy.bindings.push({ role: "roles/storage.objectViewer", members: ["allUsers"] });
    await bucket.iam.setPolicy(policy);
    const [kept] = await bucket.iam.getPolicy();
    assert.ok(kept.bindings.some((one) => one.role === "roles/storage.objectViewer"));
  },
];
