/** The dashboard in a real browser on a device of the LAN: what it shows as it happens, what it changes, and who can use it. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { LabBrowser } from "../browser.ts";
import { deviceMac, type LabDescription } from "../description.ts";
import { scenario } from "../scenario.ts";
import { apiConfig } from "../suites/api.ts";
import {
  button,
  expectUsable,
  follow,
  keepScreen,
  openPage,
  origin,
  phone,
  rowOf,
  shows,
  token,
  withBrowser,
} from "../suites/dashboard.ts";
import { addDhcpDevice, registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, pageAt, waitForAddresses, waitForPage } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const network: LabDescription = { wan: { ipv6: {}, registered: registered(1, 2), clients: ["dual"] } };

/** The desk, where the browser is, is a device as well. */
async function begin(lab: Lab) {
  await startGateway(lab, { ...quick6, ...apiConfig });
  const desk = await addServingDevice(lab, 1, { web: [80] });
  await waitForAddresses(lab, desk, { four: 1, six: 1 });
  return desk;
}

scenario(
  "devices come live, are found, opened and asked for anew; a wrong token changes nothing",
  network,
  async (lab) => {
    const desk = await begin(lab);
    await withBrowser(lab, desk, origin, async (browser) => {
      const page = await openPage(browser, { colorScheme: "light" });
      await rowOf(page, desk.mac).waitFor();
      await page.evaluate("document.body.dataset.first = 'yes'");
      const camera = await addServingDevice(lab, 2, { web: [80] });
      const stranger = await addDhcpDevice(lab, 4);
      await shows(rowOf(page, camera.mac), "active");
      await shows(rowOf(page, stranger.mac), /is this MAC registered\?/);
      expect(await page.evaluate("document.body.dataset.first"), "it was not loaded again").toBe("yes");
      const { addresses4, addresses6 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
      for (const address of [...addresses4, ...addresses6]) await shows(rowOf(page, camera.mac), address);
      await keepScreen(page, "live");

      await button(page, /failed$/).click();
      expect(await page.locator("tbody tr").count()).toBe(1);
      await button(page, /all$/).click();
      await page.getByRole("searchbox").fill("host-2");
      expect(await page.locator("tbody th").allInnerTexts()).toEqual([camera.mac]);
      await page.getByRole("searchbox").fill(addresses4[0] ?? "");
      expect(await page.locator("tbody th").allInnerTexts()).toEqual([camera.mac]);
      await page.getByRole("searchbox").fill("nothing like it");
      await button(page, "Show all devices").click();
      expect(await page.locator("tbody tr").count()).toBe(3);

      await rowOf(page, camera.mac).getByRole("link").click();
      await page.getByRole("heading", { level: 1, name: "host-2" }).waitFor();
      for (const text of [camera.mac, ...addresses4, ...addresses6, "configured"]) await shows(page, text);
      const { ip } = lab.wan.internet;
      await camera.fetch(`http://${ip}/`);
      await shows(page, /^[1-9][0-9.]* k?B\/s$/);
      await page.locator(".chart canvas").waitFor();
      await keepScreen(page, "traffic");

      const asked = lab.gateway.output.length;
      await button(page, "Retry").click();
      await page.getByLabel("Token", { exact: true }).fill("wrong-token-wrong-token");
      await page.keyboard.press("Enter");
      await shows(page.getByRole("dialog"), "This is not the gateway's token.");
      await page.getByLabel("Token", { exact: true }).fill(await token(lab));
      await page.keyboard.press("Enter");
      await shows(page, `the servers are asked anew for ${camera.mac}`);
      await lab.gateway.waitForOutput(/DHCPv4 (requested|renewed|obtained) for/, { from: asked });
      expect(await page.evaluate("[sessionStorage.length, JSON.stringify(localStorage)]")).toEqual([1, "{}"]);

      await button(page, "Forget…").click();
      const gone = lab.gateway.output.length;
      await page.getByRole("dialog").getByRole("button", { name: "Forget" }).click();
      await shows(page, /is forgotten/);
      await page.getByRole("heading", { level: 1, name: "Devices" }).waitFor();
      await lab.gateway.waitForOutput(/./, { from: gone });

      const [file] = await Promise.all([page.waitForEvent("download"), button(page, /CSV/).click()]);
      expect(file.suggestedFilename()).toMatch(/^devices-\d{4}-\d\d-\d\d\.csv$/);
      const csv = await (await file.createReadStream()).toArray();
      const lines = Buffer.concat(csv).toString().split("\r\n");
      expect(lines[0]).toMatch(/^mac_address,hostname,status,/);
      expect(lines.find((line) => line.startsWith(stranger.mac))).toContain("failed");
    });
  },
);

scenario(
  "forwards are added and removed, and what the gateway refuses is told in its words",
  network,
  async (lab) => {
    const desk = await begin(lab);
    const lanIp = await desk.waitForIp();
    const [client] = lab.wan.clients as [WanHost];
    const { addresses4 } = await waitForAddresses(lab, desk, { four: 1, six: 1 });
    const [four = ""] = addresses4;
    await withBrowser(lab, desk, origin, async (browser) => {
      const page = await openPage(browser, { colorScheme: "dark" }, "#/forwards");
      const add = async (port: number): Promise<void> => {
        await page.getByLabel("Port of the gateway").fill(String(port));
        await page.getByLabel("Device's LAN address").fill(lanIp);
        await page.getByLabel("Port of the device").fill("80");
        await button(page, "Add").click();
      };
      await shows(page, "No forwards yet");
      await add(9000);
      await page.getByLabel("Token", { exact: true }).fill(await token(lab));
      await button(page, "Unlock").last().click();
      await shows(page.getByRole("row", { name: /TCP 9000/ }), `${lanIp}:80`);
      await waitForPage(lab, client, four, 9000, desk.name);
      await add(5050);
      await shows(page, /the gateway's API/);
      await keepScreen(page, "forwards-dark");
      await button(page, "Remove the forward of TCP 9000").click();
      await shows(page, "No forwards yet");
      await lab.gateway.waitFor("the forward is gone", async () =>
        pageAt(client, four, 9000, 1).then(
          () => false,
          () => true,
        ),
      );
      await opensTheDevice(page, desk.mac);
      await button(page, "Lock changes").click();
      expect(await page.evaluate("sessionStorage.length")).toBe(0);
    });
  },
);

/** On the device's own page, for two networks; the page of forwards tells of it, and closes it. */
async function opensTheDevice(page: Page, mac: string): Promise<void> {
  await page.goto(`${origin}/#/devices/${mac}`);
  await button(page, "Open every port…").click();
  await page.getByLabel("Networks").fill("198.51.100.9/24");
  await button(page, "Open").last().click();
  await shows(page, "198.51.100.0/24 may be meant");
  await page.getByLabel("Networks").fill("198.51.100.0/24, 2001:db8:a::/64");
  await button(page, "Open").last().click();
  await shows(page, "ping are open to 198.51.100.0/24, 2001:db8:a::/64");
  await keepScreen(page, "device-open-dark");
  await expectUsable(page, "a device that is open");
  await page.goto(`${origin}/#/forwards`);
  await shows(page.getByRole("table", { name: "Devices that are open as a whole" }), "2001:db8:a::/64");
  await keepScreen(page, "forwards-open-dark");
  await button(page, /^Close \d/).click();
  await shows(page, "Of all devices only listed ports are open");
}

/** Every page, as it is when it has something to show. */
async function everyPage(page: Page, mac: string, look: (name: string) => Promise<void>): Promise<void> {
  const pages = [
    ["devices", "#/", mac],
    ["device", `#/devices/${mac}`, "What happened"],
    ["network", "#/network", "offered"],
    ["health", "#/health", "Runs for"],
    ["forwards", "#/forwards", "In force"],
  ] as const;
  for (const [name, hash, text] of pages) {
    await page.goto(`${origin}/${hash}`);
    await shows(page, text);
    await look(name);
  }
}

/** On a phone the colours are the same. */
const looks = [
  { name: "light", colorScheme: "light" },
  { name: "dark", colorScheme: "dark" },
  { name: "phone", colorScheme: "light", viewport: phone },
] as const;

async function lookEverywhere(browser: LabBrowser, mac: string): Promise<void> {
  for (const { name: look, ...options } of looks) {
    const page = await openPage(browser, options);
    await everyPage(page, mac, async (name) => {
      await keepScreen(page, `${name}-${look}`);
      await expectUsable(page, `${name}-${look}`);
    });
    await button(page, "Unlock changes").click();
    await page.getByRole("dialog").waitFor();
    await expectUsable(page, `token-${look}`);
    await page.context().close();
  }
}

scenario(
  "every page is usable: light and dark, on a desk and on a phone, by keyboard alone",
  network,
  async (lab) => {
    const desk = await begin(lab);
    const stranger = await addDhcpDevice(lab, 4);
    await withBrowser(lab, desk, origin, async (browser) => {
      const page = await openPage(browser, { colorScheme: "light", reducedMotion: "reduce" });
      await shows(rowOf(page, stranger.mac), /registered/);
      await lookEverywhere(browser, desk.mac);

      const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
      const light = await background();
      await page.getByLabel("Colours").selectOption("dark");
      const dark = await background();
      expect(dark).not.toBe(light);
      await page.reload();
      await rowOf(page, desk.mac).waitFor();
      expect(await background(), "the choice is remembered").toBe(dark);
      await useKeyboard(page, desk.mac, await token(lab));
    });
  },
);

/** From the top of the page to a device, and what is asked for there. */
async function useKeyboard(page: Page, mac: string, secret: string): Promise<void> {
  const focused = (): Promise<string> =>
    page.evaluate("(document.activeElement?.innerText || document.activeElement?.type || '').trim()");
  const tabTo = async (text: string): Promise<void> => {
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press("Tab");
      if ((await focused()).includes(text)) return;
    }
    throw new Error(`the Tab key does not lead to ${text}`);
  };
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo("search");
  await page.keyboard.type(mac);
  await tabTo("Seen");
  await page.keyboard.press("Enter");
  expect(await page.getByRole("columnheader", { name: "Seen" }).getAttribute("aria-sort")).toBe("ascending");
  await tabTo(mac);
  await page.keyboard.press("Enter");
  await shows(page, "What happened");
  expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
  await tabTo("Retry");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await focused(), "the focus is where it was").toBe("Retry");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type(secret);
  await page.keyboard.press("Enter");
  await shows(page, `the servers are asked anew for ${mac}`);
}

