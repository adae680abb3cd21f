import { defineConfig } from "vitest/config";

/** Scenarios on a real kernel; run them inside the sandbox: scripts/lab npx vitest run --config vitest.lab.config.ts [FILE]. */
export default defineConfig({
  test: {
    include: ["lab/scenarios/*.lab.ts"],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
