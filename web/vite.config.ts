import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

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

const server = process.env["DIACHINH_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [fonts()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1500, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": server, "/tiles": server } },
});