scenario(
  "a gateway that goes is told, and what happened meanwhile is shown once it is back",
  network,
  async (lab) => {
    const desk = await begin(lab);
    await withBrowser(lab, desk, origin, async (browser) => {
      const page = await openPage(browser, { colorScheme: "dark" });
      await rowOf(page, desk.mac).waitFor();
      await lab.gateway.stop();
      await shows(page.getByRole("alert"), "Connection to the gateway lost.");
      expect(await rowOf(page, desk.mac).count(), "what was known is still shown").toBe(1);
      await keepScreen(page, "lost-dark");
      await expectUsable(page, "lost-dark");
      const camera = await addServingDevice(lab, 2, { web: [80] });
      await startGateway(lab, { ...quick6, ...apiConfig });
      await shows(rowOf(page, camera.mac), "active");
      await page.getByText("Connection to the gateway lost.").waitFor({ state: "detached" });

      await follow(page, "Health");
      await shows(page, "The gateway is well");
      await lab.wan.firewall.setPort("gateway", "down");
      await shows(page, /eth0 has no carrier/, 30_000);
      await follow(page, "Network");
      await shows(page, "no carrier");
      await lab.wan.firewall.setPort("gateway", "up");
    });
  },
);

scenario("where reading is closed too, nothing is shown without the token", network, async (lab) => {
  await startGateway(lab, { ...quick6, api: { enabled: true, open_reading: false } });
  const desk = await addServingDevice(lab, 1, { web: [80] });
  await waitForAddresses(lab, desk, { four: 1, six: 1 });
  await withBrowser(lab, desk, origin, async (browser) => {
    const page = await openPage(browser, { colorScheme: "light" });
    await shows(page, "The token is needed");
    expect(await page.getByText(deviceMac(1)).count()).toBe(0);
    await expectUsable(page, "locked");
    await page.getByLabel("Token", { exact: true }).fill(await token(lab));
    await page.keyboard.press("Enter");
    await rowOf(page, desk.mac).waitFor();
  });
});
