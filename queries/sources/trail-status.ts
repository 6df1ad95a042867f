import { CloudTrailClient, DescribeTrailsCommand, GetTrailStatusCommand, type Trail } from "@aws-sdk/client-cloudtrail";

/** How a trail stands, as CloudTrail itself says. */
export interface TrailStatus {
  readonly name: string;
  readonly bucket: string;
  /** `''` or `prefix`: without slashes around. */
  readonly prefix: string;
  readonly organisation: boolean;
  readonly every_region: boolean;
  readonly validated: boolean;
  /** Null where this identity may not ask. */
  readonly logging: boolean | null;
  /** CloudTrail's own word for why it could not deliver last. */
  readonly delivery_error: string | null;
}

/** Trails that this account sees in this Region, other Regions' multi-region ones included. @throws the SDK's errors. */
export async function trailStatuses(
  region: string,
  client: CloudTrailClient = new CloudTrailClient({ region, maxAttempts: 2 }),
): Promise<readonly TrailStatus[]> {
  const { trailList = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
  return Promise.all(trailList.map(async (trail) => statusOf(trail, await loggingOf(client, trail))));
}

const statusOf = (trail: Trail, { logging, delivery_error }: Logging): TrailStatus => ({
  name: trail.Name ?? "",
  bucket: trail.S3BucketName ?? "",
  prefix: trail.S3KeyPrefix ?? "",
  organisation: trail.IsOrganizationTrail === true,
  every_region: trail.IsMultiRegionTrail === true,
  validated: trail.LogFileValidationEnabled === true,
  logging,
  delivery_error,
});

type Logging = Pick<TrailStatus, "logging" | "delivery_error">;

/** The organisation's trail belongs to the management account, whose status other accounts may not always see. */
async function loggingOf(client: CloudTrailClient, { TrailARN: Name }: Trail): Promise<Logging> {
  if (Name === undefined) return { logging: null, delivery_error: null };
  try {
    const status = await client.send(new GetTrailStatusCommand({ Name }));
    return { logging: status.IsLogging === true, delivery_error: status.LatestDeliveryError || null };
  } catch (error) {
    if (error instanceof Error && /AccessDenied|TrailNotFound/.test(error.name))
      return { logging: null, delivery_error: null };
    throw error;
  }
}
