/** nftables in this process, by its own library; a change of a few elements takes a tenth of a millisecond, a program's start a hundred times that. */
import { createRequire } from "node:module";
import type { Ran } from "../run.ts";

/** As nftables has called it since version 0.9.1. */
const LIBRARY = "libnftables.so.1";
/** `NFT_CTX_OUTPUT_JSON` of <nftables/libnftables.h>. */
const JSON_OUTPUT = 1 << 4;

/** One script or command, as one transaction. */
export type RunNft = (script: string, output?: "json") => Ran;

type Koffi = typeof import("koffi");
let shared: RunNft | undefined | "untried" = "untried";

/** Undefined where the library cannot be loaded; the program `nft` is there then. */
export function nftLibrary(): RunNft | undefined {
  if (shared === "untried") shared = load();
  return shared;
}

function load(): RunNft | undefined {
  try {
    return bind(createRequire(import.meta.url)("koffi") as Koffi);
  } catch {
    return undefined;
  }
}

function bind(koffi: Koffi): RunNft | undefined {
  const library = koffi.load(LIBRARY);
  const context: unknown = library.func("void *nft_ctx_new(uint32_t)")(0);
  if (context === null) return undefined;
  library.func("int nft_ctx_buffer_output(void *)")(context);
  library.func("int nft_ctx_buffer_error(void *)")(context);
  const setOutput = library.func("void nft_ctx_output_set_flags(void *, unsigned int)");
  const runCommand = library.func("int nft_run_cmd_from_buffer(void *, const char *)");
  const outputOf = library.func("const char *nft_ctx_get_output_buffer(void *)");
  const errorOf = library.func("const char *nft_ctx_get_error_buffer(void *)");
  return (script, output) => {
    setOutput(context, output === "json" ? JSON_OUTPUT : 0);
    const code = runCommand(context, script) === 0 ? 0 : 1;
    return { code, stdout: outputOf(context) ?? "", stderr: errorOf(context) ?? "" };
  };
}
