/** Scripts that complete command lines in a shell, made of the command line itself. */

import type { CommandModel } from "./command-model.ts";
import { bashScript } from "./completion-bash.ts";
import { zshScript } from "./completion-zsh.ts";

export const renderCompletion = (root: CommandModel, shell: "bash" | "zsh"): string =>
  shell === "bash" ? bashScript(root) : zshScript(root);
