// Signing in and out, the organization switcher, the theme, and the bar on a phone.

import { API_KEY, BASE_URL, PASSWORD, SIZES, api, found, signInAs, signInAsAdmin, unequal } from "./browser.mjs";
import { act, sit } from "./hands.mjs";

export async function actAsPerson(browser) {
  const person = await sit(browser);
  await signingIn(person);
  await switching(person);
  await person.close();
  const phone = await sit(browser, { session: await signInAsAdmin(), size: SIZES.phone });
  await onPhone(phone);
  await phone.close();
}

async function signingIn(person) {
  await act("a key that opens nothing is refused", person, async ({ go, fill, follow, told }) => {
    await go("/sign-in");
    await fill("input[name=key]", `${API_KEY}x`);
    await follow("Sign in with the key");
    return unequal("what is said", await told(), "This key opens nothing. Is it whole?");
  });

  await act("the admin key signs in, and the menu signs out", person, async ({ page, fill, follow, press, read }) => {
    await fill("input[name=key]", API_KEY);
    await follow("Sign in with the key");
    const wrong = unequal("the address", page.url(), `${BASE_URL}/`);
    wrong.push(...unequal("the organization", await read(".menu summary"), "Harbor & Co ▾"));
    await press("Harbor & Co ▾");
    await follow("Sign out API key demo");
    wrong.push(...unequal("the address afterwards", page.url(), `${BASE_URL}/sign-in`));
    await page.goto(`${BASE_URL}/timeline`);
    return [...wrong, ...unequal("where a page leads now", new URL(page.url()).pathname, "/sign-in")];
  });
}

async function switching(person) {
  await act("who is in two organizations switches between them and back", person, async ({ go, fill, follow, press, read }) => {
    await signInAs("viewer");
    await api("/api/v1/users", { email: "viewer@harborandco.example", role: "viewer" }, await found("second-house"));
    await go("/sign-in");
    await fill("input[name=email]", "viewer@harborandco.example");
    await fill("input[name=password]", PASSWORD);
    await follow("Sign in");
    const first = await read(".menu summary");
    const other = first.startsWith("Harbor") ? "second-house" : "Harbor & Co";
    await press(first);
    await follow(other);
    const wrong = unequal("the organization", await read(".menu summary"), `${other} ▾`);
    await press(`${other} ▾`);
    await follow(first.replace(" ▾", ""));
    return [...wrong, ...unequal("the organization in the end", await read(".menu summary"), first)];
  });
}

async function onPhone(person) {
  const tabs = [["Timeline", "/timeline"], ["Compare", "/compare"], ["Webhooks", "/webhooks"], ["Events", "/events"], ["Refused", "/refused"], ["What is where", "/"]];

  for (const isScripted of [true, false]) {
    await act(`on a phone every tab is tapped ${isScripted ? "with" : "without"} script`, person, async ({ page, go }) => {
      await page.setJavaScriptEnabled(isScripted);
      await go("/");
      const wrong = [];
      for (const [name, path] of tabs) {
        // By its place, as a finger does it: nothing is scrolled.
        const place = await page.$$eval(".top nav a", (links, name) => {
          const { left, top, width, height } = links.find((link) => link.textContent === name).getBoundingClientRect();
          return [left + width / 2, top + height / 2];
        }, name);
        await Promise.all([page.waitForNavigation(), page.touchscreen.tap(...place)]);
        wrong.push(...unequal(`where ${name} leads`, new URL(page.url()).pathname, path));
      }
      await page.setJavaScriptEnabled(true);
      return wrong;
    });
  }

  await act("on a phone the search and the settings are in reach", person, async ({ page, go, press, follow }) => {
    await go("/");
    await press("Search, Ctrl K");
    await page.waitForSelector("#palette[open]");
    await page.keyboard.press("Escape");
    await press("Harbor & Co ▾");
    await follow("Settings");
    return unequal("the address", page.url(), `${BASE_URL}/settings`);
  });
}
