import { lifeScenarios } from "../suites/dhcp-life.ts";

lifeScenarios("kea");
