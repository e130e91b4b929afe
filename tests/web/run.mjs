// Runs functions of the page's modules (TypeScript, types stripped by node): a list of calls on stdin, their results on stdout.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.startsWith(".") && !/\.[a-z]+$/.test(specifier) ? `${specifier}.ts` : specifier, context),
});
const { module, calls } = JSON.parse(readFileSync(0, "utf8"));
const functions = await import(pathToFileURL(join(import.meta.dirname, "../../web/src", module)));
process.stdout.write(JSON.stringify(calls.map(([name, ...values]) => functions[name](...values) ?? null)));
