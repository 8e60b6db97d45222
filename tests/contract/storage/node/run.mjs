// Runs the scenes of every section with the official client and prints a JSON line for each.
import { Storage } from "@google-cloud/storage";
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import * as sections from "./scenes.mjs";

const DEADLINE = 60_000;

for (const [section, scenes] of Object.entries(sections)) {
  for (const scene of scenes) {
    const storage = new Storage({ projectId: "mayfly" });
    let error = null;
    const late = AbortSignal.timeout(DEADLINE);
    const tooLate = new Promise((_, reject) =>
      late.addEventListener("abort", () => reject(new Error("it took too long"))));
    try {
      const [bucket] = await storage.createBucket(`node-${randomUUID().slice(0, 12)}`);
      await Promise.race([scene(bucket, storage), tooLate]);
    } catch (caught) {
      error = caught.stack ?? inspect(caught);
    }
    console.log(JSON.stringify({ section, scene: scene.name, error }));
  }
}
process.exit(0);
