// Every page of the dashboard, a line each. A new page gets a line here; then it is looked at in both
// themes and sizes, kept from the signed-out and from those whose role does not allow it, and shown
// among the screenshots.

import { api } from "./browser.mjs";

/**
 * name: of the check and the screenshot.
 * path: its address, or how it is made from what the demo holds.
 * wait: what is in the page once it is there.
 * role: the least one that may see it; `nobody` where no one need be signed in.
 * as: who looks at it: a `viewer`, or a `newcomer` with a password that was made for them; else the admin.
 * isEmpty: whether it is shown as an organization has it in which nothing happened yet.
 */
export const PAGES = [
  { name: "matrix", path: "/", wait: "#board tbody tr[data-id]", role: "viewer" },
  { name: "matrix-drifted", path: "/?show=drifted", wait: "#numbers a[aria-current]", role: "viewer" },
  { name: "matrix-nothing-found", path: "/?q=no+such+thing", wait: "#board", role: "viewer" },
  { name: "timeline", path: "/timeline", wait: "#timeline tr[data-id]", role: "viewer" },
  { name: "timeline-failed", path: "/timeline?status=failed", wait: "#timeline tr[data-id]", role: "viewer" },
  { name: "deployment", path: (known) => `/deployments/${known.deployment.id}`, wait: ".lifecycle", role: "viewer" },
  { name: "deployment-failed", path: (known) => `/deployments/${known.failed.id}`, wait: ".failure", role: "viewer" },
  { name: "deployment-raw", path: (known) => `/deployments/${known.deployment.id}?show=raw`, wait: "pre", role: "viewer" },
  { name: "application", path: (known) => `/applications/${known.application.id}`, wait: "h1", role: "viewer" },
  { name: "version", path: (known) => `/versions/${known.deployment.version.id}`, wait: "h1", role: "viewer" },
  { name: "environment", path: (known) => `/environments/${known.environment.id}`, wait: "h1", role: "viewer" },
  { name: "compare", path: "/compare", wait: ".compare", role: "viewer" },
  { name: "find", path: (known) => `/find?q=${known.deployment.version.name}`, wait: "h1", role: "viewer" },
  { name: "webhooks", path: "/webhooks", wait: ".hooks", role: "viewer" },
  { name: "webhook", path: (known) => hook(known.warehouse), wait: "#deliveries table", role: "viewer" },
  { name: "webhook-sick", path: (known) => hook(known.sick), wait: ".worry", role: "viewer" },
  { name: "webhook-paused", path: (known) => hook(known.paused), wait: "#deliveries table", role: "viewer" },
  { name: "webhook-delivery", path: (known) => hook(known.warehouse, `/deliveries/${known.tried.sequence}`), wait: ".pane .attempt", role: "viewer" },
  { name: "webhook-delivery-dead", path: (known) => hook(known.console, `/deliveries/${known.dead.sequence}`), wait: ".pane .attempt", role: "viewer" },
  { name: "webhook-test", path: (known) => hook(known.slack, "/test"), wait: "h2", role: "viewer" },
  { name: "webhook-replay", path: (known) => hook(known.warehouse, "/replay"), wait: ".jobs li", role: "viewer" },
  { name: "webhook-why", path: (known) => hook(known.slack, `/why?event=${known.tried.sequence}`), wait: ".verdict", role: "viewer" },
  { name: "webhook-settings", path: (known) => hook(known.template, "/settings"), wait: ".facts", role: "viewer" },
  { name: "webhook-edit", path: (known) => hook(known.template, "/edit"), wait: "#hook", role: "manager" },
  { name: "webhook-new", path: "/webhooks/new?format=standard", wait: "form", role: "manager" },
  { name: "webhook-new-humanitec", path: "/webhooks/new?format=humanitec", wait: "form", role: "manager" },
  { name: "events", path: "/events", wait: "#log", role: "viewer" },
  { name: "refused", path: "/refused", wait: "h1", role: "viewer" },
  { name: "settings", path: "/settings", wait: "h1", role: "viewer" },
  { name: "settings-people", path: "/settings/people", wait: "h1", role: "admin" },
  { name: "settings-person", path: (known) => `/settings/people/${known.person.id}`, wait: "h1", role: "admin" },
  { name: "settings-account", path: "/settings/account", wait: ".sessions", role: "viewer", as: "viewer" },
  { name: "settings-account-of-a-key", path: "/settings/account", wait: ".sessions", role: "viewer" },
  { name: "settings-first-password", path: "/settings/account", wait: "form", role: "viewer", as: "newcomer" },
  { name: "settings-environment", path: (known) => `/settings/environments/${known.environment.id}`, wait: "h1", role: "viewer" },
  { name: "settings-application", path: (known) => `/settings/applications/${known.application.id}`, wait: "h1", role: "viewer" },
  { name: "settings-key", path: (known) => `/settings/keys/${known.key.key_id}`, wait: "h1", role: "admin" },
  { name: "settings-environments", path: "/settings/environments", wait: "h1", role: "viewer" },
  { name: "settings-projects", path: "/settings/projects", wait: "h1", role: "viewer" },
  { name: "settings-applications", path: "/settings/applications", wait: "h1", role: "viewer" },
  { name: "settings-teams", path: "/settings/teams", wait: "h1", role: "viewer" },
  { name: "settings-keys", path: "/settings/keys", wait: "h1", role: "admin" },
  { name: "settings-signing-keys", path: "/settings/signing-keys", wait: "h1", role: "admin" },
  { name: "settings-audit", path: "/settings/audit", wait: "h1", role: "admin" },
  { name: "sign-in", path: "/sign-in", wait: "input[name=email]", role: "nobody" },
  { name: "empty-matrix", path: "/", wait: "#empty", role: "admin", isEmpty: true },
  { name: "empty-timeline", path: "/timeline", wait: "#empty", role: "admin", isEmpty: true },
  { name: "empty-compare", path: "/compare", wait: "pre", role: "admin", isEmpty: true },
  { name: "empty-webhooks", path: "/webhooks", wait: ".teach", role: "admin", isEmpty: true },
  { name: "empty-events", path: "/events", wait: "#empty", role: "admin", isEmpty: true },
  { name: "empty-refused", path: "/refused", wait: ".teach", role: "admin", isEmpty: true },
  { name: "empty-environments", path: "/settings/environments", wait: "pre", role: "admin", isEmpty: true },
  { name: "empty-applications", path: "/settings/applications", wait: "pre", role: "admin", isEmpty: true },
  { name: "empty-teams", path: "/settings/teams", wait: "h1", role: "admin", isEmpty: true },
  { name: "empty-signing-keys", path: "/settings/signing-keys", wait: "h1", role: "admin", isEmpty: true },
];

