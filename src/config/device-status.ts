/** What a device can be: on the command line, in files and in the API. */
export const deviceStatuses = ["pending", "discovering", "active", "inactive", "failed"] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];
