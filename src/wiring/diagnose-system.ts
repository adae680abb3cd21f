/** How this system starts services, and what OpenWrt's own configuration says. Part of the composition root. */
import { existsSync, readdirSync } from "node:fs";
import { parseUci, type UciFile } from "../config/uci-syntax.ts";
import type { ServiceFacts, UciFacts } from "../diagnose/facts.ts";
import { readText } from "./files-of.ts";

const name = "ipv4-ipv6-gateway";
const unitDirectories = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
const initScript = `/etc/init.d/${name}`;

/** Which of them runs here, and whether it knows the gateway. */
export function serviceFacts(): ServiceFacts {
  if (existsSync("/run/systemd/system")) {
    const file = unitDirectories.map((d) => `${d}/${name}.service`).find(existsSync);
    const isEnabled = namesIn("/etc/systemd/system")
      .filter((entry) => entry.endsWith(".wants"))
      .some((wants) => namesIn(`/etc/systemd/system/${wants}`).includes(`${name}.service`));
    return { manager: "systemd", file, isEnabled };
  }
  if (existsSync("/sbin/procd")) {
    const isEnabled = namesIn("/etc/rc.d").some((entry) => /^S\d+/.test(entry) && entry.endsWith(name));
    return { manager: "procd", file: existsSync(initScript) ? initScript : undefined, isEnabled };
  }
  return { manager: "none", file: undefined, isEnabled: false };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Undefined where this is no OpenWrt. */
export async function uciFacts(): Promise<UciFacts | undefined> {
  if (!existsSync("/etc/openwrt_release")) return undefined;
  const read = async (file: string): Promise<UciFile> =>
    parseUci((await readText(`/etc/config/${file}`).catch(() => "")) ?? "");
  const [network, dhcp] = await Promise.all([read("network"), read("dhcp")]);
  const lan = sectionOf(dhcp, "lan");
  return {
    lanAddress: optionOf(network, "lan", "ipaddr"),
    wanProto: optionOf(network, "wan", "proto"),
    wan6Proto: optionOf(network, "wan6", "proto"),
    dhcpLan: lan && { interface: optionOf(dhcp, "lan", "interface"), start: optionOf(dhcp, "lan", "start") },
  };
}

const sectionOf = (file: UciFile, section: string) => file.sections.find((s) => s.name === section);

const optionOf = (file: UciFile, section: string, option: string): string | undefined =>
  sectionOf(file, section)?.values.find((v) => v.name === option)?.value;
