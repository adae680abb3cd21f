/** Completion for zsh. */
import { aliases } from "./aliases.ts";
import type { CommandModel, OptionModel } from "./command-model.ts";

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const functionOf = ({ path }: CommandModel): string => ["_gateway", ...path].join("_").replaceAll("-", "_");
/** Within a specification of _arguments. */
const plain = (text: string): string => text.replace(/[\\:[\]]/g, "\\$&");

function optionSpec({ names, value, choices, description }: OptionModel): string {
  const text = `[${plain(description)}]`;
  const action = value === "file" ? "_files" : choices.length > 0 ? `(${choices.join(" ")})` : "";
  const takes = value === undefined ? "" : `:${plain(value)}:${action}`;
  const [only = ""] = names;
  if (names.length === 1) return quoted(`${only}${text}${takes}`);
  return `${quoted(`(${names.join(" ")})`)}{${names.join(",")}}${quoted(`${text}${takes}`)}`;
}

const argumentSpecs = ({ arguments: list }: CommandModel): readonly string[] =>
  list.map(({ name, required, variadic, choices }) => {
    const action = name === "mac" ? "_gateway_macs" : choices.length > 0 ? `(${choices.join(" ")})` : "";
    return quoted(`${variadic ? "*" : required ? "" : ":"}:${plain(name)}:${action}`);
  });

const specs = (command: CommandModel, root: CommandModel): readonly string[] => {
  const own = new Set(command.options.flatMap(({ names }) => names));
  const inherited =
    command === root ? [] : root.options.filter(({ names }) => !names.some((n) => own.has(n)));
  return [...command.options, ...inherited].map(optionSpec);
};

function functionText(command: CommandModel, root: CommandModel): string {
  const lines = specs(command, root);
  if (command.subcommands.length === 0)
    return `${functionOf(command)}() {\n  _arguments \\\n${[...lines, ...argumentSpecs(command)].map((l) => `    ${l}`).join(" \\\n")}\n}\n`;
  const list = command.subcommands.map(({ path, summary }) =>
    quoted(`${path.at(-1)}:${summary.replaceAll(":", "\\:")}`),
  );
  const cases = command.subcommands.map(
    (sub) => `        ${sub.path.at(-1)}) ${functionOf(sub)} && ret=0 ;;`,
  );
  return `${functionOf(command)}() {
  local curcontext=$curcontext state line ret=1
  local -a commands
  _arguments -C \\
${[...lines, "'1: :->command'", "'*:: :->rest'"].map((l) => `    ${l}`).join(" \\\n")} && ret=0
  case $state in
    command)
      commands=(
${list.map((l) => `        ${l}`).join("\n")}
      )
      _describe -t commands command commands && ret=0 ;;
    rest)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
  return ret
}
`;
}

function allFunctions(command: CommandModel, root: CommandModel): readonly string[] {
  return [...command.subcommands.flatMap((sub) => allFunctions(sub, root)), functionText(command, root)];
}

export function zshScript(root: CommandModel): string {
  const names = ["gateway", ...aliases.keys()];
  const byAlias = [...aliases].map(([name, words]) => {
    const target = ["_gateway", ...words.filter((word) => !word.startsWith("-"))]
      .join("_")
      .replaceAll("-", "_");
    return `    ${name}) ${target} ;;`;
  });
  return `#compdef ${names.join(" ")}
# zsh completion of gateway, made by "gateway completion zsh"

_gateway_macs() {
  local -a macs
  macs=(\${(f)"$(gateway complete-macs 2>/dev/null)"})
  compadd -a macs
}

${allFunctions(root, root).join("\n")}
_gateway_by_name() {
  case $service in
${byAlias.join("\n")}
    *) _gateway ;;
  esac
}

# Found by the function path, or sourced.
if [[ $funcstack[1] == _gateway ]]; then
  _gateway_by_name "$@"
else
  compdef _gateway_by_name ${names.join(" ")}
fi
`;
}
