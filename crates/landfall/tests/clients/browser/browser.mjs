// What the programs beside it share: a headless Chromium, people who are signed in, and how what was
// checked is told. Each check is one line of JSON on standard output: {"check": NAME, "wrong": [...]}.
// Runs in the folder where the packages are installed, against BASE_URL with the admin key API_KEY.

import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(`${process.cwd()}/`);
const puppeteer = require("puppeteer-core");

export const { BASE_URL, API_KEY } = process.env;
export const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
export const PASSWORD = "correct horse battery";

/** Something that never comes fails after this; nothing is measured by it. */
export const NEVER = { timeout: 60_000 };

export const SIZES = {
  wide: { width: 1440, height: 900 },
  phone: { width: 390, height: 844, isMobile: true, hasTouch: true },
};
export const THEMES = ["light", "dark"];

function chromium() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const paths = process.env.PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const isThere = (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const found = paths.find(isThere);
  if (!found) throw new Error("chromium is missing; ./test installs it");
  return found;
}

// A container's root has no sandbox to give; all that is shown here is our own.
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"];

export function launch(more = []) {
  return puppeteer.launch({ executablePath: chromium(), args: [...ARGUMENTS, ...more] });
}

/** The API, as the admin or with another key. */
export async function api(path, body, key = API_KEY) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(BASE_URL + path, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Reports a deployment that went well. */
export function deploy(project, application, version, environment) {
  return api("/api/v1/deployments", { project, application, version, environment, status: "completed" });
}

/** A form as a browser without script sends it. */
export function post(path, fields, headers = {}) {
  return fetch(BASE_URL + path, { method: "POST", redirect: "manual", headers, body: new URLSearchParams(fields) });
}

/** The value of the session's cookie. */
export async function signIn(fields, headers) {
  const answer = await post("/sign-in", { next: "/", ...fields }, headers);
  const cookie = /landfall_session=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "");
  if (!cookie) throw new Error(`signing in answers ${answer.status}: ${await answer.text()}`);
  return cookie[1];
}

export const signInAsAdmin = () => signIn({ key: API_KEY });

/** A person of a role, who is made unless they are there; the value of their session's cookie. */
export async function signInAs(role) {
  const email = `${role}@harborandco.example`;
  await api("/api/v1/users", { email, role, password: PASSWORD });
  return signIn({ email, password: PASSWORD });
}

/** Devices that people sign in from, in their own words. */
const DEVICES = [
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
];

/** Sessions to look at the pages with: of the admin key, of a person, and of one who never was here. */
export async function viewers() {
  const [admin, viewer] = [await signInAsAdmin(), await signInAs("viewer")];
  const person = { email: "viewer@harborandco.example", password: PASSWORD };
  for (const device of DEVICES) await signIn(person, { "user-agent": device });
  const email = "newcomer@harborandco.example";
  const { password } = await api("/api/v1/users", { email, role: "viewer" });
  return { admin, viewer, newcomer: await signIn({ email, password }) };
}

/** A new organization with nothing in it; its admin key. */
export async function found(slug) {
  return (await api("/api/v1/organizations", { slug, name: slug })).api_key.key;
}

/**
 * Whether htmx only tells that a newer request took the place of one that was under way, as a slow machine
 * has it when somebody types on. A request that failed is told by a message of its own.
 */
const isReplaced = (text) => /^htmx:(sendAbort|afterRequest),/.test(text);

/** An empty browser's page, with what went wrong in it. */
export async function open(browser, { session, theme, size = SIZES.wide } = {}) {
  const context = await browser.createBrowserContext();
  const at = { domain: new URL(BASE_URL).hostname, path: "/" };
  if (session) await context.setCookie({ name: "landfall_session", value: session, ...at });
  if (theme) await context.setCookie({ name: "landfall_theme", value: theme, ...at });
  const page = await context.newPage();
  page.setDefaultTimeout(NEVER.timeout);
  await page.setViewport(size);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !isReplaced(message.text())) wrong.push(`console: ${message.text()} ${message.location().url ?? ""}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${BASE_URL}/`) && !url.startsWith("data:")) wrong.push(`asks elsewhere: ${url}`);
  });
  return { page, wrong, close: () => context.close() };
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Runs a check, which returns what is wrong; an exception is wrong too. */
export async function check(name, run) {
  let wrong;
  try {
    wrong = (await run()) ?? [];
  } catch (error) {
    wrong = [String(error.stack ?? error)];
  }
  say({ check: name, wrong });
}

/** What differs, in words. */
export function unequal(what, found, expected) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  return left === right ? [] : [`${what} is ${left} and should be ${right}`];
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks the test that runs this program to do something, and waits until it is done. */
export async function ask(wanted) {
  say({ wanted });
  await answers.next();
}

/** Ends the program, whatever still listens. */
export async function end(browser) {
  await browser.close();
  process.stdin.destroy();
}
