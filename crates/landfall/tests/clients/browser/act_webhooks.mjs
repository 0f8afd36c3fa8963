// Webhooks: made in each format, edited, paused, tested, sent again, asked why, deleted.

import { NEVER, api, deploy, signInAsAdmin, unequal } from "./browser.mjs";
import { act, sit } from "./hands.mjs";
import { receive } from "./receiver.mjs";

/** What stands in the preview of a completed deployment, by format. */
const FORMATS = {
  standard: '"type": "deployment.completed"',
  template: '"text": "',
  slack: '"blocks"',
  qovery: '"DEPLOYMENT_SUCCESSFUL"',
  humanitec: '"deployment.finished"',
  akinon: '"distribution.succeeded"',
  versioner: '"deployment.completed"',
};

export async function actOnWebhooks(browser) {
  const person = await sit(browser, { session: await signInAsAdmin() });
  const receiver = await receive();
  await making(person, receiver);
  await changing(person, receiver);
  await sending(person);
  await replaying(person, receiver);
  await asking(person);
  await deleting(person, receiver);
  receiver.close();
  await person.close();
}

const SUBMIT = "Make the webhook";
const named = async (name) => (await api("/api/v1/webhooks?limit=100")).items.find((webhook) => webhook.name === name);
const make = (name, url, more = {}) => api("/api/v1/webhooks", { name, url, ...more }).then(({ id }) => `/webhooks/${id}`);

async function making(person, receiver) {
  for (const [format, mark] of Object.entries(FORMATS)) {
    await act(`${format}: the preview follows what is typed, and the secret is shown once`, person, async ({ page, go, fill, follow, says, told, read }) => {
      await go(`/webhooks/new?format=${format}`);
      await says("#preview pre", mark);
      await fill("input[name=name]", `Made as ${format}`);
      await fill("input[name=url]", `${receiver.url}/${format}`);
      await fill("input[name=environments]", "nowhere");
      await says("#preview", "This event would not be sent");
      await fill("input[name=environments]", "prod*");
      await says("#preview", "This event would be sent");
      await follow(SUBMIT);
      const wrong = unequal("what is said", await told(), "The webhook is made. It is sent what happens from now on.");
      const secret = await read("#new-secret");
      wrong.push(...unequal("how the secret begins", secret.slice(0, 6), "whsec_"));
      await page.goto(page.url());
      return [...wrong, ...unequal("that it is shown again", (await page.content()).includes(secret), false)];
    });
  }

  await act("the sample in the preview can be another", person, async ({ page, go, says }) => {
    await go("/webhooks/new?format=qovery");
    await page.select("#sample", "deployment.failed");
    await says("#preview pre", '"DEPLOYMENT_FAILURE"');
  });

  await act("what is wrong is said beside its field, and nothing that was typed is lost", person, async ({ page, go, fill, follow, read }) => {
    await go("/webhooks/new?format=template");
    await fill("input[name=name]", "A mistake");
    await fill("input[name=url]", "ftp://example.com");
    await fill("textarea[name=template]", "{");
    await follow(SUBMIT);
    const wrong = unequal("what is said", await read("p.wrong"), "Nothing was saved. Look again at: URL, Template.");
    wrong.push(...unequal("the name", await page.$eval("input[name=name]", (field) => field.value), "A mistake"));
    return [...wrong, ...unequal("that it was made", await named("A mistake"), undefined)];
  });
}

async function changing(person, receiver) {
  await act("an edit is saved, and shown", person, async ({ page, go, follow, fill, told, read }) => {
    await go(await make("To be edited", receiver.url));
    await follow("Edit");
    await fill("input[name=name]", "Was edited");
    await fill("input[name=events]", "deployment.failed, build.*");
    await follow("Save");
    const wrong = unequal("what is said", await told(), "Saved. No attempt starts with what it was before.");
    wrong.push(...unequal("the heading", await read("h1"), "Was edited"));
    return [...wrong, ...unequal("the events", (await read(".facts")).includes("deployment.failed, build.*"), true)];
  });

  await act("what happens in a pause waits, and is sent when it goes on", person, async ({ page, go, goUntil, follow, told, read }) => {
    const path = await make("To be paused", receiver.url, { events: ["deployment.completed"], filters: { applications: ["paused-app"] } });
    await go(path);
    await follow("Pause");
    const wrong = unequal("what is said", await told(), "Paused. What happens meanwhile waits.");
    wrong.push(...unequal("the state", await read(".hook-head .status"), "○paused"));
    await deploy("default", "paused-app", "1.0.0", "testing");
    await go(path);
    wrong.push(...unequal("that nothing was sent", (await page.$$("#deliveries tr")).length, 0));
    await follow("Resume");
    wrong.push(...unequal("what is said then", await told(), "It sends again."));
    await goUntil(path, "#deliveries tbody .status.completed");
    return [...wrong, ...unequal("what was sent", (await read("#deliveries tbody tr")).includes("paused-app 1.0.0"), true)];
  });

  await act("another secret is shown once, beside until when the old one signs", person, async ({ page, go, follow, told, read }) => {
    const path = await make("To be rotated", receiver.url);
    await go(`${path}/settings`);
    await follow("Rotate the secret");
    const wrong = unequal("what is said", await told(), "There is a new secret. For 24 hours deliveries are signed with both.");
    const secret = await read("#new-secret");
    await go(`${path}/settings`);
    wrong.push(...unequal("that it is shown again", (await page.content()).includes(secret), false));
    return [...wrong, ...unequal("that the old one is mentioned", (await read(".columns")).includes("signed with the one before as well"), true)];
  });
}

