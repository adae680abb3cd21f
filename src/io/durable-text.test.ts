import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDurableText } from "./durable-text.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "durable-"));
  path = join(directory, "devices.json");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const json = (text: string): string | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return "not JSON";
  }
};
const names = async (): Promise<readonly string[]> => (await readdir(directory)).sort();

describe("saving", () => {
  it("makes the directory and the file for their owner only", async () => {
    const deep = join(directory, "a", "b", "devices.json");
    await openDurableText(deep).save("{}");
    expect((await stat(deep)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, "a", "b"))).mode & 0o777).toBe(0o700);
    expect(await readFile(deep, "utf8")).toBe("{}");
  });

  it("writes through no link, and into no file that was there", async () => {
    const elsewhere = join(directory, "elsewhere");
    await writeFile(elsewhere, "theirs", { mode: 0o644 });
    await symlink(elsewhere, `${path}.tmp`);
    await openDurableText(path).save("{}");
    expect(await readFile(elsewhere, "utf8")).toBe("theirs");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await names()).toEqual(["devices.json", "elsewhere"]);
  });

  it("keeps one backup a run, not one a write", async () => {
    for (const run of [1, 2, 3, 4, 5]) {
      const file = openDurableText(path);
      await file.save(`${run}0`);
      await file.save(`${run}1`);
    }
    const kept = await Promise.all(["", ".1", ".2", ".3"].map((end) => readFile(path + end, "utf8")));
    expect(kept).toEqual(["51", "41", "31", "21"]);
    expect(await names()).toEqual(["devices.json", "devices.json.1", "devices.json.2", "devices.json.3"]);
  });

  it("writes in the order asked, and nothing for the same text", async () => {
    const file = openDurableText(path);
    await Promise.all(Array.from({ length: 20 }, (_, i) => file.save(String(i))));
    const written = (await stat(path)).ino;
    await file.save("19");
    expect(await readFile(path, "utf8")).toBe("19");
    expect((await stat(path)).ino).toBe(written);
  });

  it("writes bytes as they are, after a text and before one", async () => {
    const file = openDurableText(path);
    await file.save("1");
    await file.save(new TextEncoder().encode("Küche"));
    expect(await readFile(path, "utf8")).toBe("Küche");
    await file.save("1");
    expect(await readFile(path, "utf8")).toBe("1");
  });

  it("keeps the old version and says why when it cannot write", async () => {
    const file = openDurableText(path);
    await file.save("1");
    // A directory in the way of the temporary file fails for root as well.
    await mkdir(`${path}.tmp`);
    await expect(file.save("2")).rejects.toMatchObject({ code: "state-write-failed", actor: "operator" });
    expect(await readFile(path, "utf8")).toBe("1");
    await rm(`${path}.tmp`, { recursive: true, force: true });
    await file.save("2");
    expect(await readFile(path, "utf8")).toBe("2");
  });

  it("keeps the old version on a full and on a read-only file system, and says which it is", async () => {
    const program = join(directory, "program.mjs");
    const source = `
      import { readFileSync } from "node:fs";
      import { execFileSync } from "node:child_process";
      import { openDurableText } from ${JSON.stringify(join(import.meta.dirname, "durable-text.ts"))};
      const [, , mounted] = process.argv;
      const file = openDurableText(mounted + "/devices.json");
      await file.save("old");
      const attempt = async (text) => {
        const { code, message, hint } = await file.save(text).catch((error) => error);
        return { code, message, hint, kept: readFileSync(mounted + "/devices.json", "utf8") };
      };
      const full = await attempt("x".repeat(100_000));
      await file.save("newer");
      execFileSync("mount", ["-o", "remount,ro", mounted]);
      console.log(JSON.stringify([full, await attempt("newest")]));`;
    await build({
      stdin: { contents: source, resolveDir: directory },
      outfile: program,
      bundle: true,
      format: "esm",
      platform: "node",
    });
    const { stdout } = await promisify(execFile)("unshare", [
      ...["--user", "--map-root-user", "--mount", "sh", "-c"],
      'mount -t tmpfs -o size=32k none "$1" && exec "$0" "$2" "$1"',
      ...[process.execPath, await mkdtemp(join(directory, "mounted-")), program],
    ]);
    const [full, readOnly] = JSON.parse(stdout) as Record<string, string>[];
    expect(full).toMatchObject({
      code: "state-write-failed",
      message: expect.stringContaining("ENOSPC"),
      hint: expect.stringContaining("space"),
      kept: "old",
    });
    expect(readOnly).toMatchObject({
      code: "state-write-failed",
      message: expect.stringContaining("EROFS"),
      hint: expect.stringContaining("writable"),
      kept: "newer",
    });
  });
});

describe("loading", () => {
  it("finds nothing at first, without complaint", async () => {
    expect(await openDurableText(path).load(json)).toEqual({ text: undefined, problems: [] });
  });

  it("takes the newest good version and sets damaged ones aside", async () => {
    await writeFile(path, "{ cut off");
    await writeFile(`${path}.1`, "also bad");
    await writeFile(`${path}.2`, '{"good":1}');
    const { text, problems } = await openDurableText(path).load(json);
    expect(text).toBe('{"good":1}');
    expect(problems).toHaveLength(3);
    expect(problems[0]).toMatch(
      /devices\.json is damaged \(not JSON\); it was set aside as .*devices\.json\.damaged-\d{4}/,
    );
    expect(problems[2]).toBe(
      `The backup ${path}.2 is used instead; to start afresh, remove the backups as well.`,
    );
    expect((await names()).filter((name) => name.includes("damaged"))).toHaveLength(2);
  });

  it("uses a backup when the file itself is missing", async () => {
    await writeFile(`${path}.1`, "1");
    const { text, problems } = await openDurableText(path).load(json);
    expect(text).toBe("1");
    expect(problems).toEqual([expect.stringContaining("is missing. The backup")]);
  });

  it("keeps three damaged files at most", async () => {
    for (let i = 0; i < 6; i++) {
      await writeFile(path, `bad ${i}`);
      await openDurableText(path).load(json);
    }
    const damaged = (await names()).filter((name) => name.includes("damaged"));
    expect(damaged).toHaveLength(3);
    expect(await readFile(join(directory, damaged[2] ?? ""), "utf8")).toBe("bad 5");
  });

  it("never counts a damaged version as a backup", async () => {
    await writeFile(path, "bad");
    await writeFile(`${path}.1`, "1");
    const file = openDurableText(path);
    await file.load(json);
    await file.save("2");
    expect(await readFile(`${path}.1`, "utf8")).toBe("1");
  });
});
