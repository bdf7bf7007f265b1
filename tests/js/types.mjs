// `tsc` over all halves. It is told which folders they lie in, since they import each other by bare file name.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { FILES } from "./resolve.mjs";

const here = fileURLToPath(new URL("./node_modules/.cache/", import.meta.url));
const rootDirs = [...new Set([...FILES.values()].map((address) => dirname(fileURLToPath(address))))];
mkdirSync(here, { recursive: true });
writeFileSync(`${here}tsconfig.json`, JSON.stringify({ extends: "../../tsconfig.json", compilerOptions: { rootDirs }, include: rootDirs.map((folder) => `${folder}/*.js`) }));
const run = spawnSync(process.execPath, [fileURLToPath(new URL("./node_modules/typescript/bin/tsc", import.meta.url)), "-p", here], { stdio: "inherit" });
process.exit(run.status ?? 1);
