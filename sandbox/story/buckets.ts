import { type AccountKey, accounts, organisationId, trailBucket } from "./accounts.ts";

interface BucketSpec {
  readonly account: AccountKey;
  readonly name: string;
  readonly policy?: string;
  /** Key → content: a few real objects, so that a minted session has something to read. */
  readonly objects: Readonly<Record<string, string>>;
}

const churn = `week,customers,left,share
2026-W40,18231,402,0.0221
2026-W41,18390,377,0.0205
2026-W42,18544,431,0.0232
2026-W43,18702,389,0.0208
`;

const partners = `partner,delivered_at,rows
acme,2026-10-02T04:10:00Z,120422
acme,2026-10-09T04:11:00Z,119873
`;

const trailPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "AclCheck",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: "s3:GetBucketAcl",
      Resource: `arn:aws:s3:::${trailBucket}`,
    },
    {
      Sid: "Write",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: `arn:aws:s3:::${trailBucket}/AWSLogs/${organisationId}/*`,
      Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
  ],
});

const vaultPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "NobodyDeletes",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket"],
      Resource: ["arn:aws:s3:::northwharf-vault", "arn:aws:s3:::northwharf-vault/*"],
    },
    {
      Sid: "VaultRole",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accounts.backup}:role/BackupVault` },
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::northwharf-vault/*",
    },
  ],
});

export const buckets: readonly BucketSpec[] = [
  { account: "security", name: trailBucket, policy: trailPolicy, objects: {} },
  {
    account: "prodData",
    name: "northwharf-lake",
    objects: {
      "churn/weekly.csv": churn,
      "partners/deliveries.csv": partners,
      "README.txt": "Tables of the lake by subject. Ask in #data before adding one.\n",
    },
  },
  {
    account: "prodData",
    name: "northwharf-reports",
    objects: { "2026/q3/churn.md": "# Churn, third quarter\n\nDown from 2.4 % to 2.2 %. See the table in the lake.\n" },
  },
  {
    account: "prodWeb",
    name: "northwharf-assets",
    objects: { "shop/robots.txt": "User-agent: *\nDisallow: /basket\n", "shop/version.json": '{"release":"4.18"}\n' },
  },
  { account: "prodWeb", name: "northwharf-artifacts", objects: { "shop/4.18/manifest.json": '{"images":3}\n' } },
  { account: "staging", name: "northwharf-staging-fixtures", objects: { "orders.json": '[{"order":1,"items":2}]\n' } },
  { account: "playground", name: "northwharf-playground", objects: { "hello.txt": "Try anything here.\n" } },
  {
    account: "backup",
    name: "northwharf-vault",
    policy: vaultPolicy,
    objects: { "index.json": '{"vaults":["daily"]}\n' },
  },
  { account: "vendor", name: "acme-incoming", objects: {} },
];
