/** Tables of nftables that hang on a port beside our own one. */
import type { Kernel } from "../../ports/kernel.ts";

/** A script that takes a table away, also where there is none. */
export const removal = (table: string): string => `add table ${table}\ndelete table ${table}\n`;

/** There may be none, and a kernel that knows no such tables. */
export const removeTable = (kernel: Pick<Kernel, "nft">, table: string): Promise<void> =>
  kernel.nft(removal(table)).catch(() => {});
