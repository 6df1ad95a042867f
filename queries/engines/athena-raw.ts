/** Where raw CloudTrail files lie, and which of them a query may open. */
export interface RawTerms {
  /** `s3://bucket/prefix/AWSLogs`, with the organisation's id where the trail is an organisation's; no slash at its end. */
  readonly location: string;
  /** First day of delivery, `2026/11/20`. */
  readonly since: string;
}

/**
 * CloudTrail's files as Athena reads them where they lie, partitions projected. The deployment makes the same table by
 * Glue's API (infra/facts.ts); a test holds the two columns by column.
 */
export function athenaRawTable({ location, since }: RawTerms): string {
  const properties = {
    classification: "cloudtrail",
    "projection.enabled": "true",
    // Whoever asks names them: a list made at a deployment would leave out who joined after it.
    "projection.account.type": "injected",
    "projection.region.type": "injected",
    "projection.day.type": "date",
    "projection.day.format": "yyyy/MM/dd",
    "projection.day.range": `${since},NOW`,
    "projection.day.interval": "1",
    "projection.day.interval.unit": "DAYS",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena fills these in
    "storage.location.template": `${location}/${"${account}/CloudTrail/${region}/${day}"}`,
  };
  const list = Object.entries(rawColumns).map(([name, type]) => `  \`${name}\` ${type}`);
  const named = Object.entries(properties).map(([name, value]) => `  '${name}' = '${value}'`);
  return `create external table if not exists cloudtrail_raw (\n${list.join(",\n")}\n)
partitioned by (account string, region string, day string)
row format serde 'org.apache.hive.hcatalog.data.JsonSerDe'
stored as inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location '${location}/'
tblproperties (\n${named.join(",\n")}\n)`;
}

const struct = (fields: Readonly<Record<string, string>>): string =>
  `struct<${Object.entries(fields)
    .map(([name, type]) => `${name}:${type}`)
    .join(",")}>`;
const strings = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, "string"]));

/** Hive's type of every column, partitions apart. */
export const rawColumns: Readonly<Record<string, string>> = {
  eventversion: "string",
  useridentity: struct({
    ...strings("type", "principalid", "arn", "accountid", "accesskeyid", "username", "invokedby", "identityprovider"),
    sessioncontext: struct({
      attributes: struct(strings("mfaauthenticated", "creationdate")),
      sessionissuer: struct(strings("type", "principalid", "arn", "accountid", "username")),
      ...strings("sourceidentity", "assumedroot"),
    }),
    onbehalfof: struct(strings("userid", "identitystorearn")),
  }),
  ...strings("eventtime", "eventsource", "eventname", "awsregion", "sourceipaddress", "useragent"),
  ...strings("errorcode", "errormessage", "requestparameters", "responseelements", "additionaleventdata"),
  ...strings("requestid", "eventid", "readonly", "apiversion"),
  resources: `array<${struct(strings("arn", "accountid", "type"))}>`,
  ...strings("eventtype", "recipientaccountid", "serviceeventdetails", "sharedeventid", "vpcendpointid"),
  ...strings("eventcategory", "addendum", "managementevent", "sessioncredentialfromconsole"),
  tlsdetails: struct(strings("tlsversion", "ciphersuite", "clientprovidedhostheader")),
};
