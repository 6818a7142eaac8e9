// Builds dist/: boussole.js, which sites embed under this name for ever; boussole/chat-HASH.js, which it loads when the
// chat is opened; and the server's two pages. Usage: npm run build
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build, transform } from "esbuild";

const DIST = new URL("dist/", import.meta.url);
const TARGET = ["chrome85", "firefox90", "safari15"];

/** Style sheets become texts inside the script: a shadow root adopts them without any inline style. */
const stylesAsText = {
  name: "styles-as-text",
  setup(plugins) {
    plugins.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const minified = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: TARGET });
      return { contents: minified.code.trim(), loader: "text" };
    });
  },
};

/** Bundles one entry of src/ and returns its text. */
async function bundle(entry, format, define = {}) {
  const { outputFiles } = await build({
    entryPoints: [new URL(`src/${entry}.ts`, import.meta.url).pathname],
    bundle: true, minify: true, write: false, charset: "utf8", legalComments: "none",
    // Private members begin with _ so that they can be shortened; nothing outside of a file knows them.
    mangleProps: /^_[a-z]/,
    format, target: TARGET, define, plugins: [stylesAsText],
  });
  return outputFiles[0].text;
}

await rm(DIST, { recursive: true, force: true });
await mkdir(new URL("boussole/", DIST), { recursive: true });

const chat = await bundle("chat", "esm");
const part = `boussole/chat-${createHash("sha256").update(chat).digest("hex").slice(0, 10)}.js`;
await writeFile(new URL(part, DIST), chat);
await writeFile(new URL("boussole.js", DIST), await bundle("boussole", "iife", { CHAT_PART: JSON.stringify(part) }));
await writeFile(new URL("boussole/integrer.js", DIST), await bundle("integrer", "iife"));

const pages = new URL("pages/", import.meta.url);
for (const page of ["index.html", "integrer.html"]) await cp(new URL(page, pages), new URL(page, DIST));
const { code } = await transform(await readFile(new URL("page.css", pages), "utf8"), { loader: "css", minify: true });
await writeFile(new URL("boussole/page.css", DIST), code);
