// Runs the scenes of every section with the official client and prints a JSON line for each.
import { Firestore } from "@google-cloud/firestore";
import { OAuth2Client } from "google-auth-library";
import { randomUUID } from "node:crypto";
import { documents, rest, wire, writes } from "./documents.mjs";
import { aggregations, queries, vectors } from "./queries.mjs";
import { listen, transactions } from "./transactions.mjs";

const sections = { wire, documents, writes, queries, aggregations, vectors, transactions, listen, rest };
const DEADLINE = 60_000;

/** Over REST the client wants a token that it need not fetch. */
function overRest() {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: "owner", expiry_date: Date.now() + 3_600_000 });
  return { preferRest: true, authClient };
}

for (const [section, scenes] of Object.entries(sections)) {
  for (const scene of scenes) {
    const settings = { projectId: `node-${randomUUID().slice(0, 12)}` };
    const db = new Firestore(section === "rest" ? { ...settings, ...overRest() } : settings);
    let error = null;
    const late = AbortSignal.timeout(DEADLINE);
    const tooLate = new Promise((_, reject) =>
      late.addEventListener("abort", () => reject(new Error("it took too long"))));
    try {
      await Promise.race([scene(db), tooLate]);
    } catch (caught) {
      error = caught.stack ?? String(caught);
    }
    console.log(JSON.stringify({ section, scene: scene.name, error }));
    await db.terminate();
  }
}
process.exit(0);
