import type { BuildOptions } from "esbuild";

export const common: BuildOptions;
/** Source by the name of the program that is made of it. */
export const heavy: Readonly<Record<string, string>>;
export const commandLine: BuildOptions;
