/** Every command of the gateway that README, docs and its own help tell people to type, typed. */
import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { allCommands } from "../../src/cli/command-model.ts";
import { sampleModel } from "../../src/cli/program.fixture.ts";
import { deviceMac } from "../description.ts";
import type { RunResult } from "../exec.ts";
import { gatewayCommand } from "../gateway.ts";
import { scenario } from "../scenario.ts";
import { apiConfig, socketOf } from "../suites/api.ts";
import { documentedCommands, isOfGateway, writtenOut } from "../suites/documented.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, waitForAddresses } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";

/** What changes the gateway comes last, in this order. */
const changing = [/ forget /, / cleanup/];
const rank = (line: string): number => changing.findIndex((pattern) => pattern.test(line));
/** They stay until they are ended. */
const endless = /--watch|--follow| -f |curl -N/;

/** A directory with the program and its aliases, to be found by name, and files where /etc and /usr would be written. */
async function desk(lab: Lab): Promise<string> {
  const directory = join(lab.gateway.directory, "desk");
  const folders = [
    "bin",
    "real",
    "etc/bash_completion.d",
    "usr/share/man/man1",
    "usr/share/zsh/site-functions",
  ];
  for (const folder of folders) await mkdir(join(directory, folder), { recursive: true });
  for (const name of ["gateway", "gateway-status-direct", "gateway-devices-direct"]) {
    const real = join(directory, "real", name);
    await symlink(gatewayCommand.at(-1) ?? "", real);
    const words = [...gatewayCommand.slice(0, -1), real].join(" ");
    const withConfig = `case "$*" in *--config*) ;; *) set -- "$@" --config ${lab.gateway.configFile} ;; esac`;
    await writeFile(join(directory, "bin", name), `#!/bin/sh\n${withConfig}\nexec ${words} "$@"\n`);
    await chmod(join(directory, "bin", name), 0o755);
  }
  await copyFile(lab.gateway.configFile, join(directory, "new.toml"));
  await writeFile(join(directory, "gateway_config.py"), 'ETH0_INTERFACE = "eth0"\nETH1_INTERFACE = "eth1"\n');
  return directory;
}

/** The line as this laboratory has files and sockets. */
const here = (lab: Lab, directory: string, line: string): string =>
  line
    .replace("/opt/ipv4-ipv6-gateway/gateway_config.py", join(directory, "gateway_config.py"))
    .replace("/etc/ipv4-ipv6-gateway/api-token", join(lab.gateway.directory, "state", "api-token"))
    .replace("/run/ipv4-ipv6-gateway/api.sock", socketOf(lab))
    .replace(/>\/(etc|usr)\//, `>${directory}/$1/`)
    .replace(/^curl /, "curl --silent --show-error --fail --globoff ");

/** What the help of the commands and the manual page show as examples. */
const examples = (): readonly string[] =>
  allCommands(sampleModel()).flatMap((command) => command.examples.map(([line]) => line));

scenario(
  "the gateway's commands in README, docs and help do what they are there for",
  { wan: { ipv6: {}, registered: registered(1, 4) } },
  async (lab) => {
    await startGateway(lab, { ...quick6, ...apiConfig });
    const camera = await addServingDevice(lab, 1, { web: [80] });
    const fixed = { ip: "192.168.1.100/24", router: "192.168.1.1" };
    const printer = await lab.addDevice({
      name: "d4",
      mac: deviceMac(4),
      address: fixed,
      services: { web: [80] },
    });
    await printer.ping(lab.wan.internet.ip);
    const { addresses6 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
    await waitForAddresses(lab, printer, { four: 1, six: 1 });
    const directory = await desk(lab);
    const client = lab.wan.clients[0]?.namespace ?? lab.gateway.namespace;

    const type = async (line: string, seconds = 4): Promise<RunResult> => {
      const words = `cd ${directory} && PATH=${directory}/bin:$PATH && ${here(lab, directory, line)}`;
      const isEndless = endless.test(line);
      const by = isEndless ? ["timeout", "-s", "INT", String(seconds)] : [];
      // At the device's own address nobody but its clients on the network asks.
      const place = line.includes("http://[") ? client : lab.gateway.namespace;
      const argv = [...by, "bash", "-o", "pipefail", "-c", words];
      const ran = await place.run(argv, { mayFail: true, timeoutMs: 60_000 });
      // A machine with much to do starts a program in as long as that.
      return isEndless && ran.stdout === "" && seconds < 30 ? type(line, 30) : ran;
    };
    const wrong: string[] = [];
    const judge = async (line: string): Promise<void> => {
      const { code, stdout, stderr } = await type(line);
      const allowed = endless.test(line) ? [0, 124] : line.startsWith("gateway diagnose") ? [0, 1] : [0];
      // Some only write a file, and one tells news alone.
      const isQuiet = stdout === "" && !/>|^source|-n 0 /.test(line);
      if (!allowed.includes(code) || isQuiet)
        wrong.push(`${line}: exit code ${code}: ${stderr || stdout}`.trim());
    };
    const typeAll = async (queue: string[]): Promise<void> => {
      for (let line = queue.shift(); line !== undefined; line = queue.shift()) await judge(line);
    };
    const documented = (await documentedCommands()).filter(isOfGateway);
    const lines = documented.flatMap((line) => writtenOut(line, addresses6[0] ?? ""));
    // The daemon is this scenario's own.
    const typed = [...new Set([...lines, ...examples()])].filter((line) => !line.startsWith("gateway run"));
    lab.notes.push(`${typed.length} command lines`);
    const queue = typed.filter((line) => rank(line) < 0);
    await Promise.all([typeAll(queue), typeAll(queue), typeAll(queue)]);
    for (const line of typed.filter((l) => rank(l) >= 0).sort((a, b) => rank(a) - rank(b))) {
      if (line.includes(" cleanup")) await lab.gateway.stop();
      await judge(line);
    }
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  },
  // Some eighty programs are started one after the other.
  { timeoutMs: 400_000 },
);
