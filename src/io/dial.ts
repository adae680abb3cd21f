/** Adapter of ports/Dial. */
import { connect } from "node:net";
import type { Dial } from "../ports/dial.ts";

export const systemDial: Dial = {
  open: (ip, port, timeoutMs) =>
    new Promise((resolve) => {
      const socket = connect({ host: ip, port });
      const end = (open: boolean): void => {
        socket.destroy();
        resolve(open);
      };
      socket.setTimeout(timeoutMs, () => end(false));
      socket.once("connect", () => end(true));
      socket.once("error", () => end(false));
    }),
};
