import { createHash } from "node:crypto";
import {
  access,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  symlink,
  writeFile,
} from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { RunResult } from "./exec.ts";
import type { Namespace } from "./netns.ts";

/** What a small system has; the gateway's own needs come on top. */
const coreutils =
  "[ awk basename cat chmod chown cmp cp cut date df dirname du env expr false find flock grep head hostname id install kill ln logger ls mkdir mktemp mv nohup printf ps pwd readlink rm rmdir sed seq setsid sha256sum sleep sort stat tail tar tee test touch tr true uname uniq wc xargs".split(
    " ",
  );

/**
 * Mounts are made where only the program sees them: each runs in a mount namespace of its own (ip netns exec). What removes the root's
 * directory must never come upon this machine's /dev or /usr.
 */
const enter = `
for name in proc dev sys; do mount --rbind "/$name" "$0/$name" || exit 125; done
if [ -d "$0/host" ]; then
  mount --rbind /usr "$0/host/usr" && mount -o remount,bind,ro "$0/host/usr" || exit 125
fi
exec chroot "$0" env -i "$@"`;

/** As Debian's login has it for root. */
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface RootOptions {
  /** `busybox`: ash and the applets, as on OpenWrt; `debian`: dash and coreutils. */
  readonly flavour: "debian" | "busybox";
  /** Programs of this machine that it has besides. */
  readonly programs: readonly string[];
}

/**
 * The root directory of another system: made of links to this machine's programs (\`create\`), where /etc, /var, /run and /usr are its own and writable,
 * or one that is complete (\`at\`). Network and processes are those of the namespace that a command runs in.
 */
export class Root {
  /** What comes before a program's environment and argv to have it run inside. */
  #entry: readonly string[];

  private constructor(
    readonly directory: string,
    readonly namespace: Namespace,
  ) {
    this.#entry = ["sh", "-c", enter, directory];
  }

  /** From now on programs run in all namespaces of this process, which is in the root. */
  joins(pid: number): void {
    this.#entry = ["nsenter", "--target", String(pid), "-m", "-u", "-i", "-p", "-r", "-w", "env", "-i"];
  }

  /** What lies there already, with programs of its own. */
  static at(directory: string, namespace: Namespace): Root {
    return new Root(directory, namespace);
  }

  static async create(directory: string, namespace: Namespace, options: RootOptions): Promise<Root> {
    const root = new Root(directory, namespace);
    const folders =
      "host/usr usr/bin usr/lib usr/share etc/init.d proc dev sys run tmp root var/log var/lib opt".split(
        " ",
      );
    for (const folder of folders) await mkdir(join(directory, folder), { recursive: true });
    await root.#links();
    await root.write(
      "etc/passwd",
      "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    );
    await root.write("etc/group", "root:x:0:\nnogroup:x:65534:\n");
    await root.write(
      "etc/protocols",
      "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\n",
    );
    const isBusybox = options.flavour === "busybox";
    for (const name of [...coreutils, "sh"]) await root.program(name, isBusybox ? "busybox" : name);
    for (const name of options.programs) await root.program(name);
    return root;
  }

  async #links(): Promise<void> {
    const link = (target: string, path: string) => symlink(target, join(this.directory, path));
    for (const [name, target] of [
      ["bin", "usr/bin"],
      ["sbin", "usr/bin"],
      ["lib", "usr/lib"],
      ["var/run", "../run"],
      ["usr/sbin", "bin"],
    ] as const)
      await link(target, name);
    if (await exists("/usr/lib64")) await link("host/usr/lib64", "lib64");
    // A directory of its own, since packages put files there.
    for (const name of await readdir("/usr/share"))
      await link(`/host/usr/share/${name}`, `usr/share/${name}`);
    // Shared libraries; what systems configure there is this root's own.
    for (const name of await readdir("/usr/lib"))
      if (/-linux-|\.so/.test(name)) await link(`/host/usr/lib/${name}`, `usr/lib/${name}`);
  }

  /** Puts a program of this machine there, under another name if told. */
  async program(name: string, from = name): Promise<void> {
    const directories = `${process.env.PATH}:/usr/sbin:/sbin`.split(delimiter);
    for (const directory of directories) {
      const path = await realpath(join(directory, from)).catch(() => undefined);
      if (path?.startsWith("/usr/")) return symlink(`/host${path}`, join(this.directory, "usr/bin", name));
    }
    throw new Error(`the program ${from} is not on this machine, or not below /usr`);
  }

  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const file = join(this.directory, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text, { mode });
  }

  read(path: string): Promise<string> {
    return readFile(join(this.directory, path), "utf8");
  }

  exists(path: string): Promise<boolean> {
    return exists(join(this.directory, path));
  }

  /** Runs a program inside, in the namespace; `env` is its whole environment but for PATH. */
  run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    const variables = Object.entries({ PATH: path, ...env });
    return this.namespace.run([...this.#entry, ...variables.map(([k, v]) => `${k}=${v}`), ...argv], {
      mayFail: true,
      timeoutMs: 100_000,
    });
  }

  /** All files with what is in them, as sorted lines; what only lives as long as the machine is left out. */
  async tree(): Promise<readonly string[]> {
    const lines: string[] = [];
    const skipped = new Set(["host", "proc", "dev", "sys", "run", "tmp"]);
    const walk = async (path: string): Promise<void> => {
      for (const entry of await readdir(join(this.directory, path), { withFileTypes: true })) {
        const name = path === "" ? entry.name : `${path}/${entry.name}`;
        if (path === "" && skipped.has(name)) continue;
        lines.push(await describe(join(this.directory, name), name));
        if (entry.isDirectory()) await walk(name);
      }
    };
    await walk("");
    return lines.sort();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What is in files that were looked at, with what changes at each write to one: a whole system is looked at several times. */
const contents = new Map<string, { readonly version: string; readonly text: string }>();

async function describe(path: string, name: string): Promise<string> {
  const facts = await lstat(path, { bigint: true });
  if (facts.isSymbolicLink()) return `${name} -> ${await readlink(path)}`;
  const octal = (Number(facts.mode) & 0o7777).toString(8);
  if (facts.isDirectory()) return `${name}/ ${octal}`;
  const version = `${facts.dev} ${facts.ino} ${facts.size} ${facts.mtimeNs} ${facts.ctimeNs}`;
  const known = contents.get(path);
  const text = known?.version === version ? known.text : contentOf(await readFile(path));
  contents.set(path, { version, text });
  return `${name} ${octal} ${text}`;
}

const contentOf = (octets: Buffer): string =>
  octets.length < 1e4
    ? JSON.stringify(octets.toString("latin1"))
    : `${octets.length} octets, SHA-256 ${createHash("sha256").update(octets).digest("hex")}`;
