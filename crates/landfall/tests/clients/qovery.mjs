// Drives Qovery's own client against the server at BASE_URL with the key API_KEY, sent after the word
// SCHEME, and prints what came of it as JSON. The first argument names the part, the second is what
// it needs to know. Runs in the folder where the client is installed.

import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const qovery = require("qovery-typescript-axios");

const { BASE_URL, API_KEY, SCHEME } = process.env;

// The client has a field of its own for each of the two words.
const credentials =
  SCHEME === "Bearer" ? { accessToken: API_KEY } : { apiKey: `${SCHEME} ${API_KEY}` };
const configuration = new qovery.Configuration({ ...credentials, basePath: BASE_URL });

const organizations = new qovery.OrganizationMainCallsApi(configuration);
const webhooks = new qovery.OrganizationWebhookApi(configuration);

const short = ({ status, data }) => ({ status, data });
const failed = (call) => call.then(short, (error) => short(error.response));

async function make({ target_url }) {
  const { results } = (await organizations.listOrganization()).data;
  const organization = results.find(({ name }) => name === "default").id;
  const created = await webhooks.createOrganizationWebhook(
    organization,
    {
      kind: qovery.OrganizationWebhookKindEnum.STANDARD,
      target_url,
      target_secret: "s3cret",
      events: Object.values(qovery.OrganizationWebhookEventEnum),
    },
  );
  const listed = (await webhooks.listOrganizationWebHooks(organization)).data.results;
  const shown = await webhooks.getOrganizationWebhook(organization, created.data.id);
  return { organization, created: short(created), listed, shown: shown.data };
}

// Asks until the first request is listed; each answer waits for the server.
async function history({ organization, id }) {
  for (;;) {
    const { results } = (await webhooks.listWebhookEvent(organization, id)).data;
    if (results.length > 0) return results;
  }
}

async function end({ organization, id }) {
  const shown = (await webhooks.getOrganizationWebhook(organization, id)).data;
  const form = { description: "edited", target_secret: "SECRET_VALUE_UNCHANGED" };
  const edit = (body) => webhooks.editOrganizationWebhook(organization, id, body);
  const edited = short(await edit({ ...shown, ...form }));
  const refused = await failed(edit({ ...shown, target_url: "nowhere" }));
  const deleted = short(await webhooks.deleteOrganizationWebhook(organization, id));
  const missing = await failed(webhooks.getOrganizationWebhook(organization, id));
  return { edited, refused, deleted, missing };
}

async function values() {
  const { results } = (await organizations.listOrganization()).data;
  const made = [];
  for (const kind of Object.values(qovery.OrganizationWebhookKindEnum)) {
    const sent = {
      kind,
      target_url: "https://example.com/hook",
      events: Object.values(qovery.OrganizationWebhookEventEnum),
      description: "every value",
      enabled: false,
      project_names_filter: ["product*"],
      environment_types_filter: Object.values(qovery.EnvironmentModeEnum),
    };
    const created = await webhooks.createOrganizationWebhook(results[0].id, sent);
    const { id, created_at, updated_at, target_secret_set, ...answered } = created.data;
    made.push({ sent, answered });
  }
  return made;
}

const parts = { make, history, end, values };
const [part, input] = process.argv.slice(2);
console.log(JSON.stringify(await parts[part](JSON.parse(input))));
