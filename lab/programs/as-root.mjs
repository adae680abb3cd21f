// as-root.mjs PROGRAM ARGS…: becomes PROGRAM, with setgroups() doing nothing and succeeding.
// tcpdump always sets its groups when it starts as root, and a user namespace made without privileges forbids that.
import koffi from "koffi";

const [, , program, ...args] = process.argv;
const setgroups = { x64: 116, arm64: 159, arm: 206, ia32: 206 }[process.arch];
if (program === undefined || setgroups === undefined) {
  console.error(
    program === undefined ? "usage: as-root.mjs PROGRAM ARGS…" : `unknown processor ${process.arch}`,
  );
  process.exit(2);
}

const libc = koffi.load(null);
koffi.struct("sock_fprog", { len: "uint16_t", filter: "void *" });
const prctl = libc.func(
  "int prctl(int option, unsigned long mode, sock_fprog *program, unsigned long, unsigned long)",
);
const execv = libc.func("int execv(const char *path, const char **argv)");

const fcntl = libc.func("int fcntl(int fd, int command, long argument)");

/** struct sock_filter: code, jump if true, jump if false, value. */
const instruction = (code, jt, jf, k) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jt, 2);
  bytes.writeUInt8(jf, 3);
  bytes.writeUInt32LE(k, 4);
  return bytes;
};
const filter = Buffer.concat([
  instruction(0x20, 0, 0, 0), // load the system call's number
  instruction(0x15, 0, 1, setgroups),
  instruction(0x06, 0, 0, 0x00050000), // SECCOMP_RET_ERRNO with error 0
  instruction(0x06, 0, 0, 0x7fff0000), // SECCOMP_RET_ALLOW
]);
// PR_SET_SECCOMP, SECCOMP_MODE_FILTER; the sandbox's root may do this without PR_SET_NO_NEW_PRIVS.
if (prctl(22, 2, { len: filter.length / 8, filter }, 0, 0) !== 0) {
  console.error(`as-root.mjs: seccomp refused, error ${koffi.errno()}`);
  process.exit(1);
}
// Node marks its standard streams to be closed on exec: F_SETFD, no flags.
for (const fd of [0, 1, 2]) fcntl(fd, 2, 0);
for (const directory of ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]) {
  execv(`${directory}/${program}`, [program, ...args, null]);
}
console.error(`as-root.mjs: ${program} cannot be run, error ${koffi.errno()}`);
process.exit(127);
