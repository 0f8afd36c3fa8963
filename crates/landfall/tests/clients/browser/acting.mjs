// Each action of the dashboard, done as a person does it: one browser for all.

import { end, launch } from "./browser.mjs";
import { actAsPerson } from "./act_person.mjs";
import { actOnHistory } from "./act_history.mjs";
import { actOnSettings } from "./act_settings.mjs";
import { actOnWebhooks } from "./act_webhooks.mjs";

const browser = await launch();
for (const actAll of [actAsPerson, actOnHistory, actOnSettings, actOnWebhooks]) await actAll(browser);
await end(browser);
