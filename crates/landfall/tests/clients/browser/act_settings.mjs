// Every noun of the settings: made, edited, deleted; keys, whose secrets are shown once.

import { BASE_URL, signInAsAdmin, unequal } from "./browser.mjs";
import { act, sit } from "./hands.mjs";

export async function actOnSettings(browser) {
  const person = await sit(browser, { session: await signInAsAdmin() });
  await organization(person);
  await nouns(person);
  await environments(person);
  await keys(person);
  await signingKeys(person);
  await person.close();
}

const MADE = ".make > form";
const rowNames = (person) => person.readAll(".content .list tbody th");

async function organization(person) {
  await act("the organization is renamed, and takes a limit", person, async ({ page, go, fill, follow, told, read }) => {
    await go("/settings");
    await fill("input[name=name]", "Harbor & Sons");
    await fill("input[name=environments_max]", "50");
    await page.click("input[name=refuse_other_sha]");
    await follow("Save");
    const wrong = unequal("what is said", await told(), "Saved.");
    wrong.push(...unequal("the bar", await read(".menu summary"), "Harbor & Sons ▾"));
    wrong.push(...unequal("the box", await page.$eval("input[name=refuse_other_sha]", (box) => box.checked), true));
    wrong.push(...unequal("the limit", await page.$eval("input[name=environments_max]", (field) => field.value), "50"));
    await fill("input[name=name]", "Harbor & Co");
    await fill("input[name=environments_max]", "");
    await page.click("input[name=refuse_other_sha]");
    await follow("Save");
    return [...wrong, ...unequal("the bar in the end", await read(".menu summary"), "Harbor & Co ▾")];
  });
}

/** What is the same of every noun: where, what its button says, its first field, and what it is deleted by. */
const NOUNS = [
  { where: "teams", noun: "team", named: "code", from: "aquatic", to: "marine" },
  { where: "projects", noun: "project", named: "name", from: "lighthouse", to: "beacon" },
  { where: "applications", noun: "application", named: "name", from: "foghorn", to: "siren" },
];

async function nouns(person) {
  for (const { where, noun, named, from, to } of NOUNS) {
    await act(`${noun}: made, refused when it is there, edited, deleted when its name is typed`, person, async ({ page, go, press, fill, follow, told }) => {
      const path = `/settings/${where}`;
      await go(path);
      await press(`New ${noun}`);
      await fill(`${MADE} [name=${named}]`, from);
      await follow(`Make the ${noun}`);
      const wrong = unequal("what is said", await told(), "Made.");
      await press(`New ${noun}`);
      await fill(`${MADE} [name=${named}]`, from);
      await follow(`Make the ${noun}`);
      wrong.push(...unequal("that a second one is refused", (await page.$$("p.wrong")).length, 1));
      wrong.push(...unequal("what was typed", await page.$eval(`${MADE} [name=${named}]`, (field) => field.value), from));

      await go(path);
      await follow(from, ".content");
      await fill(`[name=${named}]`, to);
      await follow("Save");
      wrong.push(...unequal("what is said of the edit", await told(), "Saved."));
      await fill("form.danger [name=name]", from);
      await follow(`Delete the ${noun}`);
      wrong.push(...unequal("that another name is refused", await told().then((text) => text.includes("must be typed as it is")), true));
      await fill("form.danger [name=name]", to);
      await follow(`Delete the ${noun}`);
      wrong.push(...unequal("what is said in the end", await told(), "Deleted."));
      return [...wrong, ...unequal("that it is gone", (await rowNames(person)).includes(to), false)];
    });
  }
}

async function environments(person) {
  const order = async () => (await rowNames(person)).filter((name) => ["staging", "wharf"].includes(name));
  await act("an environment is made, moved, edited, archived, restored and deleted", person, async ({ page, go, press, fill, follow, told, read }) => {
    await go("/settings/environments");
    await press("New environment");
    await fill(`${MADE} [name=code]`, "wharf");
    await page.select(`${MADE} select[name=type]`, "staging");
    await follow("Make the environment");
    const wrong = unequal("what is said", await told(), "Made.");
    wrong.push(...unequal("the order", await order(), ["staging", "wharf"]));
    await follow("Move wharf up");
    wrong.push(...unequal("the order after moving it", await order(), ["wharf", "staging"]));
    await follow("Move wharf down");
    wrong.push(...unequal("the order after moving it back", await order(), ["staging", "wharf"]));

    await follow("wharf", ".content");
    await fill("input[name=code]", "slipway");
    await fill("input[name=url]", "https://slipway.example");
    await follow("Save");
    wrong.push(...unequal("what is said of the edit", await told(), "Saved."));
    wrong.push(...unequal("the alias", (await read(".hint")).includes("wharf"), true));
    await follow("Archive");
    wrong.push(...unequal("what is said of archiving", await told(), "Archived. A report brings it back."));
    wrong.push(...unequal("its state", await read(".head .status"), "–archived"));
    await follow("Restore");
    wrong.push(...unequal("what is said of restoring", await told(), "Restored."));
    await fill("form.danger [name=name]", "slipway");
    await follow("Delete the environment");
    return [...wrong, ...unequal("what is said in the end", await told(), "Deleted.")];
  });
}

async function keys(person) {
  await act("a key is made, its secret shown once, it opens, and is revoked", person, async ({ page, go, press, fill, follow, told, read, readAll }) => {
    await go("/settings/keys");
    await press("New key");
    await fill(`${MADE} [name=name]`, "harbour pilot");
    await page.click(`${MADE} [name=read]`);
    await follow("Make the key");
    const secret = await read("#secret");
    const asks = () => fetch(`${BASE_URL}/api/v1/status`, { headers: { authorization: `Bearer ${secret}` } });
    const wrong = unequal("how it answers", (await asks()).status, 200);
    await follow("I have it");
    wrong.push(...unequal("that the list has the secret", (await page.content()).includes(secret), false));
    await follow("harbour pilot", ".content");
    wrong.push(...unequal("that its page has the secret", (await page.content()).includes(secret), false));
    wrong.push(...unequal("what it may", (await readAll(".facts dd"))[1], "report, read"));
    await fill("form.danger [name=name]", "harbour pilot");
    await follow("Revoke the key");
    wrong.push(...unequal("what is said", await told(), "Revoked. It opens nothing from now on."));
    return [...wrong, ...unequal("how it answers then", (await asks()).status, 401)];
  });
}

async function signingKeys(person) {
  await act("a signing key is made, its secret shown once, changed and revoked", person, async ({ page, go, press, fill, follow, told, read }) => {
    await go("/settings/signing-keys");
    await press("New signing key");
    await fill(`${MADE} [name=name]`, "old pipelines");
    await follow("Make the signing key");
    const secret = await read("#secret");
    const wrong = unequal("that there is a secret", secret.length > 20, true);
    await follow("I have it");
    await follow("old pipelines", ".content");
    wrong.push(...unequal("that its page has the secret", (await page.content()).includes(secret), false));
    const isOn = () => page.$eval("input[name=allows_legacy]", (box) => box.checked);
    const before = await isOn();
    await page.click("input[name=allows_legacy]");
    await follow("Save");
    wrong.push(...unequal("the box", await isOn(), !before));
    await fill("form.danger [name=name]", "old pipelines");
    await follow("Revoke the signing key");
    return [...wrong, ...unequal("what is said", await told(), "Revoked. It opens nothing from now on.")];
  });
}
