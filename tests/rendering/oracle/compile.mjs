// {name: MJML} on standard input; {name: {html, errors}} on standard output: what MJML's own compiler makes of each.
import { readFileSync } from "node:fs";
import mjml2html from "mjml";

const answers = {};
for (const [name, source] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const { html, errors } = await mjml2html(source, { validationLevel: "soft", fonts: {} });
  answers[name] = { html, errors: errors.map(({ tagName, message }) => `${tagName}: ${message}`) };
}
process.stdout.write(JSON.stringify(answers));
