import { expect, test } from "vitest";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { identitySettings } from "../../plan/sysctls.ts";
import { ready, writeSettings } from "./identity-settings.ts";

const ifname = "gw001122334455";
const identity = {
  kind: "identity",
  ifname,
  mac: mac("00:11:22:33:44:55"),
  parent: "eth0",
  mtu: 1500,
  group: "7171",
  up: true,
} as const;
const v6 = (name: string): string => `net/ipv6/conf/${ifname}/${name}`;
const wanted = new Map(identitySettings(ifname).map(({ key, value }) => [key, value]));

/** A kernel with the identity's interface, each of its settings other than wanted. */
function adverse(): FakeKernel {
  const kernel = new FakeKernel();
  kernel.foreign(
    `link add link eth0 name ${ifname} address ${identity.mac} mtu 1500 group 7171 type macvlan mode private bcqueuelen 10000`,
  );
  for (const key of wanted.keys()) kernel.sysctls.set(key, "adverse");
  kernel.done.length = 0;
  return kernel;
}

const found = (kernel: FakeKernel): [string, string | undefined][] =>
  [...wanted.keys()].map((key) => [key, kernel.sysctls.get(key)]);

test("all settings are written whatever they were, IPv6 is let in last", async () => {
  const kernel = adverse();
  await writeSettings(kernel, ifname);
  expect(found(kernel)).toEqual([...wanted]);
  expect(kernel.done).toHaveLength(wanted.size);
  expect(kernel.done.at(-1)).toBe(`sysctl ${v6("disable_ipv6")} = 0`);
  await writeSettings(kernel, ifname);
  expect(kernel.done).toHaveLength(wanted.size);
});

test("a kernel that takes a value and keeps another is named with key and both", async () => {
  const kernel = adverse();
  const { writeSysctl } = kernel;
  kernel.writeSysctl = (key, value) => writeSysctl.call(kernel, key, key === v6("accept_ra") ? "1" : value);
  await expect(writeSettings(kernel, ifname)).rejects.toMatchObject({
    code: "setting-not-kept",
    message: `the kernel setting ${v6("accept_ra")} was set to 2, and is 1`,
  });
});

test("a setting that another one changes back is noticed", async () => {
  const kernel = adverse();
  const { writeSysctl } = kernel;
  kernel.writeSysctl = async (key, value) => {
    await writeSysctl.call(kernel, key, value);
    if (key === v6("accept_dad")) kernel.sysctls.set(v6("autoconf"), "0");
  };
  await expect(writeSettings(kernel, ifname)).rejects.toThrow(/autoconf was set to 1, and is 0/);
});

test.each(["optimistic_dad", "ra_honor_pio_life", "accept_ra_rtr_pref"])(
  "older kernels lack %s",
  async (name) => {
    const kernel = adverse();
    kernel.sysctls.delete(v6(name));
    await writeSettings(kernel, ifname);
    expect(kernel.sysctls.has(v6(name))).toBe(false);
    expect(await ready(kernel, identity)).toEqual(identity);
  },
);

test("no kernel lacks accept_ra and has IPv6", async () => {
  const kernel = adverse();
  kernel.sysctls.delete(v6("accept_ra"));
  await expect(writeSettings(kernel, ifname)).rejects.toThrow(/accept_ra: No such file/);
});

test.each([
  [`net/ipv4/conf/${ifname}/forwarding`, "0"],
  [v6("disable_ipv6"), "1"],
  [v6("accept_ra"), "0"],
  [v6("autoconf"), "0"],
  [v6("addr_gen_mode"), "1"],
])("an identity is as good as down while %s is %s", async (key, value) => {
  const kernel = adverse();
  expect((await ready(kernel, identity)).up).toBe(false);
  await writeSettings(kernel, ifname);
  expect(await ready(kernel, identity)).toEqual(identity);
  kernel.sysctls.set(key, value);
  expect(await ready(kernel, identity)).toEqual({ ...identity, up: false });
});

test("a kernel without IPv6 has only the settings of IPv4", async () => {
  const kernel = adverse();
  for (const key of wanted.keys()) if (key.startsWith("net/ipv6/")) kernel.sysctls.delete(key);
  await writeSettings(kernel, ifname);
  expect(kernel.done.every((line) => line.startsWith("sysctl net/ipv4/"))).toBe(true);
  expect(await ready(kernel, identity)).toEqual(identity);
});
