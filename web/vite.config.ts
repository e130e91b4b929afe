import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { guides } from "./guides.ts";

// Be Vietnam Pro (OFL), by subsets: the page and the map style (`font-faces`) use the same files under /fonts/.
const FONT_FOLDER = join(import.meta.dirname, "node_modules/@fontsource/be-vietnam-pro");
const FONT_FILES = ["latin", "latin-ext", "vietnamese"].flatMap((subset) =>
  ["400", "600"].map((weight) => `be-vietnam-pro-${subset}-${weight}-normal.woff2`),
);

/** Puts the font files under stable names, because the style served by the API names them too. */
function fonts(): Plugin {
  const read = (name: string) => readFileSync(join(FONT_FOLDER, "files", name));
  return {
    name: "fonts",
    generateBundle() {
      for (const name of FONT_FILES) {
        this.emitFile({ type: "asset", fileName: `fonts/${name}`, source: read(name) });
      }
      this.emitFile({
        type: "asset",
        fileName: "fonts/LICENSE.txt",
        source: readFileSync(join(FONT_FOLDER, "LICENSE")),
      });
    },
    configureServer(server) {
      server.middlewares.use("/fonts", (request, response, next) => {
        const name = (request.url ?? "").slice(1).split("?")[0] ?? "";
        if (!FONT_FILES.includes(name)) return next();
        response.setHeader("Content-Type", "font/woff2");
        response.end(read(name));
      });
    },
  };
}

/** The service worker, which names every file of this build: another build is another worker. */
function worker(): Plugin {
  return {
    name: "worker",
    enforce: "post",
    generateBundle(_options, bundle) {
      const open = readdirSync(join(import.meta.dirname, "public"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(join(import.meta.dirname, "public"), join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
      const built = Object.keys(bundle).filter((name) => name !== "index.html" && !name.endsWith(".txt") && !name.startsWith("help/"));
      const files = ["/", ...[...built, ...open].map((name) => `/${name}`)].sort();
      const hash = createHash("sha256");
      for (const name of Object.keys(bundle).sort()) {
        const one = bundle[name]!;
        hash.update(name).update(one.type === "chunk" ? one.code : one.source);
      }
      for (const name of open.sort()) hash.update(name).update(readFileSync(join(import.meta.dirname, "public", name)));
      const source = readFileSync(join(import.meta.dirname, "sw.js"), "utf8")
        .replace("__VERSION__", `page-${hash.digest("hex").slice(0, 16)}`)
        .replace("__FILES__", JSON.stringify(files));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

const server = process.env["DIACHINH_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [fonts(), guides(), worker()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1500, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": server, "/tiles": server, "/archives": server } },
});
