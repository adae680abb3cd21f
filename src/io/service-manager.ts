/**
 * Readiness, liveness and reload as systemd wants to be told (sd_notify(3)): lines of text in datagrams to the Unix socket that NOTIFY_SOCKET
 * names. Without one, as under procd or in a terminal, nothing is told.
 */
import { createRequire } from "node:module";

type Koffi = typeof import("koffi");

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
/** `sun_path` and the family before it. */
const LONGEST_PATH = 107;

export interface ServiceManager {
  /** Devices are served. From now on the watchdog is fed, as often as the manager asked. */
  ready(): void;
  /** The configuration is read again; `ready` ends that. */
  reloading(): void;
  stopping(): void;
}

const nobody: ServiceManager = { ready() {}, reloading() {}, stopping() {} };

/** `sockaddr_un`; an abstract name is written with `@` in front. undefined: no such address. */
function sockaddr(path: string): Buffer | undefined {
  const name = Buffer.from(path, "utf8");
  if (!/^[/@]/.test(path) || name.length > LONGEST_PATH) return undefined;
  const isAbstract = path.startsWith("@");
  if (isAbstract) name[0] = 0;
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat(isAbstract ? [family, name] : [family, name, Buffer.alloc(1)]);
}

/** A function that sends one datagram; a manager that is away or busy is not waited for. */
function sender(address: Buffer): (text: string) => void {
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  const libc = koffi.load(null);
  const bytes = "uint8_t *";
  const socket = libc.func("socket", "int", ["int", "int", "int"]);
  const sendto = libc.func("sendto", "intptr_t", ["int", bytes, "size_t", "int", bytes, "uint32_t"]);
  const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0) as number;
  return (text) => {
    const message = Buffer.from(text, "utf8");
    if (fd >= 0) sendto(fd, message, message.length, MSG_DONTWAIT_NOSIGNAL, address, address.length);
  };
}

/** Microseconds of the monotonic clock, which a reload is stamped with. */
const monotonicMicros = (): string => String(process.hrtime.bigint() / 1000n);

/**
 * From the environment of this process, out of which the manager's variables are taken: our children are not to speak for us.
 * Whatever goes wrong here keeps nobody from being served.
 */
export function findServiceManager(environment: NodeJS.ProcessEnv = process.env): ServiceManager {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC: micros, WATCHDOG_PID: forPid } = environment;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
  const address = path === undefined ? undefined : sockaddr(path);
  if (address === undefined) return nobody;
  const tell = sender(address);
  const isOurs = forPid === undefined || Number(forPid) === process.pid;
  // Twice within the time, so that one that comes late is no reason to be killed.
  const everyMs = isOurs ? Math.floor(Number(micros ?? 0) / 2000) : 0;
  let fed = everyMs <= 0;
  return {
    ready() {
      tell("READY=1\n");
      if (!fed) setInterval(() => tell("WATCHDOG=1\n"), everyMs).unref();
      fed = true;
    },
    reloading: () => tell(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicros()}\n`),
    stopping: () => tell("STOPPING=1\n"),
  };
}
