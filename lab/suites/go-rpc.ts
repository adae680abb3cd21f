/** A client for servers of Go's net/rpc over a unix socket: enough of its encoding, gob, to call with plain structs and to hear of errors. */
import { connect, type Socket } from "node:net";

/** Field by field; what is empty is not sent. */
export type GoStruct = readonly (readonly [name: string, value: string | number | Uint8Array])[];

const kinds = { uint: 3, bytes: 5, string: 6 } as const;
const firstOwnId = 65;

export function gobUint(n: number): Buffer {
  if (n < 128) return Buffer.of(n);
  const hex = n.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.of(256 - bytes.length), bytes]);
}

export const gobInt = (n: number): Buffer => gobUint(n < 0 ? -n * 2 - 1 : n * 2);

function gobBytes(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([gobUint(bytes.length), bytes]);
}

const message = (...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([gobUint(body.length), body]);
};

const kindOf = (value: GoStruct[number][1]): number =>
  typeof value === "number" ? kinds.uint : typeof value === "string" ? kinds.string : kinds.bytes;

/** The description of a struct type, sent before its first value. */
export const gobType = (name: string, id: number, fields: GoStruct): Buffer => {
  const [next, end] = [Buffer.of(1), Buffer.of(0)];
  const structType = Buffer.of(3);
  const described = fields.flatMap(([field, value]) => [
    next,
    gobBytes(field),
    next,
    gobInt(kindOf(value)),
    end,
  ]);
  const common = [next, next, gobBytes(name), next, gobInt(id), end];
  return message(gobInt(-id), structType, ...common, next, gobUint(fields.length), ...described, end, end);
};

export function gobValue(id: number, fields: GoStruct): Buffer {
  const parts: Buffer[] = [];
  let last = -1;
  fields.forEach(([, value], n) => {
    if (value === 0 || (typeof value !== "number" && value.length === 0)) return;
    parts.push(gobUint(n - last), typeof value === "number" ? gobUint(value) : gobBytes(value));
    last = n;
  });
  return message(gobInt(id), ...parts, Buffer.of(0));
}

/** Undefined while there are not enough octets. */
export function readUint(
  bytes: Buffer,
  at: number,
): { readonly n: number; readonly next: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 128) return { n: first, next: at + 1 };
  const length = 256 - first;
  if (bytes.length < at + 1 + length) return undefined;
  return { n: bytes.readUIntBE(at + 1, length), next: at + 1 + length };
}

export interface RpcAnswer {
  readonly sequence: number;
  readonly error: string;
}

/** Answers out of a stream: type descriptions are passed over, a header and a body take turns. */
export class AnswerReader {
  #rest = Buffer.alloc(0);
  #bodyComes = false;

  read(chunk: Buffer): RpcAnswer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const answers: RpcAnswer[] = [];
    for (let body = this.#take(); body !== undefined; body = this.#take()) {
      const id = readUint(body, 0);
      if (id === undefined || id.n % 2 === 1) continue;
      if (!this.#bodyComes) answers.push(readHeader(body, id.next));
      this.#bodyComes = !this.#bodyComes;
    }
    return answers;
  }

  #take(): Buffer | undefined {
    const length = readUint(this.#rest, 0);
    if (length === undefined || this.#rest.length < length.next + length.n) return undefined;
    const body = this.#rest.subarray(length.next, length.next + length.n);
    this.#rest = this.#rest.subarray(length.next + length.n);
    return body;
  }
}

/** `ServiceMethod string, Seq uint64, Error string`. */
function readHeader(body: Buffer, start: number): RpcAnswer {
  const answer = { sequence: 0, error: "" };
  let field = 0;
  let at = start;
  for (;;) {
    const delta = readUint(body, at);
    const value = delta && delta.n > 0 ? readUint(body, delta.next) : undefined;
    if (delta === undefined || value === undefined) return answer;
    field += delta.n;
    at = value.next;
    if (field === 2) {
      answer.sequence = value.n;
      continue;
    }
    if (field === 3) answer.error = body.toString("utf8", at, at + value.n);
    at += value.n;
  }
}

const greeting = "CONNECT /_goRPC_ HTTP/1.0\n\n";

/** Calls one method for each of these arguments, all at once on one connection; resolves when all are answered. Errors: the first one answered. */
export async function callAll(path: string, method: string, argumentsOf: readonly GoStruct[]): Promise<void> {
  const socket = connect(path);
  try {
    await hello(socket);
    const answered = allAnswered(socket, argumentsOf.length);
    socket.write(Buffer.concat(requests(method, argumentsOf)));
    await answered;
  } finally {
    socket.destroy();
  }
}

function hello(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("data", (answer) => {
      if (answer.toString().startsWith("HTTP/1.0 200")) resolve();
      else reject(new Error(`no Go RPC: ${answer}`));
    });
    socket.write(greeting);
  });
}

function allAnswered(socket: Socket, count: number): Promise<void> {
  const reader = new AnswerReader();
  let left = count;
  return new Promise((resolve, reject) => {
    socket.on("data", (chunk: Buffer) => {
      for (const { error } of reader.read(chunk)) {
        if (error !== "") reject(new Error(error));
        if (--left === 0) resolve();
      }
    });
    socket.once("close", () => reject(new Error(`the connection ended with ${left} calls unanswered`)));
  });
}

function requests(method: string, argumentsOf: readonly GoStruct[]): Buffer[] {
  const [headerId, argumentId] = [firstOwnId, firstOwnId + 1];
  const header = (n: number): GoStruct => [
    ["ServiceMethod", method],
    ["Seq", n],
  ];
  return argumentsOf.flatMap((fields, n) => [
    ...(n === 0 ? [gobType("Request", headerId, header(0))] : []),
    gobValue(headerId, header(n)),
    ...(n === 0 ? [gobType("Arguments", argumentId, fields)] : []),
    gobValue(argumentId, fields),
  ]);
}
