/** What HAProxy says to commands on its runtime socket. */

const registered = "New server registered.";
const deleted = "Server deleted.";
const busy = /^Server still has connections /;
const harmless = /^(|New server registered\.|Server deleted\.|IP changed from .*|no need to change .*)$/;

/** What of the answers is a refusal. */
export const complaintsIn = (answers: string): readonly string[] =>
  answers.split("\n").filter((line) => !harmless.test(line));

/** The servers that could not be deleted because of open connections; undefined when anything else is not as it should be. */
export function serversStill(commands: readonly string[], answers: string): readonly string[] | undefined {
  const lines = answers.split("\n");
  const toAdd = commands.filter((command) => command.startsWith("add server "));
  const toDelete = commands.filter((command) => command.startsWith("del server "));
  const added = lines.filter((line) => line === registered);
  // In the order of the commands.
  const deletions = lines.filter((line) => line === deleted || busy.test(line));
  const refused = complaintsIn(answers).some((line) => !busy.test(line));
  if (refused || added.length !== toAdd.length || deletions.length !== toDelete.length) return undefined;
  return toDelete.flatMap((command, i) =>
    deletions[i] === deleted ? [] : [command.slice(command.indexOf("/") + 1)],
  );
}