async function sending(person) {
  const path = async (name) => `/webhooks/${(await named(name)).id}`;
  const first = (page, state) => page.$eval(`#deliveries tbody .status.${state}`, (status) => status.closest("tr").querySelector("a").textContent);

  await act("a test shows what was answered, without another page", person, async ({ page, go, press, says }) => {
    await go(`${await path("#shop-releases")}/test`);
    await page.select("#kind", "deployment.failed");
    await press("Send test");
    await says("#came", "a sample of deployment.failed");
    await says("#came .body", "ok");
  });

  await act("a delivery opens beside the list, and is sent once more", person, async ({ page, go, press, follow, says, told, readAll }) => {
    await go(await path("#shop-releases"));
    await press(await first(page, "completed"), "#deliveries");
    await says(".pane", "Attempt 1");
    const before = (await readAll(".pane .attempt")).length;
    await follow("Resend");
    const wrong = unequal("what is said", await told(), "Sent again, and delivered.");
    return [...wrong, ...unequal("attempts", (await readAll(".pane .attempt")).length, before + 1)];
  });

  await act("a delivery that fails again says so, and one that waits is skipped", person, async ({ page, go, press, follow, says, told, read }) => {
    const sick = await path("Incident desk");
    await go(`${sick}?state=retrying`);
    await press(await first(page, "pending"), "#deliveries");
    await says(".pane", "Attempt 1");
    await follow("Resend");
    const wrong = unequal("what is said", await told(), "Sent again, and it failed. The newest attempt says why.");
    await follow("Skip");
    wrong.push(...unequal("what is said then", await told(), "Skipped. It is not tried again."));
    return [...wrong, ...unequal("its state", await read(".pane .head .status"), "–skipped")];
  });

  await act("all that failed in a range is sent again", person, async ({ page, go, fill, follow, told, read }) => {
    await go(`${await path("Deploy console")}/replay`);
    await fill("input[name=first]", "1");
    await follow("Start");
    const wrong = unequal("what is said", await told(), "Started. It goes on if you leave this page.");
    await page.waitForSelector(".jobs li:first-child .status.completed", NEVER);
    return [...wrong, ...unequal("what is said of the job", /resend failed 1 to \d+.* \d+ failed/.test(await read(".jobs li")), true)];
  });
}

async function replaying(person, receiver) {
  await act("a replay is stopped on its way, and another one ends", person, async ({ page, go, fill, follow, told, read }) => {
    const path = await make("To be replayed", receiver.url, { events: ["deployment.completed"] });
    await go(`${path}/replay`);
    const held = receiver.hold();
    await page.click("input[value=replay]");
    await fill("input[name=first]", "1");
    await follow("Start");
    await held;
    const wrong = unequal("the job", await read(".jobs li .status"), "◐running");
    await follow("Stop");
    wrong.push(...unequal("what is said", await told(), "Stopped. Attempts that were under way end."));
    receiver.release();
    wrong.push(...unequal("the job then", await read(".jobs li .status"), "–stopped"));

    await page.click("input[value=replay]");
    await fill("input[name=first]", "1");
    await fill("input[name=last]", "60");
    await follow("Start");
    await page.waitForSelector(".jobs li:first-child .status.completed", NEVER);
    const [, delivered] = /(\d+) delivered, 0 failed/.exec(await read(".jobs li")) ?? [];
    return [...wrong, ...unequal("that something was delivered", Number(delivered) > 0, true)];
  });

  await act("a range that makes no sense is refused in words", person, async ({ page, go, fill, follow, read }) => {
    await go(`/webhooks/${(await named("To be replayed")).id}/replay`);
    await fill("input[name=first]", "9");
    await fill("input[name=last]", "3");
    await follow("Start");
    return unequal("that it says why", (await read("main")).includes("must not be before the first event"), true);
  });
}

async function asking(person) {
  await act("why an event was not sent is explained, filter by filter", person, async ({ page, go, fill, follow, read, readAll }) => {
    await go(`/webhooks/${(await named("#shop-releases")).id}/why`);
    await fill("#event", "3");
    await follow("Explain");
    const wrong = unequal("the verdict", (await read(".verdict")).startsWith("Event 3: "), true);
    wrong.push(...unequal("the filters", await readAll(".checks tbody th"), ["events", "projects", "environment_types"]));
    await fill("#event", "the last one");
    await follow("Explain");
    return [...wrong, ...unequal("what is said of a word", await read("p.wrong"), "An event is named by its number, such as 1042.")];
  });
}

async function deleting(person, receiver) {
  await act("a webhook is deleted only under its name", person, async ({ page, go, fill, follow, told, read, readAll }) => {
    const path = await make("To be deleted", receiver.url);
    await go(`${path}/settings`);
    await fill("form[action$='/delete'] input[name=name]", "to be deleted?");
    await follow("Delete the webhook");
    const wrong = unequal("that another name is refused", (await read("main")).includes("nothing was deleted"), true);
    await go(`${path}/settings`);
    await fill("form[action$='/delete'] input[name=name]", "To be deleted");
    await follow("Delete the webhook");
    wrong.push(...unequal("what is said", await told(), "The webhook and its deliveries are deleted."));
    return [...wrong, ...unequal("that the list has it", (await readAll(".hooks th.name")).includes("To be deleted"), false)];
  });
}
