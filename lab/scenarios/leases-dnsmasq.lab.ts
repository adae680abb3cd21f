import { leaseScenarios } from "../suites/dhcp-leases.ts";

leaseScenarios("dnsmasq");
