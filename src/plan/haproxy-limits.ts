/** What HAProxy may use of the machine. */

/** Descriptors besides those of connections: listeners and sockets of its own, and for each server those HAProxy sets aside for its checks. */
const reserve = 300;
const perServer = 2;
const perDevice = 8;
const least = 2000;

/**
 * `maxconn`: as many connections as the devices may need, or as the limit of open files (`hardFiles`, of our own process) has room for. HAProxy
 * takes two descriptors a connection, and for a quarter of them a pipe of two more to splice.
 */
export function haproxyConnections(maxDevices: number, hardFiles: number): number {
  const room = Math.floor((hardFiles - reserve - maxDevices * perServer) / 2.5);
  return Math.max(50, Math.min(room, Math.max(least, maxDevices * perDevice)));
}

/** The hard limit of open files in /proc/PID/limits; without one there is no limit. */
export function parseOpenFiles(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Whether /proc/PID/uid_map or gid_map knows this id: in a user namespace it may not exist. */
export const mapsId = (idMap: string, id: number): boolean =>
  idMap.split("\n").some((line) => {
    const [first = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return id >= first && id < first + count;
  });
