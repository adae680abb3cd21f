/** Writes the dashboard of the project in `root` into a directory, `dist/web` unless told; gives the names of its files. */
export function buildWeb(root: string, directory?: string): Promise<string[]>;
