/** Commands about the commands: completion, manual page, schemas. */
import { Argument } from "commander";
import { modelOf } from "../command-model.ts";
import type { ConfigPlace, Output } from "../config-place.ts";
import { explain } from "../help.ts";
import type { Adding, Done } from "./common.ts";

export interface ShellCommands {
  /** @param of a command; undefined: all */
  schema(of: string | undefined): Done;
  /** One a line, nothing at all where they cannot be had. */
  macs(place: ConfigPlace): Done;
}

const shells = ["bash", "zsh"] as const;

export function addShell(
  { program, place, act }: Adding,
  commands: ShellCommands,
  { out, version }: Pick<Output, "out"> & { readonly version: string },
): void {
  explain(
    program.command("completion"),
    "print a script that completes commands in a shell",
    "",
    ["source <(gateway completion bash)", "in this shell"],
    ["gateway completion bash >/etc/bash_completion.d/gateway", "in every bash"],
    ["gateway completion zsh >/usr/share/zsh/site-functions/_gateway", "in every zsh"],
  )
    .addArgument(new Argument("<shell>", "for which").choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { renderCompletion } = await import("../completion.ts");
      out(renderCompletion(modelOf(program), shell));
    });
  explain(
    program.command("man"),
    "print the manual page, as roff",
    "",
    ["gateway man | man -l -", "read it"],
    ["gateway man >/usr/share/man/man1/gateway.1", "install it"],
  ).action(async () => {
    const { renderManPage } = await import("../man-page.ts");
    out(renderManPage(modelOf(program), version));
  });
  explain(
    program.command("schema"),
    "print the JSON Schema of what a command prints with --json",
    "Draft 2020-12. Without a name: of all commands, by name.",
    ["gateway schema devices", ""],
    ["gateway schema port-forward list", ""],
  )
    .argument("[command...]", "as `devices` or `port-forward list`")
    .action((words: readonly string[]) =>
      act(commands.schema(words.length === 0 ? undefined : words.join(" "))),
    );
  program.command("complete-macs", { hidden: true }).action(() => act(commands.macs(place())));
}
