import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { acquireLock } from "./lock.ts";

const name = `\0ipv4-ipv6-gateway-test-${process.pid}`;

it("admits one holder at a time", async () => {
  const release = await acquireLock(name);
  await expect(acquireLock(name)).rejects.toMatchObject({ code: "already-running", actor: "operator" });
  await release();
  const again = await acquireLock(name);
  await again();
});

it("holds against other processes, and ends with a process that is killed", async () => {
  const program = `require("node:net").createServer().listen(${JSON.stringify(name)}, () => process.kill(process.pid, "SIGKILL"))
    .on("error", (e) => { process.stdout.write(e.code); process.exit(0); });`;
  const release = await acquireLock(name);
  const other = await promisify(execFile)(process.execPath, ["-e", program]);
  expect(other.stdout).toBe("EADDRINUSE");
  await release();
  await expect(promisify(execFile)(process.execPath, ["-e", program])).rejects.toMatchObject({
    signal: "SIGKILL",
  });
  await (await acquireLock(name))();
});
