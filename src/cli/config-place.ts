/** Which configuration file to read, and whether the user named it or it is the default place. */
export interface ConfigPlace {
  readonly path: string;
  readonly named: boolean;
}

/** Where the configuration is when nobody names a file. */
export const defaultConfigPath = (exists: (path: string) => boolean): string =>
  exists("/etc/openwrt_release") ? "/etc/config/ipv4-ipv6-gateway" : "/etc/ipv4-ipv6-gateway/gateway.toml";

/** Standard output and standard error, as functions that write text as it is. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
