/** A client of the API that a stranger's generator makes of /openapi.json. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { generateApi } from "swagger-typescript-api";

const program = `
import { Api } from "./Api.ts";
const api = new Api({ baseUrl: process.argv[2] });
const { data } = await api.devices.devicesList({ status: "active" });
for (const { mac_address, ipv4_wan_address } of data.devices) console.log(mac_address, ipv4_wan_address);
`;

/**
 * Generates the client, and a program with it that prints the active devices: run it as `node FILE URL`.
 * @param parent where a directory is made for it
 */
export async function generatedClient(openapi: unknown, parent: string): Promise<string> {
  const directory = await mkdtemp(join(parent, "client-"));
  const spec = structuredClone(openapi) as NonNullable<Parameters<typeof generateApi>[0]["spec"]>;
  const { files } = await generateApi({ spec, output: false, httpClientType: "fetch", silent: true });
  for (const { fileName, fileExtension, fileContent } of files)
    await writeFile(join(directory, `${fileName}${fileExtension}`), fileContent);
  const outfile = join(directory, "list-devices.mjs");
  await build({
    stdin: { contents: program, resolveDir: directory, loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  return outfile;
}
