import { expect, test } from "vitest";
import { completeRa } from "./router.ts";
import { renderRadvd } from "./servers/radvd.ts";

const defaults = { host: "1", prefix: "2001:db8:a::/64", managed: true, other: false };

test("what a description leaves out depends on the network", () => {
  const options = completeRa({}, defaults);
  expect(options).toMatchObject({
    managed: true,
    other: false,
    rdnss: ["2001:db8:a::1"],
    preference: "medium",
  });
  expect(options.prefixes).toEqual([
    { prefix: "2001:db8:a::/64", onLink: true, autonomous: true, valid: 86_400, preferred: 14_400 },
  ]);
});

test("a withdrawn prefix is not preferred and has no name server", () => {
  const options = completeRa(
    { prefixes: [{ prefix: "2001:db8:a::/64", valid: 0 }, "2001:db8:c::/64"], managed: false },
    defaults,
  );
  expect(options.prefixes[0]).toMatchObject({ valid: 0, preferred: 0 });
  expect(options.rdnss).toEqual(["2001:db8:c::1"]);
  expect(options.managed).toBe(false);
});

test("radvd's configuration", () => {
  const prefixes = [{ prefix: "2001:db8:a::/64", autonomous: false, valid: 0xffffffff, preferred: 60 }];
  const text = renderRadvd("wan", completeRa({ prefixes, dnssl: ["lab.example"], mtu: 1400 }, defaults));
  expect(text).toMatchInlineSnapshot(`
    "interface wan {
      AdvSendAdvert on;
      MinRtrAdvInterval 3;
      MaxRtrAdvInterval 4;
      AdvRASolicitedUnicast on;
      AdvManagedFlag on;
      AdvOtherConfigFlag off;
      AdvDefaultLifetime 1800;
      AdvDefaultPreference medium;
      AdvLinkMTU 1400;
      prefix 2001:db8:a::/64 {
        AdvOnLink on;
        AdvAutonomous off;
        AdvValidLifetime infinity;
        AdvPreferredLifetime 60;
      };
      RDNSS 2001:db8:a::1 { AdvRDNSSLifetime 1800; };
      DNSSL lab.example { AdvDNSSLLifetime 1800; };
    };
    "
  `);
});
