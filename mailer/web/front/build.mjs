// Bundles entry.js into one minified module, with the licences of all that went into it beside it.
// `node build.mjs DIRECTORY` writes both there; without one, where the desk serves them.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const TO = process.argv[2] || join(HERE, "../static/compose");
//: What the bundle is made from: its first line names their fingerprint, which a test without node compares.
const SOURCES = ["build.mjs", "entry.js", "package-lock.json", "package.json"];

const fingerprint = createHash("sha256");
for (const name of SOURCES) fingerprint.update(readFileSync(join(HERE, name)));

const made = await build({
  absWorkingDir: HERE,
  entryPoints: ["entry.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  banner: { js: `/* Made by make front from ${fingerprint.digest("hex")}; licences: tiptap.LICENCES.txt */` },
  metafile: true,
  write: false,
});

// The packages of which something is in the bundle; a package that only hands on another one brings no code of its own.
function packages() {
  const names = Object.keys(made.metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

function licence(name) {
  const folder = join(HERE, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!file) throw new Error(`${name} has no licence beside it`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf-8").trim()}\n`;
}

writeFileSync(join(TO, "tiptap.js"), made.outputFiles[0].contents);
writeFileSync(join(TO, "tiptap.LICENCES.txt"), packages().map(licence).join(`\n${"-".repeat(80)}\n\n`));
