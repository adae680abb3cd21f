/**
 * Writing into files that are there, by libc itself: a thousand identities have some sixteen thousand settings to be written, and Node.js takes as long for each as the kernel. One folder stays
 * open, since settings come folder by folder.
 */
import { createRequire } from "node:module";

/** False: it has not been written, and the way that tells why is to be taken. @param path absolute */
export type QuickWrite = (path: string, value: string) => boolean;

type Koffi = typeof import("koffi");

const O_WRONLY_CLOEXEC = 1 | 0o2000000;
/** Without O_DIRECTORY, whose number is not the same on all machines. */
const O_RDONLY_CLOEXEC = 0o2000000;

/** Undefined where koffi has no binary for this machine. */
export function loadQuickWrite(): QuickWrite | undefined {
  try {
    return bind(createRequire(import.meta.url)("koffi") as Koffi);
  } catch {
    return undefined;
  }
}

function bind(koffi: Koffi): QuickWrite {
  const libc = koffi.load(null);
  const open = libc.func("open", "int", ["str", "int"]);
  const openAt = libc.func("openat", "int", ["int", "str", "int"]);
  const write = libc.func("write", "intptr_t", ["int", "str", "size_t"]);
  const close = libc.func("close", "int", ["int"]);
  let folder = "";
  let folderFd = -1;
  const enter = (name: string): void => {
    if (name === folder && folderFd >= 0) return;
    if (folderFd >= 0) close(folderFd);
    folder = name;
    folderFd = open(name, O_RDONLY_CLOEXEC);
  };
  return (path, value) => {
    const cut = path.lastIndexOf("/");
    enter(path.slice(0, cut));
    if (folderFd < 0) return false;
    const fd = openAt(folderFd, path.slice(cut + 1), O_WRONLY_CLOEXEC);
    if (fd < 0) {
      // The folder may be that of an interface which is gone and came again.
      close(folderFd);
      folderFd = -1;
      return false;
    }
    const written = write(fd, value, value.length) === value.length;
    close(fd);
    return written;
  };
}
