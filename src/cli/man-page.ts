/** The manual page, as roff for man(7), made of the command line itself. */
import { aliases } from "./aliases.ts";
import type { ArgumentModel, CommandModel, OptionModel } from "./command-model.ts";

/** As it is printed; hyphens stay hyphens that can be copied. */
const text = (words: string): string =>
  words
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("`", "\\(ga")
    .replace(/^(?=[.'])/gm, "\\&");

const bold = (words: string): string => `\\fB${text(words)}\\fR`;
const italic = (words: string): string => `\\fI${text(words)}\\fR`;

/** Commands within a sentence stand between backquotes. */
const sentence = (words: string): string =>
  words
    .split(/`([^`]*)`/)
    .map((part, i) => (i % 2 === 1 ? bold(part) : text(part)))
    .join("");

function argumentText({ name, required, variadic, choices }: ArgumentModel): string {
  const word = `${italic(name)}${variadic ? " ..." : ""}`;
  const shown = choices.length > 0 && required ? choices.map(bold).join("|") : word;
  return required ? shown : `[${shown}]`;
}

const optionText = ({ names, value }: OptionModel): string =>
  `${names.map(bold).join(", ")}${value === undefined ? "" : ` ${italic(value)}`}`;

const optionLines = ({ options }: CommandModel): readonly string[] =>
  options.flatMap((option) => [
    ".TP",
    optionText(option),
    sentence(
      option.choices.length > 0 ? `${option.description}: ${option.choices.join(", ")}` : option.description,
    ),
  ]);

function commandLines(command: CommandModel): readonly string[] {
  if (command.subcommands.length > 0) return command.subcommands.flatMap(commandLines);
  const usage = [command.path.map(bold).join(" "), ...command.arguments.map(argumentText)].join(" ");
  const choices = command.arguments.filter((argument) => argument.choices.length > 0);
  return [
    ".TP",
    usage,
    ...paragraphs(command.description),
    ...choices.map((a) => `.br\n${italic(a.name)}: ${a.choices.map(bold).join(", ")}.`),
    ...withoutHelp(command).flatMap((option) => [
      ".RS",
      ".TP",
      optionText(option),
      `${sentence(option.description)}${option.choices.length > 0 ? `: ${option.choices.map(bold).join(", ")}` : ""}`,
      ".RE",
    ]),
  ];
}

/** The option for help is said once, for all. */
const withoutHelp = ({ options }: CommandModel): readonly OptionModel[] =>
  options.filter(({ names }) => !names.includes("--help"));

/** The first line says what it does, without a full stop. */
function paragraphs(description: string): readonly string[] {
  const [first = "", ...rest] = description.split("\n\n");
  const title = `${sentence(first.charAt(0).toUpperCase() + first.slice(1))}.`;
  return [title, ...rest.flatMap((more) => sentence(more).split(/(?<=[.;:]) (?=[A-Z])/))];
}

const exampleLines = (command: CommandModel): readonly string[] => [
  ...command.examples.flatMap(([line, what]) => [".TP", bold(line), sentence(what) || "\\&"]),
  ...command.subcommands.flatMap(exampleLines),
];

const aliasLines = [...aliases].flatMap(([name, words]) => [
  ".TP",
  bold(name),
  bold(["gateway", ...words].join(" ")),
]);

export function renderManPage(root: CommandModel, version: string): string {
  const lines = [
    `.\\" Made by "gateway man".`,
    `.TH GATEWAY 1 "" ${JSON.stringify(`ipv4-ipv6-gateway ${version}`)} "User Commands"`,
    ".SH NAME",
    "gateway \\- IPv4\\-IPv6 gateway with a MAC, a lease and an address for each device",
    ".SH SYNOPSIS",
    `${bold("gateway")} [${bold("-c")} ${italic("file")}] ${italic("command")} [${italic("argument")} ...]`,
    ".SH DESCRIPTION",
    sentence(root.description),
    "The daemon is `gateway run`; the other commands look at it and change it.".replace(
      /`([^`]*)`/,
      (_, command: string) => bold(command),
    ),
    ".SH COMMANDS",
    ...commandLines(root),
    ".SH OPTIONS",
    "These go with every command.",
    ...optionLines(root),
    ".SH EXAMPLES",
    ...exampleLines(root),
    ".SH OTHER NAMES",
    "Started under one of these names, the program is the command beside it.",
    ...aliasLines,
    ".SH ENVIRONMENT",
    ".TP",
    bold("NO_COLOR"),
    "Set and not empty: no colour. Without a terminal there is none either.",
    ".SH FILES",
    ".TP",
    italic("/etc/ipv4-ipv6-gateway/gateway.toml"),
    `The configuration; on OpenWrt ${italic("/etc/config/ipv4-ipv6-gateway")}. ${bold("gateway config show")} explains each key.`,
    ".TP",
    italic("/etc/ipv4-ipv6-gateway/devices.json"),
    "What the gateway knows of the devices.",
    ".TP",
    italic("/run/ipv4-ipv6-gateway/api.sock"),
    "Where the daemon answers the commands.",
    ".SH EXIT STATUS",
    ".TP",
    "0",
    "Good.",
    ".TP",
    "1",
    "Failed.",
    ".TP",
    "2",
    "Wrong usage, or a wrong configuration.",
  ];
  return `${lines
    .flatMap((line) => line.split("\n"))
    .flatMap(broken)
    .join("\n")}\n`;
}

const longest = 78;

/** Long lines of text go on in the next: roff fills them anyway. */
function broken(line: string): readonly string[] {
  const at = line.length > longest && !line.startsWith(".") ? line.lastIndexOf(" ", longest) : -1;
  if (at < 1) return [line];
  return [line.slice(0, at), ...broken(line.slice(at + 1).replace(/^(?=[.'])/, "\\&"))];
}
