import { expect, test } from "vitest";
import { AnswerReader, gobInt, gobType, gobUint, gobValue, readUint } from "./go-rpc.ts";

const hex = (bytes: Buffer): string => bytes.toString("hex");

// Figures of the package's own documentation, "Encoding details".
test("whole numbers", () => {
  expect(hex(gobUint(7))).toBe("07");
  expect(hex(gobUint(256))).toBe("fe0100");
  expect(hex(gobInt(-129))).toBe("fe0101");
  expect(readUint(gobUint(70_000), 0)).toEqual({ n: 70_000, next: 4 });
  expect(readUint(Buffer.of(0xfe, 1), 0)).toBeUndefined();
});

test("a type and a value", () => {
  const point = [
    ["X", 22],
    ["Y", 33],
  ] as const;
  // As documented for struct { X, Y int }, but with unsigned fields.
  expect(hex(gobType("Point", 65, point))).toBe(
    "1fff8103010105506f696e7401ff820001020101580106000101590106000000",
  );
  expect(hex(gobValue(65, point))).toBe("07ff820116012100");
});

test("empty fields are passed over", () => {
  const value = gobValue(66, [
    ["A", ""],
    ["B", "b"],
    ["C", new Uint8Array()],
    ["D", Uint8Array.of(7)],
  ]);
  expect(hex(value)).toBe("09ff8402016202010700");
});

test("answers that come in pieces, with type descriptions between them", () => {
  const header = (sequence: number, error: string) =>
    gobValue(65, [
      ["ServiceMethod", "DHCP.Allocate"],
      ["Seq", sequence],
      ["Error", error],
    ]);
  const body = gobValue(67, [["Result", "x"]]);
  const stream = Buffer.concat([
    gobType("Response", 65, [["Seq", 0]]),
    ...[header(0, ""), gobType("Result", 67, [["Result", ""]]), body],
    ...[header(300, "no lease"), body],
  ]);
  const reader = new AnswerReader();
  const answers = [...stream].flatMap((octet) => reader.read(Buffer.of(octet)));
  expect(answers).toEqual([
    { sequence: 0, error: "" },
    { sequence: 300, error: "no lease" },
  ]);
});