const hook = (webhook, rest = "") => `/webhooks/${webhook.id}${rest}`;

/** Roles, the least first. */
export const ROLES = ["nobody", "viewer", "reporter", "manager", "admin"];

export const allows = (role, page) => ROLES.indexOf(role) >= ROLES.indexOf(page.role);

/** The pages with their addresses. */
export async function pages() {
  const world = await known();
  return PAGES.map((page) => ({ ...page, path: typeof page.path === "string" ? page.path : page.path(world) }));
}

/** The first of everything that pages are about. */
async function known() {
  const first = async (noun, query = "") => (await api(`/api/v1/${noun}?limit=1${query}`)).items[0];
  const [deployment, failed] = await Promise.all([first("deployments"), first("deployments", "&status=failed")]);
  const [application, environment] = await Promise.all([first("applications"), first("environments")]);
  const [key, person] = await Promise.all([first("keys"), people()]);
  return { deployment, failed, application, environment, key, person, ...(await webhooks()) };
}

/** People to be listed, for the demo has none who sign in; the first of them. */
async function people() {
  const add = ([email, name, role]) => api("/api/v1/users", { email: `${email}@harborandco.example`, name, role });
  const [first] = await Promise.all([
    add(["aiko.tanaka", "Aiko Tanaka", "admin"]),
    add(["maja.lindqvist", "Maja Lindqvist", "manager"]),
    add(["roisin.fitzgerald", "Róisín Fitzgerald", "reporter"]),
  ]);
  return first.user;
}

/** The demo's webhooks, a delivery that took several attempts, and one that is dead. */
async function webhooks() {
  const all = (await api("/api/v1/webhooks?limit=100")).items;
  const named = (name) => all.find((webhook) => webhook.name === name);
  const [warehouse, slack, template] = ["Data warehouse", "#shop-releases", "Release notes"].map(named);
  const [sick, console, paused] = ["Incident desk", "Deploy console", "Status page"].map(named);
  const deliveries = async (webhook, query) => (await api(`/api/v1/webhooks/${webhook.id}/deliveries?limit=500${query}`)).items;
  const tried = (await deliveries(warehouse, "")).find(({ attempts }) => attempts > 1);
  const [dead] = await deliveries(console, "&state=dead");
  if ((await api(`/api/v1/webhooks/${warehouse.id}/jobs`)).items.length === 0) {
    await api(`/api/v1/webhooks/${warehouse.id}/replay`, { first: Math.max(1, tried.sequence - 50), last: tried.sequence });
  }
  return { warehouse, slack, template, sick, console, paused, tried, dead };
}
