/** Who can do something about an error. */
export type Actor =
  /** The person who runs the gateway: configuration, rights, missing packages. */
  | "operator"
  /** The network: servers, switches, registrations. */
  | "network"
  /** The kernel refused or raced; the next pass tries again. */
  | "kernel"
  /** Us: a bug. */
  | "bug";

/** An error with a stable code, the one who must act, and what to do. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  constructor(
    readonly code: string,
    readonly actor: Actor,
    message: string,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The message of anything thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
