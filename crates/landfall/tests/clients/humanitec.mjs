// Drives a server with Humanitec's own client, and prints what each call came to as one JSON object.
//
// Arguments: the URL of the server, a key, and the URL of a receiver. Runs in the folder where the
// client is installed.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { PublicApi, apiConfig } = await import(pathToFileURL(require.resolve("@humanitec/autogen")));

const [apiHost, token, receiver] = process.argv.slice(2);
const api = new PublicApi(apiConfig({ token, apiHost }));
const app = { orgId: "default", appId: "shop" };
const job = { ...app, jobId: "my-hook" };

// What the client throws, as far as its callers look at it.
async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return { status: error.response.status, body: await error.response.json() };
  }
  throw new Error("it should have been refused");
}

const create = (WebhookRequest) => api.orgsOrgIdAppsAppIdWebhooksPost({ ...app, WebhookRequest });
const change = (WebhookRequest) =>
  api.orgsOrgIdAppsAppIdWebhooksJobIdPatch({ ...job, WebhookRequest });

const told = {};
told.events = await api.orgsOrgIdEventsGet({ orgId: "default" });
const request = {
  id: "my-hook",
  url: "example.com/hook",
  headers: { "X-Token": "t" },
  payload: { app: "${app_id}" },
  triggers: told.events.map(({ scope, type }) => ({ scope, type })),
};
told.made = await create(request);
told.listed = await api.orgsOrgIdAppsAppIdWebhooksGet(app);
told.shown = await api.orgsOrgIdAppsAppIdWebhooksJobIdGet(job);
told.bare = await create({ id: "bare", url: "https://example.com", payload: null });
told.clash = await refusal(create(request));
told.changed = await change({ url: receiver, disabled: true, triggers: [] });
told.wrong = await refusal(change({ triggers: [{ scope: "deployment", type: "paused" }] }));
await api.orgsOrgIdAppsAppIdWebhooksJobIdDelete(job);
told.missing = await refusal(api.orgsOrgIdAppsAppIdWebhooksJobIdGet(job));
told.left = (await api.orgsOrgIdAppsAppIdWebhooksGet(app)).map(({ id }) => id);
await api.orgsOrgIdAppsAppIdJobsDelete(app);
const stranger = new PublicApi(apiConfig({ token: "nobody", apiHost }));
told.stranger = await refusal(stranger.orgsOrgIdEventsGet({ orgId: "default" }));
console.log(JSON.stringify(told));
