// Browser halves lie in several folders and are served from one flat address: `./NAME.js` is NAME.js, wherever it is.
import { readdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

export const CORE = fileURLToPath(new URL("../../core/", import.meta.url));

/** Address of every half by its file name. */
export const FILES = new Map(
  readdirSync(CORE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
    .map((entry) => [entry.name, pathToFileURL(`${entry.parentPath ?? entry.path}/${entry.name}`).href]),
);

export async function resolve(specifier, context, next) {
  const own = specifier.startsWith("./") && context.parentURL?.startsWith(pathToFileURL(CORE).href) && FILES.get(specifier.slice(2));
  return own ? { url: own, format: "module", shortCircuit: true } : next(specifier, context);
}

export async function load(url, context, next) {
  return next(url, url.startsWith(pathToFileURL(CORE).href) ? { ...context, format: "module" } : context);
}
