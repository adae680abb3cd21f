/** `docs/api.md`, from what the API says of itself: `/openapi.json`, and the list at `/`. */

/** Of OpenAPI 3.1, what our description has. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const beginning = `# HTTP API

Made from what the gateway says at \`/openapi.json\` (\`npm run docs\`); do not edit. A running gateway has the same there for programs, and at \`/\` a list.

**Where.** \`http://192.168.1.1:5050\`: the LAN address and localhost (\`api.listen\`, \`api.port\`), never the WAN. On the gateway itself also the socket \`/run/ipv4-ipv6-gateway/api.sock\` (on OpenWrt below \`/var/run\`), which root alone can open.

**Who.** *Anybody on the LAN* may read, unless \`api.open_reading = false\`: then reading needs the token as well. *The token* stands in the file that \`api.token_file\` names, else in \`api-token\` in the state directory
(\`/etc/ipv4-ipv6-gateway/api-token\`), and goes into the header \`Authorization: Bearer TOKEN\`. By the socket nothing is needed. Requests of other sites' pages (\`Origin\`), and by names that are not the gateway's (\`Host\`), are refused.

**How.** Requests and answers are JSON in UTF-8, except where another type is given; times are UTC as in RFC 3339. A request has at most 64 KB; an address may ask 150 times in ten seconds. An error has its status code and a sentence: \`{"error": "…"}\`.

\`\`\`
curl http://192.168.1.1:5050/status
curl http://192.168.1.1:5050/devices?status=active
curl http://192.168.1.1:5050/timeline?limit=10
curl http://192.168.1.1:5050/metrics
curl -X POST -H "Authorization: Bearer $(cat /etc/ipv4-ipv6-gateway/api-token)" -H "Content-Type: application/json" \\
  -d '{"port": 9003, "address": "192.168.1.100", "target": 80}' http://192.168.1.1:5050/port-forwards
curl -X PUT -H "Authorization: Bearer $(cat /etc/ipv4-ipv6-gateway/api-token)" -H "Content-Type: application/json" \\
  -d '{"area": "dhcp4", "level": "debug"}' http://192.168.1.1:5050/log-levels
curl --unix-socket /run/ipv4-ipv6-gateway/api.sock http://localhost/health
\`\`\`
`;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const code = (value: unknown): string => `\`${String(value)}\``;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");

/** The name in `#/components/schemas/Name`. */
const nameOf = (ref: string): string => ref.split("/").at(-1) ?? "";
const link = (name: string): string => `[${name}](#${name.toLowerCase()})`;

/** What a value may be, in words. */
function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return link(nameOf(schema.$ref));
  const several = schema.anyOf ?? schema.oneOf;
  if (several) return several.map(typeOf).join(" or ");
  if (schema.allOf) return `${schema.allOf.flatMap((s) => (s.$ref ? [typeOf(s)] : [])).join(", ")} and more`;
  if (schema.enum) return schema.enum.map(code).join(", ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === "object")
    return `map of names to ${typeOf(schema.additionalProperties)}`;
  const { type = "anything", format, minimum, maximum } = schema;
  const word = [type].flat().join(" or ");
  const range = minimum !== undefined && maximum !== undefined ? `, ${minimum} to ${maximum}` : "";
  return `${word}${format === "date-time" ? ", a time" : ""}${range}`;
}

/** A row for each field; what is inside objects that have no name of their own follows with its path. */
function fields(schema: Schema, path = ""): readonly (readonly string[])[] {
  if (schema.items && schema.items.$ref === undefined) return fields(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === "object")
    return fields(schema.additionalProperties, `${path}.NAME`);
  const inherited = (schema.allOf ?? []).flatMap((part) => fields(part, path));
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = path === "" ? name : `${path}.${name}`;
    const may = schema.required?.includes(name) ? "" : " (may be absent)";
    return [[code(at), `${typeOf(field)}${may}`, field.description ?? ""], ...fields(field, at)];
  });
  return [...inherited, ...own];
}

const contentOf = ({ content = {} }: Content): string =>
  Object.entries(content)
    .map(([type, { schema }]) => (type === "application/json" ? typeOf(schema) : code(type)))
    .join(" or ");

function parameterRow({ name, in: place, required, schema }: Parameter): readonly string[] {
  const otherwise = schema.default === undefined ? "" : `; else ${code(schema.default)}`;
  return [code(name), place, `${typeOf(schema)}${required ? "" : otherwise}`, required ? "yes" : "no"];
}

function operationText(title: string, says: string, operation: Operation): string {
  const { parameters = [], requestBody, responses, security } = operation;
  const answers = Object.entries(responses).filter(([status]) => status < "400");
  const refusals = Object.entries(responses).filter(([status]) => status >= "400");
  const parts = [
    `### ${title}`,
    `${says.charAt(0).toUpperCase()}${says.slice(1)}. Who: ${security ? "the token" : "anybody on the LAN"}.`,
    ...(parameters.length > 0
      ? [table(["parameter", "in", "value", "needed"], parameters.map(parameterRow))]
      : []),
    ...(requestBody ? [`Body: ${contentOf(requestBody)}.`] : []),
    answers.map(([status, answer]) => `- ${status}: ${contentOf(answer)}. ${answer.description}.`).join("\n"),
    ...(refusals.length > 0 ? [`Errors: ${refusals.map(([status]) => status).join(", ")}.`] : []),
  ];
  return parts.join("\n\n");
}

/** What each code means, wherever it occurs. */
function errorTable(paths: Description["paths"]): string {
  const all = Object.values(paths).flatMap((path) =>
    Object.values(path).flatMap(({ responses }) => Object.entries(responses)),
  );
  const known = new Map(
    all.filter(([status]) => status >= "400").map(([s, { description }]) => [s, description]),
  );
  return table(
    ["code", "means"],
    [...known].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function schemaText([name, schema]: readonly [string, Schema]): string {
  const base = (schema.allOf ?? []).flatMap(({ $ref }) =>
    $ref ? [`All of ${link(nameOf($ref))}, and:`] : [],
  );
  const words = schema.description === undefined ? [] : [`${schema.description}.`];
  return [`### ${name}`, ...words, ...base, table(["field", "value", "meaning"], fields(schema))].join(
    "\n\n",
  );
}

/** `endpoints`: "METHOD PATH" with what it does, in the order to show. Errors: one of them, or of the description, lacks the other. */
export function renderApiDocument(
  { paths, components }: Description,
  endpoints: Readonly<Record<string, string>>,
): string {
  const described = new Map<string, Operation>(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    ),
  );
  const says = new Map<string, string>([
    ["GET /", "what there is; the dashboard for whoever asks for HTML"],
    ...Object.entries(endpoints),
  ]);
  says.delete("GET /openapi.json");
  const unlike = [...described.keys(), ...says.keys()].filter((t) => !described.has(t) || !says.has(t));
  if (unlike.length > 0) throw new Error(`only listed, or only described: ${unlike.join(", ")}`);
  const operations = [...says].flatMap(([title, text]) => {
    const operation = described.get(title);
    return operation ? [operationText(title, text, operation)] : [];
  });
  return `${[
    beginning,
    "## Requests",
    ...operations,
    "## Errors",
    errorTable(paths),
    "## Values",
    ...Object.entries(components.schemas).map(schemaText),
  ]
    .join("\n\n")
    .replace("\n\n\n", "\n\n")}\n`;
}
