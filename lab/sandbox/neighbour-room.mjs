// The table of neighbours is one for all namespaces of a machine. On a router of its own the gateway makes room in it; in a sandbox it may not.
import { readFileSync, writeFileSync } from "node:fs";

/** For some thousand devices, the servers' neighbours included. The third first: none may be above the next. */
const wanted = { gc_thresh3: 32768, gc_thresh2: 16384, gc_thresh1: 8192 };
const path = (family, name) => `/proc/sys/net/${family}/neigh/default/${name}`;

/** Raises what is lower, where that is allowed; gives a function that puts it back. */
export function makeNeighbourRoom() {
  const raised = [];
  for (const family of ["ipv4", "ipv6"])
    for (const [name, value] of Object.entries(wanted)) {
      const was = raise(path(family, name), value);
      if (was !== undefined) raised.unshift([path(family, name), was, value]);
    }
  return () => {
    for (const [file, was, value] of raised) if (Number(read(file)) === value) write(file, was);
  };
}

function raise(file, value) {
  const was = read(file);
  return was !== undefined && Number(was) < value && write(file, value) ? was : undefined;
}

function read(file) {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

function write(file, value) {
  try {
    writeFileSync(file, `${value}\n`, { flag: "r+" });
    return true;
  } catch {
    return false;
  }
}
