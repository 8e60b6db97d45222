// Runs the scenes in Node with the whole SDK and with the lite one; prints a JSON line for each.
import { initializeApp } from "@firebase/app";
import * as whole from "@firebase/firestore";
import * as lite from "@firebase/firestore/lite";
import { play } from "./scenes.mjs";

const [host, port] = process.env.FIRESTORE_EMULATOR_HOST.split(":");

function opener(sdk, kind) {
  return (name) => {
    const app = initializeApp({ projectId: `${process.argv[2]}-${kind}-${name}` }, `${kind}-${name}`);
    const db = sdk.getFirestore(app);
    sdk.connectFirestoreEmulator(db, host, Number(port));
    return db;
  };
}

for (const [kind, sdk] of Object.entries({ whole, lite })) {
  sdk.setLogLevel("silent");
  for await (const outcome of play(sdk, opener(sdk, kind))) {
    console.log(JSON.stringify({ kind, ...outcome }));
  }
}
process.exit(0);
