import { expect, test } from "vitest";
import { csvOf } from "./csv.ts";

const columns = ["mac", "host"] as const;
const line = (host: string | null): string | undefined =>
  csvOf(columns, [{ mac: "02:00:5e:10:00:01", host }])
    .split("\r\n")
    .slice(1, -1)
    .join("\r\n");

test("a heading, a line a row, and an end of the last line", () => {
  expect(csvOf(columns, [])).toBe("mac,host\r\n");
  expect(line("camera")).toBe("02:00:5e:10:00:01,camera");
  expect(line(null)).toBe("02:00:5e:10:00:01,");
});

test.each([
  ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", `"'\r=1"`],
])("%j becomes no formula", (host, expected) => {
  expect(line(host)).toBe(`02:00:5e:10:00:01,${expected}`);
});

test("commas, quotation marks and line ends stay in their cell", () => {
  expect(line('a,"b"\nc')).toBe('02:00:5e:10:00:01,"a,""b""\nc"');
});
