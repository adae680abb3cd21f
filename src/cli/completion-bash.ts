/** Completion for bash 4.3 and newer; needs no other package. */
import { aliases } from "./aliases.ts";
import { allCommands, type CommandModel } from "./command-model.ts";

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const keyOf = ({ path }: CommandModel): string => path.join(" ");

/** `path|word` -> what the word leads to. */
function steps(root: CommandModel): readonly string[] {
  return allCommands(root).flatMap((command) => [
    ...command.subcommands.map(
      (sub) => `${quoted(`${keyOf(command)}|${sub.path.at(-1)}`)}) at=${quoted(keyOf(sub))} ;;`,
    ),
    ...command.options.flatMap(({ names, value, choices }) =>
      value === undefined
        ? []
        : names.map((name) => {
            const key = command === root ? `*${quoted(`|${name}`)}` : quoted(`${keyOf(command)}|${name}`);
            return `${key}) takes=${quoted(value === "file" ? "@file" : choices.join(" ") || "@nothing")} ;;`;
          }),
    ),
  ]);
}

/** `path|number of the argument` -> the words it can be. */
const argumentWords = (root: CommandModel): readonly string[] =>
  allCommands(root).flatMap((command) => {
    const subcommands = command.subcommands.map((sub) => sub.path.at(-1));
    const first =
      subcommands.length > 0
        ? [`${quoted(`${keyOf(command)}|0`)}) words=${quoted(subcommands.join(" "))} ;;`]
        : [];
    const own = command.arguments.map(({ name, choices }, i) => {
      const words =
        name === "mac"
          ? `$("$program" "\${config[@]}" complete-macs 2>/dev/null)`
          : quoted(choices.join(" "));
      return `${quoted(`${keyOf(command)}|${i}`)}) words=${words} ;;`;
    });
    return [...first, ...own];
  });

const optionWords = (root: CommandModel): readonly string[] =>
  allCommands(root).map((command) => {
    const names = [...command.options, ...(command === root ? [] : root.options)].flatMap((o) => o.names);
    return `${quoted(keyOf(command))}) words=${quoted([...new Set(names)].join(" "))} ;;`;
  });

const indented = (lines: readonly string[], by: number): string =>
  lines.map((line) => `${" ".repeat(by)}${line}`).join("\n");

export const bashScript = (
  root: CommandModel,
): string => `# bash completion of gateway, made by "gateway completion bash"
_gateway() {
  local IFS=$' \\t\\n' program=\${COMP_WORDS[0]} at= takes= words= arguments=0 i word cur config=() typed=()
  # As typed: bash itself breaks words at the colons of a MAC.
  local line=\${COMP_LINE:0:COMP_POINT}
  read -ra typed <<<"$line"
  [[ $line == *[[:space:]] ]] && typed+=("")
  cur=\${typed[\${#typed[@]} - 1]}
  case \${program##*/} in
${indented(
  [...aliases].map(
    ([name, words]) =>
      `${quoted(name)}) at=${quoted(words.filter((w) => !w.startsWith("-")).join(" "))} program=gateway ;;`,
  ),
  4,
)}
  esac
  for ((i = 1; i < \${#typed[@]} - 1; i++)); do
    word=\${typed[i]}
    if [[ -n $takes ]]; then
      [[ $takes == @file ]] && config=(--config "$word")
      takes=
      continue
    fi
    case "$at|$word" in
${indented(steps(root), 6)}
      *'|-'*) ;;
      *) arguments=$((arguments + 1)) ;;
    esac
  done
  case $takes in
    @file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    @nothing) COMPREPLY=(); return ;;
    '') ;;
    *) COMPREPLY=($(compgen -W "$takes" -- "$cur")); return ;;
  esac
  if [[ $cur == -* ]]; then
    case $at in
${indented(optionWords(root), 6)}
    esac
  else
    case "$at|$arguments" in
${indented(argumentWords(root), 6)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  # Only what follows the last colon is put in.
  [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && COMPREPLY=("\${COMPREPLY[@]#"\${cur%"\${cur##*:}"}"}")
}
complete -F _gateway ${["gateway", ...aliases.keys()].join(" ")}
`;
