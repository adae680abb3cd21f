/** A root as on OpenWrt: ash, UCI files, procd's functions, played where the real ones need a router. */
import { readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { projectFile } from "../paths.ts";
import type { Root } from "../root.ts";
import type { Lab } from "../topology.ts";

export type Release = "24.10" | "25.12";

/** /etc/config as a router with two ports has it after the first boot. */
const lanOf: Readonly<Record<Release, string>> = {
  "24.10": "\toption ipaddr '192.168.1.1'\n\toption netmask '255.255.255.0'\n",
  "25.12": "\tlist ipaddr '192.168.1.1/24'\n",
};

const network = (release: Release): string => `
config interface 'loopback'
	option device 'lo'
	option proto 'static'
	option ipaddr '127.0.0.1'
	option netmask '255.0.0.0'

config globals 'globals'
	option ula_prefix 'fd12:3456:789a::/48'
	option packet_steering '1'

config device
	option name 'br-lan'
	option type 'bridge'
	list ports 'eth1'

config interface 'lan'
	option device 'br-lan'
	option proto 'static'
${lanOf[release]}	option ip6assign '60'

config interface 'wan'
	option device 'eth0'
	option proto 'dhcp'

config interface 'wan6'
	option device 'eth0'
	option proto 'dhcpv6'

`;

const dhcp = `
config dnsmasq
	option domainneeded '1'
	option localise_queries '1'
	option rebind_protection '1'
	option local '/lan/'
	option domain 'lan'
	option authoritative '1'
	option leasefile '/tmp/dhcp.leases'
	option resolvfile '/tmp/resolv.conf.d/resolv.conf.auto'
	option localservice '1'

config dhcp 'lan'
	option interface 'lan'
	option start '100'
	option limit '150'
	option leasetime '12h'
	option dhcpv4 'server'

config dhcp 'wan'
	option interface 'wan'
	option ignore '1'

`;

const firewall = `
config defaults
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'
	option synflood_protect '1'
	option flow_offloading '1'

config zone
	option name 'lan'
	list network 'lan'
	option input 'ACCEPT'
	option output 'ACCEPT'
	option forward 'ACCEPT'

config zone
	option name 'wan'
	list network 'wan'
	list network 'wan6'
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'DROP'
	option masq '1'
	option mtu_fix '1'

config forwarding
	option src 'lan'
	option dest 'wan'

`;

/** Other services only write down that they were called. */
const recorder = `#!/bin/sh\nprintf '%s\\n' "$(basename "$0") $*" >>/tmp/services.log\n`;

export async function furnish(root: Root, release: Release): Promise<void> {
  await root.write("etc/openwrt_release", `DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='${release}.0'\n`);
  for (const folder of ["etc/rc.d", "etc/uci-defaults"]) await root.write(`${folder}/.keep`, "");
  await bootTmp(root);
  for (const [name, text] of Object.entries({ network: network(release), dhcp, firewall }))
    await root.write(`etc/config/${name}`, text);
  for (const name of ["network", "dnsmasq", "firewall"])
    await root.write(`etc/init.d/${name}`, recorder, 0o755);
  for (const [from, to] of [
    ["rc.common", "etc/rc.common"],
    ["uci", "usr/bin/uci"],
    ...(release === "24.10" ? ([["opkg", "usr/bin/opkg"]] as const) : []),
  ] as const)
    await root.write(to, await readFile(projectFile(`lab/programs/${from}`), "utf8"), 0o755);
  if (release === "25.12") await root.write("usr/bin/apk", "#!/bin/sh\nexit 1\n", 0o755);
}

/** As netifd sets it up. */
export async function bridgeLan(lab: Lab): Promise<void> {
  await lab.gateway.namespace.ip([
    "link add br-lan type bridge",
    "link set eth1 master br-lan",
    "link set eth1 up",
    "link set br-lan up",
    "addr add 192.168.1.1/24 dev br-lan",
  ]);
}

/** What base-files' boot makes on tmpfs, before any service starts. */
export const bootTmp = (root: Root): Promise<void> => root.write("tmp/resolv.conf.d/resolv.conf.auto", "");

/** The system's DHCP and DNS server is a real one, as its UCI options say. */
export const serveLan = async (root: Root): Promise<void> =>
  root.write("etc/init.d/dnsmasq", await readFile(projectFile("lab/programs/dnsmasq.init"), "utf8"), 0o755);

/** What the system's own dnsmasq said when it was started last, and whether it still runs. */
export async function systemDnsmasq(root: Root): Promise<{ readonly code: string; readonly runs: boolean }> {
  const code = (await root.read("tmp/dnsmasq.exit")).trim();
  const { stdout } = await root.run(["sh", "-c", "kill -0 $(cat /run/system-dnsmasq.pid) && echo runs"]);
  return { code, runs: stdout.trim() === "runs" };
}

/**
 * A kernel whose macvlan and tproxy come with packages: the real programs, told what such a kernel says as long as the package is not noted as
 * installed.
 */
export async function withoutModules(root: Root): Promise<void> {
  const lacks = (name: string): string => `! grep -qxF ${name} /tmp/opkg-installed 2>/dev/null`;
  await wrap(
    root,
    "ip",
    `case "$*" in *macvlan*) if ${lacks("kmod-macvlan")}; then echo 'Error: Unknown device type.' >&2; exit 2; fi ;; esac`,
  );
  await wrap(
    root,
    "nft",
    `case "$*" in *--check*)
  rules=$(cat)
  case $rules in *tproxy*) if ${lacks("kmod-nft-tproxy")}; then
    echo 'Error: Could not process rule: No such file or directory' >&2
    exit 1
  fi ;; esac
  printf '%s\\n' "$rules" | "$real" "$@"
  exit ;; esac`,
  );
}

/** In the place of a program, a script that may go on to it as $real. */
async function wrap(root: Root, name: string, first: string): Promise<void> {
  const link = join(root.directory, "usr/bin", name);
  const real = await readlink(link);
  await rm(link);
  await root.write(`usr/bin/${name}`, `#!/bin/sh\nreal=${real}\n${first}\nexec "$real" "$@"\n`, 0o755);
}
