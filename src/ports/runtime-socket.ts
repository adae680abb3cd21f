/** The command socket of a program that we run: a line of text there, text back. */
export interface RuntimeSockets {
  /**
   * Sends one line to the Unix socket at `path` and gives all that comes back until the other side closes.
   * Errors: GatewayError "socket-closed" (nobody listens there), "socket-failed" (no end in time, or of the answer).
   */
  ask(path: string, line: string): Promise<string>;
}
