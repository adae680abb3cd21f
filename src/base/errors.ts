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

const isGatewayError = Symbol.for("ipv4-ipv6-gateway.error");

/** An error with a stable code, the one who must act, and what to do. Also known where it was thrown by another of the gateway's bundles. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly [isGatewayError] = true;
  constructor(
    readonly code: string,
    readonly actor: Actor,
    message: string,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static override [Symbol.hasInstance](value: unknown): value is GatewayError {
    return typeof value === "object" && value !== null && isGatewayError in value;
  }
}

/** The message of anything thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
