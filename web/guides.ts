/** The guides of docs/ as pages of their own under /help/: the server gives them, nothing is fetched from elsewhere. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { marked } from "marked";
import type { Plugin } from "vite";

const DOCS = join(import.meta.dirname, "../docs");
const PICTURE = /\.\.\/pictures\/([\w-]+\.png)/g;

const STYLE = `body{max-width:46rem;margin:0 auto;padding:1.5rem;font:16px/1.6 "Be Vietnam Pro",system-ui,sans-serif;color:#28241d;background:#fdfaf2}
h1,h2{line-height:1.3}a{color:#1d5f9e}img{max-width:100%;height:auto;border:1px solid #b9ad93}
code{font-size:.9em;background:#f4eedf}pre{overflow-x:auto;padding:.8rem;background:#f4eedf}
table{border-collapse:collapse}th,td{padding:.3rem .7rem;border-bottom:1px solid #d8cfba;text-align:left}
@media(prefers-color-scheme:dark){body{color:#ece6d8;background:#20242a}a{color:#7fb8ec}code,pre{background:#2a2f36}th,td{border-color:#383d45}}
`;

export function guides(): Plugin {
  return {
    name: "guides",
    generateBundle() {
      if (!existsSync(join(DOCS, "vi"))) return; // an image built of web/ alone has no help
      const pictures = new Set<string>();
      const put = (fileName: string, source: string | Uint8Array) => this.emitFile({ type: "asset", fileName, source });
      for (const language of ["vi", "en"]) {
        const names = readdirSync(join(DOCS, language)).filter((name) => name.endsWith(".md")).sort();
        const titles = new Map<string, string>();
        for (const name of names) {
          const text = readFileSync(join(DOCS, language, name), "utf8");
          const title = /^# (.*)/m.exec(text)?.[1] ?? name;
          titles.set(name, title);
          for (const [, picture] of text.matchAll(PICTURE)) pictures.add(picture!);
          const body = (marked.parse(text, { async: false }) as string).replace(/<a href="\.\.\/(client\.md)">(.*?)<\/a>/g, "$2");
          put(`help/${language}/${name.replace(".md", ".html")}`, page(language, title, `<p><a href="./index.html">←</a></p>${body}`));
        }
        const list = names.map((name) => `<li><a href="./${name.replace(".md", ".html")}">${titles.get(name)}</a></li>`).join("");
        const title = language === "vi" ? "Hướng dẫn sử dụng" : "Guides";
        put(`help/${language}/index.html`, page(language, title, `<h1>${title}</h1><ul>${list}</ul><p><a href="/">Địa Chính</a></p>`));
      }
      for (const name of pictures) {
        const path = join(DOCS, "pictures", name);
        if (existsSync(path)) put(`help/pictures/${name}`, readFileSync(path)); // a test says which are missing
      }
      put("help/help.css", STYLE);
    },
  };
}

const page = (language: string, title: string, body: string) =>
  `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<title>${title} · Địa Chính</title><link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="../help.css"></head>` +
  `<body><main>${body}</main></body></html>`;
