import { expect, test } from "vitest";
import { type Machine, performancePage } from "./performance-page.ts";

const machine: Machine = {
  ...{ architecture: "x86_64", processors: 2, processorModel: "Some Processor", memoryMegabytes: 24_105 },
  ...{ virtual: true, load: 0.04 },
  versions: [
    ["kernel", "6.1.0"],
    ["Node.js", "20.20.2"],
  ],
};

test("a page with the machine, tables, and a bench that failed", () => {
  const page = performancePage(machine, [
    {
      command: "bench/one --rounds 3",
      result: {
        title: "One",
        about: ["Medians of 3 rounds."],
        tables: [
          [
            ["WAY", "a second"],
            ["ours | theirs", "10"],
          ],
          [["EMPTY"]],
        ],
      },
    },
    { command: "bench/two", result: "not within 480 s" },
  ]);
  expect(page.slice(page.indexOf("Machine:"))).toMatchInlineSnapshot(`
    "Machine: virtual machine, x86_64, 2 processors (Some Processor), 24 GB of memory; load average before the first bench: 0.0.
    Versions: kernel 6.1.0, Node.js 20.20.2.

    ## One

    \`bench/one --rounds 3\`

    Medians of 3 rounds.

    | WAY | a second |
    |---|--:|
    | ours \\| theirs | 10 |

    | EMPTY |
    |---|

    ## \`bench/two\`

    No figures: not within 480 s
    "
  `);
});

test("says nothing that changes with the day", () => {
  expect(performancePage(machine, [])).not.toMatch(/\d{4}-\d\d-\d\d|20[2-9]\d/);
});
