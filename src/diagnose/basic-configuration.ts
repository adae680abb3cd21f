/** Checks 1 to 5 of the original: is the LAN configured, is the WAN, is DHCP? */
import { type Facts, isUnseen } from "./facts.ts";
import { advice, type Check, note, ok, problem, unseen, type Verdict, warning } from "./finding.ts";
import { portAddresses, wanClients } from "./views.ts";

const lanText = ({ config: { lan } }: Facts): string => `${lan.address.ip}/${lan.address.length}`;

const lanConfigured: Check = {
  id: "lan-address-configured",
  number: 1,
  area: "configuration",
  title: "LAN address configured",
  looksAt: "`lan.address` of the configuration; on OpenWrt, UCI `network.lan.ipaddr` against it.",
  means: "The system gives the LAN port another address than the gateway uses.",
  remedy: "Make the two agree.",
  run(facts) {
    const { uci, configFile, config } = facts;
    const has = uci?.lanAddress?.split("/")[0];
    if (has !== undefined && has !== config.lan.address.ip)
      return warning(
        `UCI gives the LAN ${has}, the gateway's configuration ${config.lan.address.ip}.`,
        [`network.lan.ipaddr = ${has}`, `lan.address = ${lanText(facts)} (${configFile.path})`],
        advice(
          "network",
          "Make the two agree.",
          `uci set network.lan.ipaddr=${config.lan.address.ip}`,
          "uci commit network",
        ),
      );
    const where = configFile.isThere ? configFile.path : `${configFile.path} is not there: defaults`;
    return ok(`The LAN address is ${lanText(facts)} (${where}).`);
  },
};

const lanCarried: Check = {
  id: "lan-address-carried",
  number: 2,
  area: "configuration",
  title: "LAN port carries it",
  looksAt: "the addresses of `lan.interface` in the kernel.",
  means: "Devices find neither router nor name server.",
  remedy: "Start the gateway, which puts the address there; see whether another program takes it away.",
  run(facts) {
    const { config, kernel, daemon } = facts;
    if (isUnseen(kernel)) return unseen(kernel.unseen);
    if (!kernel.ports.has(config.lan.interface)) return unseen(`There is no port ${config.lan.interface}.`);
    const there = portAddresses(kernel, config.lan.interface);
    if (there.includes(lanText(facts))) return ok(`${config.lan.interface} carries ${lanText(facts)}.`);
    const evidence = [`${config.lan.interface} carries ${there.join(", ") || "no address"}`];
    const text = `${config.lan.interface} does not carry ${lanText(facts)}: devices reach neither router nor name server.`;
    return daemon.pid === undefined
      ? problem(text, evidence, advice("network", "Start the gateway, which puts the address there."))
      : problem(
          text,
          evidence,
          advice("network", "See whether another program takes the address away; the gateway puts it back."),
        );
  },
};

/** With `wan.own_mac = "silent"` a client on the port is a fault, and no client none. */
function wanFamily(facts: Facts, family: 4 | 6): Verdict {
  const { config, uci, kernel } = facts;
  const port = config.wan.interface;
  const isSilent = config.wan.own_mac === "silent";
  const proto = family === 4 ? uci?.wanProto : uci?.wan6Proto;
  if (uci && isSilent && proto !== undefined && proto !== "none") {
    const name = family === 4 ? "wan" : "wan6";
    return warning(
      `netifd asks for an address on ${port} by itself (network.${name}.proto = ${proto}), under the port's own MAC, which is to be silent.`,
      [`network.${name}.proto = ${proto}`, 'wan.own_mac = "silent"'],
      advice("network", "Leave the port to the gateway.", `uci set network.${name}.proto=none`, "uci commit"),
    );
  }
  if (isUnseen(kernel)) return unseen(kernel.unseen);
  const clients = wanClients(facts);
  const there = portAddresses(kernel, port).filter((a) => a.includes(":") === (family === 6));
  if (!isSilent) return ok(`${port} is a host of its own and carries ${there.join(", ") || "no address"}.`);
  if (clients.length > 0 && family === 4) return ok(`See other-managers: a DHCP client runs on ${port}.`);
  if (there.length > 0)
    return note(
      `${port} carries ${there.join(", ")}, which the gateway did not put there; with wan.own_mac = "silent" nothing uses it.`,
    );
  return ok(`${port} has no IPv${family} address of its own, as wan.own_mac = "silent" wants.`);
}

const wanCheck = (family: 4 | 6): Check => ({
  id: `wan-ipv${family}-mode`,
  number: family === 4 ? 3 : 4,
  area: "configuration",
  title: `WAN port and IPv${family}`,
  looksAt: `whether the system asks for IPv${family} on the WAN port itself: with \`wan.own_mac = "silent"\` nothing must${family === 4 ? "; on OpenWrt, UCI `network.wan.proto`" : "; on OpenWrt, UCI `network.wan6.proto`"}.`,
  means: "The port's own MAC, usually not registered, speaks on the network.",
  remedy: "Leave the port to the gateway.",
  run: (facts) => wanFamily(facts, family),
});

const dhcpConfigured: Check = {
  id: "lan-dhcp-configured",
  number: 5,
  area: "configuration",
  title: "DHCP for the LAN configured",
  looksAt: "`lan.dhcp` and its pool; on OpenWrt, UCI `dhcp.lan` with interface and start.",
  means: "Devices get no address.",
  remedy: "Set `lan.dhcp = true`, or configure the system's own server.",
  run({ config: { lan }, uci, udpPorts }) {
    if (uci?.dhcpLan?.interface && uci.dhcpLan.start)
      return ok(`The system's dnsmasq serves ${uci.dhcpLan.interface} from .${uci.dhcpLan.start}.`);
    if (lan.dhcp)
      return ok(`The gateway serves ${lan.dhcp_limit} addresses, from the ${lan.dhcp_start}th of the LAN.`);
    if (udpPorts.has(67)) return ok("lan.dhcp is off, and another DHCP server runs on this machine.");
    return note(
      "lan.dhcp is off, and no DHCP server runs here: devices need one elsewhere, or static addresses.",
    );
  },
};

export const basicConfiguration: readonly Check[] = [
  lanConfigured,
  lanCarried,
  wanCheck(4),
  wanCheck(6),
  dhcpConfigured,
];
