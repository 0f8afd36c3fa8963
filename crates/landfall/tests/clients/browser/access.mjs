// Who may see and send what: the signed-out, people of each role, and forms that no page of the
// session made.

import { BASE_URL, API_KEY, check, end, launch, open, post, signInAs, signInAsAdmin, unequal } from "./browser.mjs";
import { ROLES, allows, pages } from "./pages.mjs";

/** Forms of one's own, which everybody has. */
const OWN = /^\/(sign-in|sign-out|organization-switch|settings\/(me|account)(\/.*)?)$/;

const browser = await launch();
const all = await pages();
const kept = all.filter(({ role, isEmpty }) => role !== "nobody" && !isEmpty);
const sessions = { admin: await signInAsAdmin() };
for (const role of ["viewer", "reporter", "manager"]) sessions[role] = await signInAs(role);

const cookie = (session) => ({ cookie: `landfall_session=${session}` });
const get = (path, session) => fetch(BASE_URL + path, { redirect: "manual", headers: session ? cookie(session) : {} });

await check("the sign-in leads back to the page that was wanted", async () => {
  const { page, wrong, close } = await open(browser);
  await page.goto(`${BASE_URL}/?q=shop`);
  wrong.push(...unequal("the first address", page.url(), `${BASE_URL}/sign-in?next=%2F%3Fq%3Dshop`));
  await page.type("input[name=email]", "viewer@harborandco.example");
  await page.type("input[name=password]", "wrong password");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  const told = await page.$eval("[role=alert]", (alert) => alert.textContent);
  wrong.push(...unequal("what is said", told, "E-mail or password is wrong."));
  wrong.push(...unequal("the kept e-mail", await page.$eval("input[name=email]", (field) => field.value), "viewer@harborandco.example"));
  await page.type("input[name=password]", "correct horse battery");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  wrong.push(...unequal("the last address", page.url(), `${BASE_URL}/?q=shop`));
  await close();
  // The browser itself notes that the wrong password was answered with 401.
  return wrong.filter((line) => !line.includes("status of 401"));
});

for (const { name, path } of kept) {
  await check(`signed out, ${name} leads to the sign-in and back`, async () => {
    const answer = await get(path);
    const to = answer.headers.get("location");
    const next = new URL(to, BASE_URL).searchParams.get("next");
    const back = await post("/sign-in", { key: API_KEY, next });
    return [
      ...unequal("the status", answer.status, 303),
      ...unequal("where it leads", to?.startsWith("/sign-in?"), true),
      ...unequal("where it leads back", back.headers.get("location"), path),
    ];
  });
}

for (const role of ROLES.slice(1)) {
  await check(`a person who is ${role} sees what the role allows`, async () => {
    const wrong = [];
    for (const page of kept) {
      const answer = await get(page.path, sessions[role]);
      wrong.push(...unequal(`the status of ${page.name}`, answer.status, allows(role, page) ? 200 : 403));
    }
    return wrong;
  });
}

/** The browser's page of each session: one for all that it looks at. */
const opened = new Map();

/** The forms of a page that change something, with what they would send. */
async function forms(path, session) {
  if (!opened.has(session)) opened.set(session, await open(browser, { session }));
  const { page } = opened.get(session);
  await page.goto(BASE_URL + path, { waitUntil: "domcontentloaded" });
  const found = await page.$$eval("form[method=post]", (forms) =>
    forms.map((form) => [new URL(form.action).pathname, Object.fromEntries(new FormData(form, form.querySelector("button:not([type=button])")))]));
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  return { found, csrf };
}

const changing = new Map();
for (const { path } of kept)
  for (const [action, fields] of (await forms(path, sessions.admin)).found) changing.set(action, fields);

await check("every form says which session's page made it", () =>
  [...changing].filter(([, { csrf }]) => !csrf).map(([action]) => `${action} says nothing`));

await check("a viewer sees no form that changes what others see", async () => {
  const wrong = [];
  for (const page of kept.filter((page) => allows("viewer", page))) {
    const { found } = await forms(page.path, sessions.viewer);
    wrong.push(...found.filter(([action]) => !OWN.test(action)).map(([action]) => `${page.name} has ${action}`));
  }
  return wrong;
});

await check("a viewer who sends such a form is refused", async () => {
  const { csrf } = await forms("/", sessions.viewer);
  const wrong = [];
  for (const [action, fields] of [...changing].filter(([action]) => !OWN.test(action))) {
    const answer = await post(action, { ...fields, csrf }, cookie(sessions.viewer));
    wrong.push(...unequal(`${action} answers`, answer.status, 403));
  }
  return wrong;
});

const foreign = [
  ["without proof", ({ csrf, ...fields }) => fields, {}],
  ["with the proof of another session", (fields) => ({ ...fields, csrf: "x".repeat(43) }), {}],
  ["from another site", (fields) => fields, { "sec-fetch-site": "cross-site" }],
  ["from a neighbour of this site", (fields) => fields, { "sec-fetch-site": "same-site" }],
];
for (const [how, fieldsOf, headers] of foreign) {
  await check(`a form that is sent ${how} is refused`, async () => {
    const wrong = [];
    for (const [action, fields] of changing) {
      const answer = await post(action, fieldsOf(fields), { ...cookie(sessions.admin), ...headers });
      const isTold = (await answer.text()).includes("This form is out of date");
      wrong.push(...unequal(`${action} answers`, [answer.status, isTold], [403, true]));
    }
    return wrong;
  });
}

await check("a sign-in from another site is refused", async () => {
  const answer = await post("/sign-in", { key: API_KEY }, { "sec-fetch-site": "cross-site" });
  return unequal("the status", answer.status, 403);
});

await check("signing out ends the session", async () => {
  const session = await signInAsAdmin();
  const { csrf } = await forms("/", session);
  const answer = await post("/sign-out", { csrf }, cookie(session));
  const after = await get("/", session);
  return [...unequal("the status", answer.status, 303), ...unequal("the status afterwards", after.status, 303)];
});

await end(browser);
