import { readFileSync } from "node:fs";
import path from "node:path";
import { withoutAws } from "./prepare.mjs";

/** Each process gets what it needs and no more: web no AWS_*, no file of the world; functions the sandbox's key alone. */
export function environmentOf(name, world) {
  const base = Object.fromEntries(
    Object.entries(withoutAws(process.env)).filter(
      ([key]) => !key.startsWith("ROLETRAIL_") && !key.startsWith("NEXTAUTH_"),
    ),
  );
  const common = {
    ...world.settings,
    NODE_ENV: "production",
    AWS_EC2_METADATA_DISABLED: "true",
    ROLETRAIL_WORLD: world.name,
    ROLETRAIL_PORT: String(world.port),
    ...(world.kind === "sandbox"
      ? { ROLETRAIL_OIDC_DISCOVERY: `http://127.0.0.1:${world.port + 1}/.well-known/openid-configuration` }
      : {}),
  };
  const files = { ROLETRAIL_HOME: world.home };
  const socket = { ROLETRAIL_SOCKET: world.socket, ROLETRAIL_SOCKET_SECRET: world.socketSecret };
  if (name === "sandbox") return { ...base, ...common, ...files };
  if (name === "functions") return { ...base, ...common, ...files, ...socket, ...trailOf(world), ...awsOf(world) };
  const { ROLETRAIL_HOME: _home, ROLETRAIL_ACCESS: _access, ROLETRAIL_TRAIL: _trail, ...webSettings } = common;
  return {
    ...base,
    ...webSettings,
    ...socket,
    ROLETRAIL_COOKIE_SECRET: world.cookieSecret,
    NEXTAUTH_SECRET: world.cookieSecret,
    NEXTAUTH_URL: `http://localhost:${world.port}`,
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

export function trailOf(world) {
  if (world.kind !== "sandbox") return world.trail === undefined ? {} : { ROLETRAIL_TRAIL: world.trail };
  const { trailBucket } = JSON.parse(readFileSync(path.join(world.folder, "aws.json"), "utf8"));
  return { ROLETRAIL_TRAIL: path.join(world.folder, "s3", trailBucket) };
}

/** In the sandbox the functions' AWS_* are the sandbox's alone, AWS's shared files off. An s3:// trail reads with ambient credentials. */
function awsOf(world) {
  if (world.kind !== "sandbox") {
    if (!world.trail?.startsWith("s3://") && !world.aws) return {};
    const ambient = Object.entries(process.env).filter(([name]) => name.startsWith("AWS_"));
    // Ambient is a machine's own role, too, which its metadata service hands out.
    return { AWS_EC2_METADATA_DISABLED: "false", ...Object.fromEntries(ambient) };
  }
  const key = JSON.parse(readFileSync(path.join(world.folder, "secrets", "functions-aws.json"), "utf8"));
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${world.port + 2}`,
    AWS_REGION: key.region ?? "us-east-1",
    AWS_ACCESS_KEY_ID: key.access_key_id,
    AWS_SECRET_ACCESS_KEY: key.secret_access_key,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}
