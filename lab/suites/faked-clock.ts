/** A program that sees another time of day; its monotonic clock stays as it is. */

/**
 * The program faketime names its library with a `$LIB`, which musl's loader does not know: it is named anew.
 * @param when as libfaketime takes it: `@1970-01-02 00:00:00`, `+30d`
 */
export const atTime = (when: string): readonly string[] => [
  ...["env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", "-f", when],
  "env",
  `LD_PRELOAD=/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/faketime/libfaketime.so.1`,
];

/** `ip` is of glibc, and complains of what libfaketime shares with it when a program of musl has started it. */
export const besidesAtTime = process.env.LAB_MUSL_LIBRARIES ? ["programs"] : [];
